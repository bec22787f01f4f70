internal import COpenSSL
internal import Glibc

/// Has no password for the library, which would ask at the terminal.
private func noPassword(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }

/// A server's certificate with those that vouch for it, and its private key.
///
/// Sendable by hand: it is not changed once it was made, and OpenSSL counts references to its parts atomically.
@safe public final class TLSCertificate: @unchecked Sendable {
    /// One that vouches for the one before it.
    @safe struct Link { let pointer: OpaquePointer }

    // Lifetime: of these three a reference each is this object's own, given back in `deinit`.
    let certificate: OpaquePointer
    let chain: [Link]
    let key: OpaquePointer
    /// When it begins and ends to be valid. Unix seconds.
    public let validFrom: Int64
    public let validUntil: Int64

    /// Reads both from PEM.
    ///
    /// - Parameters:
    ///   - chain: the certificate, then those that vouch for it, in any number.
    ///   - key: the private key, without a password. May be the same bytes.
    public init(chain chainBytes: [UInt8], key keyBytes: [UInt8]) throws(TLSError) {
        let bio = unsafe Self.memory(chainBytes)
        defer { unsafe BIO_free(bio) }
        guard let certificate = unsafe PEM_read_bio_X509_AUX(bio, nil, noPassword, nil) else {
            throw .badCertificate(Self.reasonWithoutCertificate())
        }
        let keyBIO = unsafe Self.memory(keyBytes)
        defer { unsafe BIO_free(keyBIO) }
        guard let key = unsafe PEM_read_bio_PrivateKey(keyBIO, nil, noPassword, nil) else {
            unsafe X509_free(certificate)
            ERR_clear_error()
            throw .badKey("the file does not hold a private key without a password in PEM")
        }
        unsafe self.certificate = certificate
        unsafe self.key = key
        unsafe validFrom = Self.seconds(X509_get0_notBefore(certificate))
        unsafe validUntil = Self.seconds(X509_get0_notAfter(certificate))
        var links: [Link] = []
        while let next = unsafe PEM_read_bio_X509(bio, nil, noPassword, nil) {
            unsafe links.append(Link(pointer: next))
        }
        self.chain = links
        // Where the file ends is an error to the library.
        ERR_clear_error()
        guard unsafe X509_check_private_key(certificate, key) == 1 else {
            ERR_clear_error()
            throw .keyOfAnotherCertificate
        }
    }

    deinit {
        unsafe X509_free(certificate)
        for link in chain { unsafe X509_free(link.pointer) }
        unsafe EVP_PKEY_free(key)
    }

    /// Whether it is for this name, also by a wildcard (RFC 6125).
    public func isValid(for name: String) -> Bool {
        let flags = UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        var name = name
        // Lifetime: the name is read during the call only.
        return name.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) {
                unsafe X509_check_host(certificate, $0.baseAddress, $0.count, flags, nil) == 1
            }
        }
    }

    private static func memory(_ bytes: [UInt8]) -> OpaquePointer? {
        // A copy of the library's own.
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
        unsafe bytes.withUnsafeBytes { _ = unsafe BIO_write(bio, $0.baseAddress, Int32(clamping: $0.count)) }
        return unsafe bio
    }

    private static func reasonWithoutCertificate() -> String {
        let isAbsent = ERR_peek_last_error() & UInt(ERR_REASON_MASK) == UInt(PEM_R_NO_START_LINE)
        let reason = takeReason()
        return isAbsent ? "the file does not hold a certificate in PEM" : reason
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = unsafe tm()
        // Both are valid during the call.
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return unsafe Int64(timegm(&parts))
    }
}

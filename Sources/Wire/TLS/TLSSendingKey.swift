internal import COpenSSL

/// The key that a session sends with, and the number of the next record: all that somebody else needs to send in its place.
///
/// In the form in which Linux takes it (`<linux/tls.h>`): version and cipher of 2 bytes each; then, as the cipher has them, the nonce's
/// part that records carry, the key, the part that they do not, and at the end 8 bytes of the next record's number.
struct TLSSendingKey {
    private(set) var bytes: [UInt8]

    /// Where the part of the nonce is that each record of TLS 1.2 carries, for AES-GCM (RFC 5288, section 3).
    private static let explicitNonce = 4..<12

    private var hasExplicitNonce: Bool {
        let version = UInt16(bytes[1]) << 8 | UInt16(bytes[0])
        let cipher = UInt16(bytes[3]) << 8 | UInt16(bytes[2])
        return version == UInt16(TLS1_2_VERSION) && cipher != UInt16(TLS_CIPHER_CHACHA20_POLY1305)
    }

    /// Goes on behind records that were sent with this key.
    ///
    /// - Parameter wire: what was sent.
    /// - Returns: false: that is not so many whole records, and the key can't be used.
    mutating func pass(_ wire: UnsafeRawBufferPointer) -> Bool {
        let count = wire.count
        var start = 0
        while start < count {
            // Type, version, length (RFC 8446, section 5.1).
            guard count - start >= 5 else { return false }
            start += unsafe 5 + (Int(wire[start + 3]) << 8 | Int(wire[start + 4]))
            guard start <= count else { return false }
            increment(bytes.count - 8..<bytes.count)
            if hasExplicitNonce { increment(Self.explicitNonce) }
        }
        return true
    }

    /// A number of several bytes, the highest first.
    private mutating func increment(_ place: Range<Int>) {
        for index in place.reversed() {
            bytes[index] &+= 1
            if bytes[index] != 0 { return }
        }
    }
}

internal import COpenSSL

/// The settings of a server's TLS sessions: the certificates, one of which the client's SNI selects, and the rules.
///
/// TLS 1.2 and 1.3 with the ciphers of Mozilla's intermediate configuration, but for those of finite-field Diffie-Hellman, which
/// cost a server much and a client nothing. No renegotiation, no compression, no early data.
///
/// Sendable by hand: nothing of it is changed once it was made, and OpenSSL's contexts may be used by any thread.
@safe public final class TLSServerContext: @unchecked Sendable {
    private static let ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"

    @safe private struct Entry {
        let certificate: TLSCertificate
        /// Lifetime: a reference of this object's own, given back in its `deinit`.
        let context: OpaquePointer
    }

    private var entries: [Entry] = []
    let ticketKeys: TLSTicketKeys
    /// Whether sessions keep the keys that they send with, for whoever is to encrypt in their place.
    let offersKeys: Bool

    /// - Parameter certificates: one at least. The first is for clients that name no host, or one that none is for.
    public init(
        _ certificates: [TLSCertificate], ticketKeys: TLSTicketKeys, offersKeys: Bool = false
    ) throws(TLSError) {
        precondition(!certificates.isEmpty)
        self.ticketKeys = ticketKeys
        self.offersKeys = offersKeys
        for certificate in certificates {
            guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw .noMemory }
            unsafe entries.append(Entry(certificate: certificate, context: context))
            try unsafe configure(context, certificate)
        }
    }

    deinit { for entry in entries { unsafe SSL_CTX_free(entry.context) } }

    private func configure(_ context: OpaquePointer, _ certificate: TLSCertificate) throws(TLSError) {
        unsafe copenssl_set_minimum(context)
        unsafe SSL_CTX_set_options(context, copenssl_server_options | (offersKeys ? copenssl_offer_keys : 0))
        // A session's buffers are 34 KiB while they are there.
        unsafe copenssl_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        // Tickets are all that is remembered of a session: by the client.
        unsafe copenssl_set_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        unsafe SSL_CTX_set_num_tickets(context, 1)
        unsafe SSL_CTX_set_timeout(context, Int(ticketKeys.lifetime / 1000))
        guard unsafe SSL_CTX_set_cipher_list(context, Self.ciphers) == 1,
            unsafe SSL_CTX_set_ciphersuites(context, Self.suites) == 1,
            unsafe copenssl_set_groups(context, Self.groups) == 1
        else { throw .violation(takeReason()) }
        guard unsafe SSL_CTX_use_certificate(context, certificate.certificate) == 1 else {
            throw .badCertificate(takeReason())
        }
        for link in certificate.chain where unsafe copenssl_add_chain(context, link.pointer) != 1 {
            throw .badCertificate(takeReason())
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, certificate.key) == 1 else { throw .badKey(takeReason()) }
        unsafe setCallbacks(context)
    }

    /// The context of the certificate for this name; nil: the first one's.
    func context(for name: String) -> OpaquePointer? {
        unsafe entries.first { $0.certificate.isValid(for: name) }?.context
    }

    var contexts: [OpaquePointer] { unsafe entries.map { unsafe $0.context } }

    var first: OpaquePointer { unsafe entries[0].context }
}

internal import COpenSSL

/// What a client's sessions are made with. It believes any certificate: it is for tests and load on servers of one's own.
///
/// Sendable by hand: nothing of it is changed once it was made, and OpenSSL's contexts may be used by any thread.
@safe public final class TLSClientContext: @unchecked Sendable {
    /// Lifetime: made in `init`, freed in `deinit`.
    let context: OpaquePointer

    /// - Parameter speaksHTTP2: what is offered by ALPN: HTTP/2 or HTTP/1.1.
    public init(speaksHTTP2: Bool) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .noMemory }
        unsafe self.context = context
        unsafe copenssl_set_minimum(context)
        unsafe copenssl_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        let offer = speaksHTTP2 ? [2] + Array("h2".utf8) : [8] + Array("http/1.1".utf8)
        // The library copies the list, and answers 0 for success here.
        guard unsafe SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count)) == 0 else { throw .noMemory }
    }

    deinit { unsafe SSL_CTX_free(context) }
}

internal import COpenSSL

/// The settings of a client's TLS sessions. A client believes any certificate: it is for tests and load on servers of one's own.
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
        let name = speaksHTTP2 ? ApplicationProtocol.http2 : ApplicationProtocol.http1
        let offer = [UInt8(name.count)] + name
        // The library copies the list, and answers 0 for success here.
        guard unsafe SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count)) == 0 else { throw .noMemory }
    }

    deinit { unsafe SSL_CTX_free(context) }
}

import COpenSSL

@testable import TLS

/// What a client could do, and the project's own does not.
extension TLSSession {
    /// A ticket of the server's. Freed by nobody: a test's process ends soon.
    @safe struct Ticket { let session: OpaquePointer }

    /// Whether the server has shown a certificate for this name.
    func peerIsValid(for name: String) -> Bool {
        let certificate = unsafe SSL_get1_peer_certificate(session)
        defer { unsafe X509_free(certificate) }
        return unsafe X509_check_host(certificate, name, name.utf8.count, 0, nil) == 1
    }

    func takeTicket() -> Ticket? {
        guard let ticket = unsafe SSL_get1_session(session), unsafe SSL_SESSION_is_resumable(ticket) == 1 else {
            return nil
        }
        return unsafe Ticket(session: ticket)
    }

    /// Speaks one version with one cipher, as OpenSSL names it.
    func speakOnly(_ version: Int32, _ cipher: String) {
        _ = unsafe SSL_ctrl(session, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
        _ = unsafe SSL_ctrl(session, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        _ =
            unsafe version == TLS1_3_VERSION
            ? SSL_set_ciphersuites(session, cipher) : SSL_set_cipher_list(session, cipher)
    }

    /// Tells the server that it sends with a new key from now on, and that the server is to do so too (RFC 8446, section 4.6.3).
    func askForNewKeys() { _ = unsafe SSL_key_update(session, SSL_KEY_UPDATE_REQUESTED) }

    /// A copy of it: the library takes a ticket for spent whose connection was not ended in order.
    func use(_ ticket: Ticket) { _ = unsafe SSL_set_session(session, SSL_SESSION_dup(ticket.session)) }
}

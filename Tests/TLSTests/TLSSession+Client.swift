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

    /// A copy of it: the library takes a ticket for spent whose connection was not ended in order.
    func use(_ ticket: Ticket) { _ = unsafe SSL_set_session(session, SSL_SESSION_dup(ticket.session)) }
}

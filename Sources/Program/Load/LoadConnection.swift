internal import HTTP2
internal import Reactor
internal import TLS

/// One connection of a load over HTTP/2, and what its clients share.
final class LoadConnection {
    let descriptor: Int32
    let session: HTTP2ClientSession
    /// Nil: it is plain, or TLS has not begun.
    var tls: (shared: LoadTLS, session: TLSSession)?
    /// What the socket had no room for, and how much of it is sent by now.
    private var output: [UInt8] = []
    private var sent = 0
    var isConnected = false
    /// The server has said how many streams it allows.
    var isReady = false
    /// The server takes no new stream here.
    var goAway: HTTP2ErrorCode?
    /// Clients that are not gone.
    var clients = 0
    /// Those of them that have made no request yet.
    var waiting: [Int] = []
    /// The loop tells when there is room for output.
    var watchesRoom = true

    init(_ descriptor: Int32) throws(HTTP2Error) {
        self.descriptor = descriptor
        // The windows of a browser, so that the server has as many updates of them to read as browsers send.
        session = try HTTP2ClientSession(windows: .browser)
    }

    /// There is output that the socket has no room for.
    var hasOutput: Bool { !output.isEmpty }

    /// Sends what the session has to send, as far as there is room. The session is asked for more only when all before is
    /// gone, so that it sees when the server takes nothing.
    ///
    /// - Throws: `brokenOff` when there is no connection any more.
    func send() throws(StreamFault) {
        while true {
            if output.isEmpty {
                do { try session.takeOutput(into: &output) } catch { throw StreamFault(error) }
                guard !output.isEmpty else { return }
            }
            let rest = sent
            // Lifetime: the kernel copies the bytes before the call returns.
            let transfer = unsafe output.withUnsafeBytes { output in
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: output[rest...])
                if let tls { return unsafe tls.shared.send(descriptor, tls.session, bytes) }
                return unsafe Socket.send(descriptor, bytes)
            }
            switch transfer {
            case .bytes(let count): sent += count
            case .wouldBlock: return
            case .ended, .failed: throw .brokenOff
            }
            if sent == output.count {
                output.removeAll(keepingCapacity: true)
                sent = 0
            }
        }
    }
}

import Synchronization

/// An HTTP/2 server on loopback, without TLS, that answers as a test tells it to.
final class HTTP2Server: Sendable {
    /// What follows when the answers so far are sent.
    enum Then: Sendable {
        case goOn
        /// These bytes, which are no frames of the session.
        case send([UInt8])
        /// After these bytes too.
        case hangUp(with: [UInt8] = [])
    }

    /// - Parameter number: of the request, counted from 0 over all connections.
    typealias Script = @Sendable (_ peer: HTTP2Peer, _ request: HTTP2Peer.Request, _ number: Int) -> Then

    private let listener: LoopbackListener
    private let counts = Counts()

    private final class Counts: Sendable {
        let requests = Atomic(0)
        let connections = Atomic(0)
    }

    init(streamLimit: UInt32? = nil, _ script: @escaping Script) throws {
        let counts = counts
        listener = try LoopbackListener { connection in
            counts.connections.add(1, ordering: .relaxed)
            let peer = HTTP2Peer(streamLimit: streamLimit)
            guard connection.send(peer.output()) else { return }
            while let bytes = connection.receive(), !bytes.isEmpty, peer.receive(bytes) {
                for request in peer.takeRequests() {
                    let number = counts.requests.add(1, ordering: .relaxed).oldValue
                    switch script(peer, request, number) {
                    case .goOn: break
                    case .send(let garbage): guard connection.send(peer.output() + garbage) else { return }
                    case .hangUp(let garbage):
                        guard connection.send(peer.output() + garbage) else { return }
                        return connection.finish()
                    }
                }
                guard connection.send(peer.output()) else { return }
            }
        }
    }

    var url: String { listener.url + "/" }
    var connections: Int { counts.connections.load(ordering: .relaxed) }
    func stop() { listener.stop() }
}

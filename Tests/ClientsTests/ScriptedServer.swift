import Synchronization

/// A server on loopback that says what a test tells it to, and remembers what it was asked. Every wait is bounded.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        /// Like `GET /path HTTP/1.1`.
        var line = ""
        /// Names in lower case.
        var headers: [String: String] = [:]
        var body: [UInt8] = []
    }

    enum Step: Sendable {
        case send(String)
        case sendBytes([UInt8])
        /// Ends the connection.
        case close
        /// Waits until the client ends it.
        case awaitClose
    }

    typealias Script = @Sendable (_ number: Int, Request) -> [Step]

    private let listener: LoopbackListener
    private let state: Shared

    private final class Shared: Sendable {
        let values = Mutex(Values())
    }

    private struct Values {
        var requests: [Request] = []
        var closedByClient = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// - Parameter script: what to do with the request of a number, counted from 0 over all connections.
    init(_ script: @escaping Script) throws {
        let state = Shared()
        self.state = state
        listener = try LoopbackListener { Self.serve($0, script, state) }
    }

    var port: Int { listener.port }
    var url: String { listener.url }
    var requests: [Request] { state.values.withLock { $0.requests } }

    /// Ends the listening; connections end by themselves.
    func stop() { listener.stop() }

    /// Returns when a client has ended a connection that awaited it.
    func clientClosed() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.values.withLock { state in
                if state.closedByClient == 0 { state.waiters.append(continuation) }
                return state.closedByClient > 0
            }
            if isClosed { continuation.resume() }
        }
    }

    private static func serve(_ connection: LoopbackListener.Connection, _ script: Script, _ state: Shared) {
        var buffer: [UInt8] = []
        while let request = read(connection, &buffer) {
            let number = state.values.withLock { state in
                state.requests.append(request)
                return state.requests.count - 1
            }
            for step in script(number, request) {
                switch step {
                case .send(let text): if !connection.send(Array(text.utf8)) { return }
                case .sendBytes(let bytes): if !connection.send(bytes) { return }
                case .close: return
                case .awaitClose:
                    while let bytes = connection.receive(), !bytes.isEmpty {}
                    let waiters = state.values.withLock { state in
                        state.closedByClient += 1
                        defer { state.waiters = [] }
                        return state.waiters
                    }
                    for waiter in waiters { waiter.resume() }
                    return
                }
            }
        }
    }

    private static func read(_ connection: LoopbackListener.Connection, _ buffer: inout [UInt8]) -> Request? {
        var head: (request: Request, length: Int, total: Int)?
        while true {
            if head == nil, let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                var request = Request(line: String(lines.first ?? ""))
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    request.headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].dropFirst()) : ""
                }
                let length = Int(request.headers["content-length"] ?? "") ?? 0
                head = (request, end.upperBound, end.upperBound + length)
            }
            if var head, buffer.count >= head.total {
                head.request.body = Array(buffer[head.length..<head.total])
                buffer.removeFirst(head.total)
                return head.request
            }
            guard let bytes = connection.receive(), !bytes.isEmpty else { return nil }
            buffer += bytes
        }
    }
}

extension ScriptedServer.Step {
    /// A whole response.
    static func answer(_ status: Int, _ body: String = "", headers: [String] = []) -> Self {
        let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
        return .send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// The head of an event stream whose end is the connection's.
    static let streamHead = Self.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n:ok\n\n")
}

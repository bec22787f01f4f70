import Glibc
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
        /// Ends the connection.
        case close
        /// Waits until the client ends it.
        case awaitClose
    }

    typealias Script = @Sendable (_ number: Int, Request) -> [Step]

    let port: Int
    private let listener: Int32
    private let script: Script
    private let state = Mutex(State())

    private struct State {
        var requests: [Request] = []
        var closedByClient = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// - Parameter script: what to do with the request of a number, counted from 0 over all connections.
    init(_ script: @escaping Script) throws {
        self.script = script
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Lifetime: the address is used within the closure only.
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isListening else { throw Failure.noSocket }
        Self.start { [self] in accepting() }
    }

    enum Failure: Error { case noSocket }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    /// Ends the listening; connections end by themselves.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Returns when a client has ended a connection that awaited it.
    func clientClosed() async {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if state.closedByClient == 0 { state.waiters.append(continuation) }
                return state.closedByClient > 0
            }
            if isClosed { continuation.resume() }
        }
    }

    private func accepting() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            Self.start { [self] in serve(connection) }
        }
        close(listener)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var buffer: [UInt8] = []
        while let request = read(connection, &buffer) {
            let number = state.withLock { state in
                state.requests.append(request)
                return state.requests.count - 1
            }
            for step in script(number, request) {
                switch step {
                case .send(let text): if !write(connection, Array(text.utf8)) { return }
                case .close: return
                case .awaitClose:
                    while let bytes = receive(connection), !bytes.isEmpty {}
                    let waiters = state.withLock { state in
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

    private func read(_ connection: Int32, _ buffer: inout [UInt8]) -> Request? {
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
            guard let bytes = receive(connection), !bytes.isEmpty else { return nil }
            buffer += bytes
        }
    }

    private func receive(_ connection: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(connection, &bytes, bytes.count, 0)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        // Lifetime: the thread takes the reference that is retained here.
        let work = unsafe Unmanaged.passRetained(Work(body))
        unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                }
                return nil
            }, work.toOpaque())
        pthread_detach(thread)
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

import HTTP2

/// A client that speaks HTTP/2 by prior knowledge over a `TestClient`, and keeps what it was told.
final class HTTP2TestClient {
    let client: TestClient
    private let session: HTTP2ClientSession
    private(set) var statuses: [Int: Int] = [:]
    private(set) var bodies: [Int: [UInt8]] = [:]
    private(set) var ended: Set<Int> = []
    private(set) var resets: [Int: HTTP2ErrorCode] = [:]
    private(set) var goAways = 0

    init(_ client: TestClient) throws {
        self.client = client
        session = try HTTP2ClientSession()
    }

    func get(_ path: String, number: Int, method: String = "GET", fields: [(String, String)] = []) throws -> Int32 {
        let head = HTTP2RequestHead(method: method, authority: "x", path: path, fields: fields.map { ($0.0, $0.1) })
        let stream = try session.request(head, number: number)
        try flush()
        return stream
    }

    /// Asks, and takes it back in the same bytes.
    func askAndCancel(_ path: String, number: Int) throws {
        var output: [UInt8] = []
        let stream = try session.request(
            HTTP2RequestHead(method: "GET", authority: "x", path: path, fields: []), number: number)
        try session.takeOutput(into: &output)
        session.cancel(stream)
        try session.takeOutput(into: &output)
        try client.send(output)
    }

    func cancel(_ stream: Int32) throws {
        session.cancel(stream)
        try flush()
    }

    private func flush() throws {
        var output: [UInt8] = []
        try session.takeOutput(into: &output)
        if !output.isEmpty { try client.send(output) }
    }

    /// Reads until what was told is as wanted.
    func until(_ isMet: (HTTP2TestClient) -> Bool) throws {
        while !isMet(self) {
            let bytes = try client.some()
            guard !bytes.isEmpty else { throw TestClient.Failure(description: "ended early") }
            do { try session.receive(bytes.span) } catch {}
            for event in session.events {
                switch event {
                case .head(let request, let status, _): statuses[request] = status
                case .data(let request, let range): bodies[request, default: []] += bytes[range]
                case .end(let request): ended.insert(request)
                case .reset(let request, let code): resets[request] = code
                case .goAway: goAways += 1
                case .ready: break
                }
            }
            session.removeEvents()
            try? flush()
        }
    }

    func text(_ request: Int) -> String { String(decoding: bodies[request] ?? [], as: UTF8.self) }
}

/// An HTTP client over libcurl: its transfers run on one thread of its own and share connections.
///
/// TLS certificates are verified, redirects of GET are followed five times, and no compression is asked for. A proxy is
/// taken from the environment as by curl, but never for this host itself.
public final class HTTPClient: Sendable {
    public let options: HTTPClientOptions
    private let engine: Engine

    /// - Throws: when libcurl or a thread can't be had.
    public init(options: HTTPClientOptions = HTTPClientOptions()) throws(HTTPClientError) {
        self.options = options
        engine = Engine()
        try engine.start()
    }

    deinit { engine.close() }

    /// Sends a request and waits for the whole response, whatever its status.
    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let stream = try await open(request, isStream: false)
        var body: [UInt8] = []
        while true {
            switch try await stream.next() {
            case .bytes(let bytes): body += bytes
            case .idle: break
            case .end: return HTTPClientResponse(head: stream.head, body: body)
            }
        }
    }

    /// Sends a request and waits for the response's head only.
    ///
    /// - Parameter timeout: milliseconds; nil: as long as it takes, once there is a connection.
    public func stream(
        _ request: HTTPClientRequest, timeout: Int64? = nil
    ) async throws(HTTPClientError) -> HTTPBodyStream {
        try await open(request, isStream: true, timeout: timeout)
    }

    private func open(
        _ request: HTTPClientRequest, isStream: Bool, timeout: Int64? = nil
    ) async throws(HTTPClientError) -> HTTPBodyStream {
        let target = try Target(request.url)
        let transfer = Transfer(request, target, options, isStream: isStream)
        engine.add(transfer)
        return try await HTTPBodyStream(transfer, engine, of: self, timeout: timeout)
    }
}

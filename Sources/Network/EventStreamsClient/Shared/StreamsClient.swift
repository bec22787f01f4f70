internal import HTTPClient

/// A client of any number of servers: follows streams and sends events. Its transfers run on one thread of its own and
/// share connections; let go of it when nothing is followed any more.
///
/// ```swift
/// let client = try StreamsClient()
/// for try await element in client.follow(StreamRequest("https://HOST/v2/stream/recentchange")) {
///     if case .event(let event) = element { print(event.text(at: "title") ?? "") }
/// }
/// ```
public struct StreamsClient: Sendable {
    public let options: ClientOptions
    let http: HTTPClient
    private let timing: ClientTiming

    /// - Throws: `unusable` when libcurl or a thread can't be had.
    public init(_ options: ClientOptions = ClientOptions()) throws(ClientError) {
        try self.init(options, timing: ClientTiming())
    }

    package init(_ options: ClientOptions, timing: ClientTiming) throws(ClientError) {
        self.options = options
        self.timing = timing
        let http = HTTPClientOptions(
            userAgent: options.userAgent, connectTimeout: options.connectTimeout, authorities: options.authorities)
        do throws(HTTPClientError) { self.http = try HTTPClient(options: http) } catch {
            throw .unusable("\(error)")
        }
    }

    /// What happens on a stream, from the request's place on. Nothing is asked for before the first element is.
    public func follow(_ request: StreamRequest) -> EventStream { EventStream(request, self, timing) }

    /// Sends events to an intake.
    ///
    /// - Parameter url: the intake's, such as `https://HOST/v1/events`.
    public func producer(_ url: String, _ options: ProducerOptions = ProducerOptions()) -> EventProducer {
        EventProducer(url, options, self, timing)
    }

    var headers: [HTTPClientField] { options.headers.map { HTTPClientField($0.name, $0.value) } }
}

import Catalogue
import Endpoints
import EventFormats
import EventLog
import EventLogTestKit
import HTTP
import HTTPClient
import HTTPServer
import JSON
import Live
import Reactor
import Redaction
import SchemaLibrary
import Server
import Testing

/// A service on free ports of loopback over a log in memory, whose faults a test chooses.
struct LiveService {
    static let topic = TopicPartition("dc.pages", 0)

    let log: MemoryLog
    let service: EventService
    let client: HTTPClient

    /// Starts it and waits until it is ready.
    ///
    /// - Parameters:
    ///   - served: the log that it uses, where that is not `log` itself.
    ///   - adjust: changes the options before it starts.
    static func start(
        log: MemoryLog = MemoryLog(), served: (any EventLog)? = nil, loops: Int = 1, redactor: Redactor = Redactor(),
        createsTopics: Bool = true, schemas: SchemaLibrary? = nil, configuration: StreamConfiguration? = nil,
        adjusting adjust: (inout ServiceOptions) -> Void = { _ in }
    ) async throws -> LiveService {
        var streams = [PublicStream("pages", topics: [topic.topic]), PublicStream("other", topics: ["dc.other"])]
        if schemas != nil { streams.append(PublicStream("orders", topics: ["dc.orders"], schemaTitle: "shop/order")) }
        if let configuration { streams = try StreamDocument.streams(of: configuration) }
        let loopback = [ListenerOptions.Place.address(try #require(SocketAddress("127.0.0.1", port: 0)))]
        var http = HTTPOptions()
        http.loops = loops
        // A stop waits so long for clients that have not closed their side of the connection.
        http.limits.lingerMilliseconds = 100
        var options = ServiceOptions()
        options.createsTopics = createsTopics
        options.schemas = schemas
        options.topicRefresh = .milliseconds(20)
        adjust(&options)
        let service = try await EventService.start(
            .init(streams: loopback, intake: loopback, admin: loopback), http: http, options: options,
            info: ServiceInfo(name: "test", version: "1", description: "", home: "/"), log: served ?? log,
            policy: .init(
                catalogue: try StreamCatalogue(streams, configuration: configuration ?? .empty), redactor: redactor))
        await service.untilReady()
        return LiveService(log: log, service: service, client: try HTTPClient())
    }

    /// Appends an event with a number; its time in milliseconds.
    func put(_ number: Int, time: Timestamp, in partition: TopicPartition = topic) {
        log.put(partition, timestamp: time, value: Array(#"{"number":\#(number),"meta":{"stream":"pages"}}"#.utf8))
    }

    func get(
        _ target: String, admin: Bool = false, headers: [HTTPClientField] = []
    ) async throws -> HTTPClientResponse {
        let port = admin ? service.ports.admin : service.ports.streams
        let url = "http://127.0.0.1:\(port)\(target)"
        return try await client.send(HTTPClientRequest("GET", url, headers: headers))
    }

    func open(_ target: String, id: String? = nil) async throws -> LiveStream {
        var headers = [HTTPClientField("Accept", "text/event-stream")]
        if let id { headers.append(HTTPClientField("Last-Event-ID", id)) }
        let url = "http://127.0.0.1:\(service.ports.streams)\(target)"
        return LiveStream(try await client.stream(HTTPClientRequest("GET", url, headers: headers), timeout: 20_000))
    }

    func stop() async { await service.stop(over: 0) }
}

/// One client's stream, read item by item. Nothing waits longer than twenty seconds.
final class LiveStream {
    let body: HTTPBodyStream
    private var parser = EventStreamParser()
    private var items: [EventStreamItem] = []

    init(_ body: HTTPBodyStream) { self.body = body }

    struct Ended: Error {}

    func next() async throws -> EventStreamItem {
        while items.isEmpty {
            switch try await body.next(timeout: 20_000) {
            case .bytes(let bytes): items += try parser.push(bytes)
            case .idle, .end: throw Ended()
            }
        }
        return items.removeFirst()
    }

    func event() async throws -> ReceivedEvent {
        while true { if case .event(let event) = try await next() { return event } }
    }

    /// The numbers of the next events, none of which may be a gap.
    func numbers(_ count: Int) async throws -> [Int64] {
        var numbers: [Int64] = []
        while numbers.count < count {
            let event = try await event()
            guard event.type == "message", let number = try JSONValue(event.data)["number"]?.integer else {
                throw Ended()
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Waits for the next heartbeat.
    func heartbeat() async throws {
        while true { if case .comment(let text) = try await next(), text.starts(with: "heartbeat".utf8) { return } }
    }

    /// Waits until the stream says when to come back.
    func retry() async throws -> Int64 {
        while true { if case .retry(let milliseconds) = try await next() { return milliseconds } }
    }
}

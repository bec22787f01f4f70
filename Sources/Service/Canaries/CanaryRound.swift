package import Catalogue
package import EventLog
internal import HTTPClient
package import Intake
internal import JSON
package import SchemaLibrary
internal import Schemas
internal import System

/// Sends a canary through every stream that has them, and waits until each has come out at the other end: made from the schema,
/// taken by the intake, stored, and sent to a client of the stream as to any other.
package struct CanaryRound: Sendable {
    private let catalogue: StreamCatalogue
    private let schemas: SchemaLibrary
    private let intake: Intake
    private let board: CanaryBoard
    private let address: String
    private let timeout: Int64

    /// Canaries in one request of the intake, and streams that one client follows to see them.
    private static let batch = 50

    /// - Parameters:
    ///   - address: of the streams, such as `http://127.0.0.1:8092`.
    ///   - timeout: milliseconds until one that was not seen counts as lost.
    package init(
        _ catalogue: StreamCatalogue, schemas: SchemaLibrary, intake: Intake, board: CanaryBoard, address: String,
        timeout: Int64 = 30_000
    ) {
        self.catalogue = catalogue
        self.schemas = schemas
        self.intake = intake
        self.board = board
        self.address = address
        self.timeout = timeout
    }

    /// - Returns: the streams whose canary did not come through, with the reason.
    package func run(now: @Sendable () -> Timestamp) async -> [String: String] {
        let streams = catalogue.canaryStreams
        board.keep(Set(streams.map(\.name)))
        var events: [CanaryEvent] = []
        for stream in streams {
            if let event = await make(stream.name, title: stream.title, now: now()) { events.append(event) }
        }
        for start in stride(from: 0, to: events.count, by: Self.batch) {
            await carry(Array(events[start..<min(start + Self.batch, events.count)]), now: now())
        }
        return board.all.compactMapValues(\.trouble)
    }

    private func make(_ stream: String, title: String, now: Timestamp) async -> CanaryEvent? {
        var generator = SystemRandomNumberGenerator()
        do throws(SchemaError) {
            let schema = try await schemas.schema(SchemaName(title: title, version: "latest"))
            let id = UUIDText.random(&generator)
            if let event = CanaryEvent(of: stream, schema: schema, id: id, now: now) { return event }
            board.didFail(stream, "its schema \(title) has no example to make a canary from")
        } catch {
            board.didFail(stream, "its schema can't be had: \(error)")
        }
        return nil
    }

    /// Sends some and waits for them. The client is there before they are sent, so that it sees them as they come.
    private func carry(_ events: [CanaryEvent], now: Timestamp) async {
        let names = events.map(\.stream).joined(separator: ",")
        let url = "\(address)/v2/stream/\(names)?canary=true&format=ndjson&filter=meta.domain%20%3D%3D%20%22canary%22"
        let body: HTTPBodyStream
        do {
            body = try await HTTPClient().stream(HTTPClientRequest("GET", url), timeout: timeout)
        } catch {
            for event in events { board.didFail(event.stream, "its stream can't be followed: \(error)") }
            return
        }
        guard body.head.status == 200 else {
            for event in events { board.didFail(event.stream, "its stream was answered with \(body.head.status)") }
            return
        }
        var waiting = await send(events, now: now)
        let watcher = Watcher(body)
        let deadline = ContinuousClock.now + .milliseconds(timeout)
        while !waiting.isEmpty, let id = await watcher.next(until: deadline) {
            if let event = waiting.removeValue(forKey: id) { board.didSee(event.stream, sentAt: now) }
        }
        for event in waiting.values {
            board.didFail(event.stream, "its canary was stored, but did not come through within \(timeout / 1000) s")
        }
    }

    /// - Returns: by id, those that are to come.
    private func send(_ events: [CanaryEvent], now: Timestamp) async -> [String: CanaryEvent] {
        let list = events.map(\.bytes).joined(separator: [UInt8(ascii: ",")])
        var waiting: [String: CanaryEvent] = [:]
        do throws(IntakeError) {
            let outcome = try await intake.store([UInt8(ascii: "[")] + list + [UInt8(ascii: "]")])
            for result in outcome.events where events.indices.contains(result.index) {
                let event = events[result.index]
                if case .refused(let error) = result.fate {
                    board.didFail(event.stream, "its canary was refused: \(error)")
                } else {
                    board.didSend(event.stream, at: now)
                    waiting[event.id] = event
                }
            }
        } catch {
            for event in events { board.didFail(event.stream, "its canary was refused: \(error)") }
        }
        return waiting
    }
}

/// Reads the ids of events from a stream of them, one on each line.
private final class Watcher {
    private let body: HTTPBodyStream
    private var rest: [UInt8] = []
    private var ids: [String] = []

    init(_ body: HTTPBodyStream) { self.body = body }

    /// The id of the next event; nil: the stream has ended, or it is too late.
    func next(until deadline: ContinuousClock.Instant) async -> String? {
        while ids.isEmpty {
            let left = (deadline - ContinuousClock.now).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0, let part = try? await body.next(timeout: milliseconds),
                case .bytes(let bytes) = part
            else { return nil }
            rest += bytes
            while let end = rest.firstIndex(of: 0x0A) {
                if let id = (try? JSONValue(Array(rest[..<end])))?["meta"]?["id"]?.string { ids.append(id) }
                rest.removeSubrange(...end)
            }
        }
        return ids.removeFirst()
    }
}

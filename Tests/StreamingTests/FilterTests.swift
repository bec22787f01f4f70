import EventFilter
import EventFormats
import EventLog
import Streaming
import Testing

/// Clients whose streams have a filter or a list of fields.
@Suite struct FilterTests {
    private static func filtered(_ text: String) throws -> (inout Subscription) -> Void {
        let filter = try EventFilter(text)
        return { $0.filter = filter }
    }

    /// The ids that came without an event.
    private func progress(_ bench: Bench, _ client: Bench.Client) -> [String] {
        var parser = EventStreamParser()
        let items = (try? parser.push(bench.sinks[client.sink].bytes)) ?? []
        return items.compactMap { if case .progress(let id) = $0 { String(decoding: id, as: UTF8.self) } else { nil } }
    }

    private func id(_ offset: Int) -> String {
        #"[{"topic":"t","partition":0,"offset":\#(offset),"timestamp":\#(999 + offset),"entries":1}]"#
    }

    @Test("A client gets just the events that its filter holds for, from the tail, from the log and live")
    func shows() throws {
        let bench = Bench(tailBytes: 300)
        bench.append(t0, 20)
        let client = bench.connect(start: .at([t0: Position(offset: 0)]), try Self.filtered("n in [1, 3, 18, 22]"))
        bench.answer()
        #expect(bench.numbers(client) == ["1", "3", "18"])
        bench.append(t0, 5)
        #expect(bench.numbers(client) == ["1", "3", "18", "22"])
        #expect(bench.events(client).last.map { String(decoding: $0.lastEventID, as: UTF8.self) } == id(23))
    }

    @Test("What a filter hides moves the client's id at heartbeat time, once", arguments: [true, false])
    func progress(isReplay: Bool) throws {
        let bench = Bench()
        bench.append()
        let filter = try Self.filtered("n == 0")
        let client =
            isReplay
            ? bench.connect(start: .at([t0: Position(offset: 0)]), limit: 5, filter)
            : bench.connect(start: .at([t0: Position(offset: 0)]), filter)
        bench.append(t0, 5)
        bench.pass(10_000)
        #expect(progress(bench, client) == [])
        bench.pass(5_000)
        #expect(progress(bench, client) == [id(6)])
        bench.pass(60_000)
        #expect(progress(bench, client) == [id(6)])
        bench.append(t0, 1)
        bench.pass(20_000)
        #expect(progress(bench, client) == [id(6), id(7)])
        #expect(bench.numbers(client) == ["0"])
    }

    @Test("A limit counts what is shown")
    func limit() throws {
        let bench = Bench()
        bench.append(t0, 10)
        let client = bench.connect(
            start: .at([t0: Position(offset: 0)]), limit: 2, try Self.filtered("n > 3 && n != 5"))
        #expect(bench.numbers(client) == ["4", "6"])
        #expect(bench.actions.contains(.finish(client.sink)))
    }

    @Test("Equal filters share one feed, however they are written; others have feeds of their own")
    func feeds() throws {
        let bench = Bench()
        _ = bench.connect(["t"], try Self.filtered("n == 1 && m"))
        _ = bench.connect(["t"], try Self.filtered("m && n in [1.0]"))
        #expect(bench.fanOut.statistics.feeds == 1)
        _ = bench.connect(["t"], try Self.filtered("m || n == 1"))
        _ = bench.connect()
        #expect(bench.fanOut.statistics.feeds == 3)
    }

    @Test("Gaps are told whatever the filter")
    func gaps() throws {
        let bench = Bench()
        bench.append(t0, 4)
        let gap = Gap(t0, from: 0, to: 2, reason: .retention, detail: "")
        let client = bench.connect(
            start: .at([t0: Position(offset: 2)]), gaps: [PendingGap(gap, after: .init(t0, Position(offset: 2)))],
            try Self.filtered("n == 3"))
        #expect(bench.numbers(client) == ["gap 0..2 retention", "3"])
    }

    @Test("Only the fields that are asked for are sent, live and replayed")
    func fields() throws {
        let bench = Bench()
        bench.preparer.version = 7
        bench.append()
        let (some, none) = try (Projection("v"), Projection("-n,-v"))
        let replaying = bench.connect(start: .at([t0: Position(offset: 0)])) { $0.projection = some }
        let client = bench.connect { $0.projection = none }
        bench.append()
        #expect(bench.events(replaying).map { String(decoding: $0.data, as: UTF8.self) } == [#"{"v":7}"#, #"{"v":7}"#])
        #expect(bench.events(client).map { String(decoding: $0.data, as: UTF8.self) } == ["{}"])
    }
}

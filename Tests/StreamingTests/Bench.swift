internal import EventFormats
internal import EventLog
internal import JSON
internal import Streaming
internal import Testing

let t0 = TopicPartition("t", 0)
let t1 = TopicPartition("t", 1)
let u0 = TopicPartition("u", 0)

/// Writes `{"n":OFFSET}` and then the record's value as the data of each record.
struct PlainPreparer: RecordPreparer {
    /// Under any but 0, the data of each record tells it: `{"n":OFFSET,"v":VERSION}`.
    var version = 0
    /// The key of the record at an offset.
    var keys: @Sendable (Offset) -> [UInt8]? = { _ in nil }

    func block(of partition: TopicPartition, _ records: [Record], range: Range<Offset>) -> Block {
        var bytes: [UInt8] = []
        var entries: ContiguousArray<Block.Entry> = []
        var index: [UInt16] = []
        var scanner = JSONScanner()
        for record in records {
            let start = bytes.count
            let kind: Block.Entry.Kind =
                switch record.value.first {
                case UInt8(ascii: "c"): .canary
                case UInt8(ascii: "x"): .skipped
                default: .event
                }
            let rules = version == 0 ? "" : ",\"v\":\(version)"
            bytes +=
                Array("{\"n\":\(record.offset)\(rules)}".utf8) + [UInt8](repeating: 0x20, count: record.value.count - 1)
            scanner.removeAll()
            let data = Array(bytes[start...])
            let isScanned = (try? scanner.scanAll(data.span, depth: 8)) != nil
            entries.append(
                Block.Entry(
                    kind: kind, offset: record.offset, timestamp: record.timestamp, start: start, end: bytes.count,
                    index: isScanned ? Int32(index.count) : -1,
                    keyHash: keys(record.offset).map { Share.hash(ofKey: $0) }))
            if isScanned { scanner.appendIndex(ofTextOf: bytes.count - start, to: &index) }
        }
        return Block(range: range, entries: entries, bytes: bytes, index: index, version: version)
    }
}

/// One loop's fan-out with a tail, a log that is just arrays, and a clock that stands.
final class Bench {
    var tail: Tail
    var fanOut: FanOut<RecordingSinks>
    let sinks = RecordingSinks()
    var now = Moment(monotonic: 1_000_037, wall: 1_700_000_000_037)
    /// What the log holds, by partition.
    var log: [TopicPartition: [Record]] = [:]
    /// What retention has left of it: offsets from here on.
    var first: [TopicPartition: Offset] = [:]
    /// What was asked for and not answered.
    var requests: [BlockKey] = []
    var actions: [SinkAction<Int>] = []
    var preparer = PlainPreparer()

    init(
        _ partitions: [TopicPartition] = [t0], options: FanOutOptions = FanOutOptions(), tailBytes: Int = 1 << 20,
        start: Position = Position(offset: 0)
    ) {
        tail = Tail(maximumBytes: tailBytes)
        fanOut = FanOut(options: options, sinks: sinks, seed: 1, now: now)
        for partition in partitions { tail.add(partition, at: start) }
        wake()
    }

    /// A client and its sink.
    struct Client {
        var sink: Int
        var id: SubscriberID
    }

    func connect(
        _ topics: [String] = ["t"], start: SubscriptionRequest.Start = .live, room: Int = .max,
        heartbeat: Int64 = 15_000, limit: Int? = nil, until: Timestamp? = nil, ends: [TopicPartition: Offset]? = nil,
        gaps: [PendingGap] = [],
        _ change: (inout Subscription) -> Void = { _ in }
    ) -> Client {
        var subscription = Subscription(topics: topics, isChunked: false)
        change(&subscription)
        let sink = sinks.open(room: room)
        let request = SubscriptionRequest(
            subscription, start: start, gaps: gaps, limit: limit, until: until, ends: ends, heartbeat: heartbeat)
        let id = fanOut.subscribe(request, sink: sink, now: now)
        turn()
        return Client(sink: sink, id: id)
    }

    /// Appends records to the log; their timestamps are 1000 and their offset.
    func store(_ partition: TopicPartition = t0, _ count: Int = 1, kind: String = "e", size: Int = 0) {
        for _ in 0..<count {
            let offset = Offset(log[partition]?.count ?? 0)
            log[partition, default: []].append(
                Record(
                    offset: offset, timestamp: 1000 + offset,
                    value: Array(kind.utf8) + [UInt8](repeating: 0x20, count: size)))
        }
    }

    /// Appends a record of each of these times to the log, and moves them to the tail.
    func append(_ partition: TopicPartition = t0, at times: [Timestamp]) {
        for time in times {
            store(partition)
            guard let count = log[partition]?.count else { continue }
            log[partition]?[count - 1].timestamp = time
        }
        ingest(partition)
        wake()
    }

    /// Moves what the log has and the tail has not to the tail, as one block.
    func ingest(_ partition: TopicPartition = t0) {
        guard let number = tail.number(of: partition), let records = log[partition] else { return }
        let end = tail.partitions[number].end.offset
        let fresh = Array(records[Int(end)...])
        guard !fresh.isEmpty else { return }
        tail.append(
            preparer.block(of: partition, fresh, range: end..<Offset(records.count)), to: number)
    }

    /// Records that come in live, seen by all loops.
    func append(_ partition: TopicPartition = t0, _ count: Int = 1, kind: String = "e", size: Int = 0) {
        store(partition, count, kind: kind, size: size)
        ingest(partition)
        wake()
    }

    /// The rules change under which records are prepared; all loops see it.
    func changeRules() {
        preparer.version += 1
        tail.purge(olderThan: preparer.version)
        wake()
    }

    func wake() {
        fanOut.pull(from: tail)
        fanOut.run(now: now)
        turn()
    }

    /// Lets the loop do all that it can do by itself.
    func turn() {
        settle()
        var turns = 0
        while fanOut.hasWork {
            turns += 1
            if turns > 10_000 {
                Issue.record("the loop does not come to rest")
                return
            }
            fanOut.run(now: now)
            settle()
        }
    }

    private func settle() {
        actions += fanOut.takeActions().map(\.action)
        requests += fanOut.takeRequests()
    }

    /// Answers all that was asked for, from the log, in blocks of two records.
    func answer() {
        var rounds = 0
        while !requests.isEmpty {
            rounds += 1
            if rounds > 10_000 {
                Issue.record("it asks without end")
                return
            }
            let key = requests.removeFirst()
            let partition = tail.partitions[key.partition].topicPartition
            if let first = first[partition], key.offset < first {
                answer(key, .missing(next: first, .retention, detail: "gone"))
                continue
            }
            let records = Array((log[partition] ?? []).dropFirst(Int(key.offset)).prefix(2))
            let range = key.offset..<key.offset + Offset(records.count)
            answer(key, .block(preparer.block(of: partition, records, range: range)))
        }
    }

    /// What was asked for last, to be answered by the test.
    func nextRequest() throws -> BlockKey {
        let key = requests.popLast()
        return try #require(key)
    }

    func answer(_ key: BlockKey, _ result: BlockResult) {
        fanOut.blockDidArrive(result, for: key, now: now)
        turn()
    }

    /// The client's socket takes so many bytes more.
    func open(_ client: Client, room: Int = .max) {
        sinks[client.sink].room = room
        fanOut.sinkIsWritable(client.id, now: now)
        turn()
    }

    /// Time passes, with ticks as a loop has them, which is a little late each time.
    func pass(_ milliseconds: Int64) {
        let end = now.monotonic + milliseconds
        while now.monotonic < end {
            let step = min(FanOutOptions.tickInterval + 1, end - now.monotonic)
            now.monotonic += step
            now.wall += step
            fanOut.tick(now: now)
            turn()
        }
    }

    /// Time passes in one step.
    func pass(_ milliseconds: Int64, isTicking: Bool) {
        now.monotonic += milliseconds
        now.wall += milliseconds
        guard isTicking else { return }
        fanOut.tick(now: now)
        turn()
    }

    // MARK: What a client has got

    func text(_ client: Client) -> String { String(decoding: sinks[client.sink].bytes, as: UTF8.self) }

    /// The body's events. Fails the test where it ends within one.
    func events(_ client: Client) -> [ReceivedEvent] {
        var parser = EventStreamParser()
        let items = (try? parser.push(sinks[client.sink].bytes)) ?? []
        if parser.finish() { Issue.record("the body ends within an event") }
        return items.compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    /// The `n` of each event, and `gap FROM..TO REASON` of each gap.
    func numbers(_ client: Client) -> [String] {
        events(client).map { event in
            guard let value = try? JSONValue(event.data) else { return "not JSON" }
            if event.type == "message" {
                let rules = value["v"]?.integer.map { " under \($0)" } ?? ""
                return value["n"]?.integer.map { "\($0)\(rules)" } ?? "no n"
            }
            if event.type == "notice" { return "notice \(value["reason"]?.string ?? "?")" }
            let bounds = ["from", "to"].map { value[$0]?.integer.map { "\($0)" } ?? "?" }
            return "\(event.type) \(bounds.joined(separator: "..")) \(value["reason"]?.string ?? "?")"
        }
    }

    func id(_ client: Client) -> String { String(decoding: events(client).last?.lastEventID ?? [], as: UTF8.self) }
}

/// `["0", "1", ...]`.
func numbers(_ range: Range<Int>) -> [String] { range.map { "\($0)" } }

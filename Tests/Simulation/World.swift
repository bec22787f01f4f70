internal import EventFilter
internal import EventFormats
internal import EventLog
internal import History
internal import Streaming
import System

/// One random history of a server: its log, its loops and its clients, all from one seed.
final class World {
    let seed: UInt64
    var random: SeededGenerator
    let log = SimulatedLog()
    let sinks = SimulatedSinks()
    private(set) var loader: BlockLoader
    /// What one search for the newest events may look through.
    let searchLimits: SearchLimits
    let preparer = CurrentPreparer()
    var options = FanOutOptions()
    var tail: Tail
    var loops: [FanOut<SimulatedSinks>] = []
    /// The ends of the partitions as each loop saw them at its last turn.
    var ends: [[TopicPartition: Offset]] = []
    /// What the loops ask of the log for clients that come.
    var lookups: [SimulatedLookups] = []
    var clients: [SimulatedClient] = []
    var partitions: [TopicPartition] = []
    var now = Moment(monotonic: 1_000_000, wall: 1_700_000_000_000)
    var faults: [Fault: Int] = [:]
    /// Blocks that were asked for, by loop.
    var requests: [(loop: Int, key: BlockKey)] = []
    /// What was read of them, on its way to the loop.
    var answers: [(loop: Int, key: BlockKey, result: BlockResult)] = []
    var names = 0
    /// Partitions that were made anew, of which the live reader has had nothing yet.
    var anew: Set<TopicPartition> = []
    /// Prints what happens.
    var isTraced = false

    /// What all clients' sockets of a loop may hold, where that is little.
    static let smallBudget = 4_000

    init(seed: UInt64) async {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        options.ringBytes = [150, 600, 4_000].randomElement(using: &random) ?? 0
        options.allRingsBytes = [.max, 500].randomElement(using: &random) ?? 0
        options.writeBytes = [70, 300, 2_000].randomElement(using: &random) ?? 0
        options.replayTurnBytes = [100, 5_000].randomElement(using: &random) ?? 0
        options.gzipPieceBytes = [1, 400, 32_768].randomElement(using: &random) ?? 1
        options.stallTimeout = 30_000
        options.replayBytesPerSecond = [0, 0, 1_500, 5_000].randomElement(using: &random) ?? 0
        options.allUnsentBytes = [.max, .max, Self.smallBudget].randomElement(using: &random) ?? .max
        options.maximumAge = Int.random(in: 0..<10, using: &random) == 0 ? 60_000 : 0
        if Bool.random(using: &random) { options.summaryFields = SummaryFields(["wiki"]) ?? .none }
        searchLimits = SearchLimits(records: [100_000, 100_000, 25].randomElement(using: &random) ?? 25)
        tail = Tail(maximumBytes: [1_000, 6_000, 200_000].randomElement(using: &random) ?? 0)
        loader = BlockLoader(
            log: log, preparer: preparer, blockBytes: [150, 4_000].randomElement(using: &random) ?? 0,
            maximumBytes: [0, 1_000, 1 << 20].randomElement(using: &random) ?? 0, summaryFields: options.summaryFields)
        for topic in 0..<Int.random(in: 1...3, using: &random) {
            for number in 0..<Int32.random(in: 1...3, using: &random) {
                addPartition(TopicPartition("t\(topic)", number))
            }
        }
        for _ in 0..<Int.random(in: 0...60, using: &random) { append() }
        await ingest(.max)
        startLoops(Int.random(in: 1...3, using: &random))
    }

    private func startLoops(_ count: Int) {
        loops = (0..<count).map { _ in FanOut(options: options, sinks: sinks, seed: random.next(), now: now) }
        lookups = Array(repeating: SimulatedLookups(), count: count)
        ends = Array(repeating: [:], count: count)
        sinks.versions = Array(repeating: 0, count: count)
        for loop in loops.indices { turn(loop) }
    }

    /// The server begins again, with nothing in memory. All clients have left it.
    func restart() {
        tail = Tail(maximumBytes: tail.maximumBytes)
        loader = BlockLoader(
            log: log, preparer: preparer, blockBytes: 2_000, maximumBytes: 1_000, summaryFields: options.summaryFields)
        requests = []
        answers = []
        anew = []
        for partition in partitions { tail.add(partition, at: Position(offset: 0)) }
        tail.purge(olderThan: preparer.version)
    }

    func restartLoops() { startLoops(loops.count) }

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func count(_ fault: Fault) {
        faults[fault, default: 0] += 1
        if isTraced { print(fault.rawValue) }
    }

    // MARK: The log

    func addPartition(_ partition: TopicPartition) {
        partitions.append(partition)
        partitions.sort()
        log.create(partition)
        tail.add(partition, at: Position(offset: 0))
    }

    func append() {
        guard let partition = partitions.randomElement(using: &random) else { return }
        var jitter = chance(20) ? -Int64.random(in: 0...2_000, using: &random) : 0
        if chance(3) {
            // A clock that is wrong by most of an hour.
            jitter = 3_000_000
            count(.futureRecord)
        }
        let kind = ["e", "e", "e", "e", "e", "e", "c", "x", "h"].randomElement(using: &random) ?? "e"
        let size = chance(5) ? 400 : Int.random(in: 0...60, using: &random)
        let value = Facts.value(kind: kind, &random) + [UInt8](repeating: UInt8(ascii: "."), count: size)
        let key = chance(60) ? Array("k\(Int.random(in: 0..<9, using: &random))".utf8) : nil
        let record = Record(offset: log[partition].bounds.next, timestamp: now.wall + jitter, key: key, value: value)
        log.append(record, to: partition)
        if kind == "c" { count(.hiddenCanary) }
        if kind == "h" { count(.hole) }
    }

    /// What the reader of live records does: moves what is new from the log to the tail.
    func ingest(_ most: Int) async {
        var left = most
        for partition in partitions {
            while left > 0, let count = await ingestNext(partition, left) { left -= count }
        }
    }

    /// Returns how many records it moved; nil when there are none.
    private func ingestNext(_ partition: TopicPartition, _ most: Int) async -> Int? {
        guard let number = tail.number(of: partition) else { return nil }
        let all = log[partition]
        let start = anew.contains(partition) ? 0 : tail.partitions[number].end.offset
        if start < all.first { return skip(partition, number, start..<all.first, .retention) }
        var end = Offset(all.records.count)
        for range in all.damage where range.upperBound > start {
            if range.lowerBound <= start { return skip(partition, number, start..<range.upperBound, .unreadable) }
            end = min(end, range.lowerBound)
        }
        let records = all.records[Int(start)..<Int(end)].filter { !SimulatedPreparer.isHole($0) }.prefix(most)
        guard let last = records.last else {
            // Nothing but a hole before the damage.
            guard end < Offset(all.records.count) else { return nil }
            tail.append(Block(range: start..<end, entries: [], bytes: []), to: number)
            return 0
        }
        if anew.remove(partition) != nil { await loader.forget(partition.topic) }
        let range = start..<last.offset + 1
        // Now and then the rules change after the records were prepared.
        let before = max(preparer.version - (chance(2) ? 1 : 0), 0)
        let block = SimulatedPreparer(version: before).block(of: partition, Array(records), range: range)
        if !tail.append(block, to: number) {
            count(.preparedBefore)
            tail.append(preparer.block(of: partition, Array(records), range: range), to: number)
        }
        await loader.noteLive(preparer.block(of: partition, Array(records), range: range), of: partition)
        return records.count
    }

    /// The live reader lost records: all clients are told.
    private func skip(
        _ partition: TopicPartition, _ number: Int, _ range: Range<Offset>, _ reason: Gap.Reason
    ) -> Int {
        count(.liveLoss)
        let gap = Gap(partition, from: range.lowerBound, to: range.upperBound, reason: reason, detail: "lost")
        tail.append(Block(gap, range: range), to: number)
        return 0
    }

    /// Retention: takes the front of a partition, of what the live reader has had.
    func truncate() {
        guard let partition = partitions.randomElement(using: &random), let number = tail.number(of: partition) else {
            return
        }
        let all = log[partition]
        let last = tail.partitions[number].end.offset
        guard last > all.first else { return }
        log.truncate(partition, before: Offset.random(in: all.first...last, using: &random))
        count(.truncation)
    }

    // MARK: Loops

    func turn(_ loop: Int) {
        let fellBehind = loops[loop].statistics.replaying
        loops[loop].pull(from: tail)
        sinks.versions[loop] = max(tail.version, 0)
        loops[loop].run(now: now)
        if loops[loop].statistics.replaying > fellBehind { count(.fellOutOfRing) }
        for partition in tail.partitions { ends[loop][partition.topicPartition] = partition.end.offset }
        settle(loop)
    }

    /// Does what a loop has asked for.
    func settle(_ loop: Int) {
        requests += loops[loop].takeRequests().map { (loop, $0) }
        for (action, _) in loops[loop].takeActions() {
            switch action {
            case .finish(let sink): sinks[sink]?.isFinished = true
            case .abort(let sink, let reason):
                sinks[sink]?.isClosed = true
                switch reason {
                case .stalled: count(.eviction)
                case .overBudget: count(.overBudget)
                case .outdated: count(.cutOffByRules)
                case .drainTimeout: break
                }
            }
        }
    }

    /// Reads a block that was asked for, or hands over one that was read.
    func answerRequest() async {
        if requests.isEmpty || chance(30), !answers.isEmpty {
            let answer = answers.remove(at: Int.random(in: 0..<answers.count, using: &random))
            count(.lateAnswer)
            return handOver(answer.result, for: answer.key, answer.loop)
        }
        guard !requests.isEmpty else { return }
        let request = requests.remove(at: Int.random(in: 0..<requests.count, using: &random))
        let name = tail.partitions[request.key.partition].topicPartition
        let result = await loader.block(of: name, at: request.key.offset, for: request.key.search)
        if case .unavailable = result { count(.failedRead) }
        if isTraced { print("block \(name) \(request.key.offset): \(result)") }
        if chance(30) {
            answers.append((request.loop, request.key, result))
        } else {
            handOver(result, for: request.key, request.loop)
        }
    }

    private func handOver(_ result: BlockResult, for key: BlockKey, _ loop: Int) {
        loops[loop].blockDidArrive(result, for: key, now: now)
        settle(loop)
    }

    // MARK: Time

    func pass(_ milliseconds: Int64) {
        now.monotonic += milliseconds
        now.wall += milliseconds
        for loop in loops.indices {
            let before = loops[loop].statistics.heartbeatsSent
            loops[loop].tick(now: now)
            if loops[loop].statistics.heartbeatsSent > before { count(.heartbeat) }
            settle(loop)
        }
    }
}

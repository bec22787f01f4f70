internal import EventFormats
internal import EventLog
internal import JSON
internal import Streaming

/// A client, and the oracle's knowledge of what it must get next.
final class SimulatedClient {
    let name: Int
    var subscription: Subscription
    /// What its filter means, and which members of events it asks for.
    let condition: Condition?
    let members: Members
    var loop = 0
    var sink: Int?
    var subscriber: SubscriberID?
    var reader: BodyReader
    var lastID: [UInt8] = []
    /// The next offset that hasn't been told of, by partition.
    var expected: [TopicPartition: Offset] = [:]
    /// Which incarnation of a partition the client has been told of.
    var incarnations: [TopicPartition: Int] = [:]
    /// Partitions of which its id says something of another log, until it is told; with the next record of the log as it
    /// is now that it hasn't had.
    var stale: [TopicPartition: Offset] = [:]
    /// Where it really was, of partitions in which its id of another log was taken at its word: if that proves to be another
    /// later, it may go on there. Until it gets another id.
    var taken: [TopicPartition: Offset] = [:]
    /// When it got its last id, by the wall clock.
    var idTime = Timestamp.min
    /// Where its connection began.
    var began: [TopicPartition: Position] = [:]
    /// Where its loop's partitions ended then: with an `until`, it is to get what is before.
    var ends: [TopicPartition: Offset] = [:]
    /// Whether its last id says that it has had all it asked for.
    var isFulfilled = false
    var limit: Int?
    var until: Timestamp?
    var received = 0
    /// Where it must have been led by ids alone, while it was shown nothing.
    var led: [TopicPartition: Offset] = [:]
    /// Where its ids have led it on this connection: no later id may stand before, and no gap begin.
    private var told: [TopicPartition: Offset] = [:]
    /// Whether it is to be told that the search for its newest events stopped.
    var isToldOfSearch = false
    var hasEnded = false
    /// Takes no bytes.
    var isStalled = false

    init(name: Int, subscription: Subscription, condition: Condition? = nil, members: Members = .all) {
        self.name = name
        self.subscription = subscription
        self.condition = condition
        self.members = members
        reader = BodyReader(subscription)
    }

    /// Another that wants the same.
    convenience init(name: Int, like other: SimulatedClient) {
        self.init(
            name: name, subscription: other.subscription, condition: other.condition, members: other.members)
    }

    func connect(to loop: Int) {
        reader = BodyReader(subscription)
        self.loop = loop
        hasEnded = false
        received = 0
        isFulfilled = false
        isToldOfSearch = false
        told = [:]
    }

    var isConnected: Bool { sink != nil }
    /// Whether it waits for where it starts.
    var isAsking = false
    var isAway: Bool { !isConnected && !isAsking }

    /// Checks what came against the log: it is what the log has next, exactly, or a gap that is true.
    ///
    /// - Parameter version: of the rules that its loop had taken over when it sent these bytes.
    func take(_ bytes: [UInt8], under version: Int, _ log: SimulatedLog, _ count: (Fault) -> Void) throws {
        for item in try reader.push(bytes) {
            if hasEnded { throw Failure("client \(name): something after the end") }
            switch item {
            case .retry: break
            case .progress(let id):
                count(.progress)
                try check(id, log)
            case .heartbeat: count(.lineHeartbeat)
            case .end: hasEnded = true
            case .event("message", let data, let id):
                try takeEvent(data, id, under: version, log)
                if version > 0 { count(.sentUnderNewRules) }
            case .event("gap", let data, let id): try takeGap(data, id, log, count)
            case .event("notice", let data, _) where isToldOfSearch:
                guard try JSONValue(data)["reason"]?.string == "search_stopped" else {
                    throw Failure("client \(name): a notice of something else")
                }
                isToldOfSearch = false
            case .event(let type, _, _): throw Failure("client \(name): an event of type \(type)")
            }
        }
    }

    /// A partition's records as this client knows them.
    func view(_ partition: TopicPartition, _ log: SimulatedLog) -> SimulatedLog.Partition {
        log.partition(partition, incarnation: incarnations[partition] ?? 0)
    }

    private func takeEvent(_ data: [UInt8], _ id: [UInt8], under version: Int, _ log: SimulatedLog) throws {
        guard let meta = try? JSONValue(data)["meta"], let topic = meta["topic"]?.string,
            let number = meta["partition"]?.integer, let offset = meta["offset"]?.integer
        else {
            throw Failure(
                "client \(name): data that no record has: \(String(decoding: data.prefix(80), as: UTF8.self))")
        }
        let partition = TopicPartition(topic, Int32(number))
        guard let next = expected[partition] else {
            throw Failure("client \(name): an event of \(partition), not asked for")
        }
        let records = view(partition, log).records
        guard let visible = nextVisible(records, from: next) else {
            throw Failure("client \(name): \(partition) at \(offset), but there is none after \(next)")
        }
        guard visible == offset else {
            throw Failure("client \(name): \(partition) at \(offset), expected \(visible)")
        }
        guard data == SimulatedPreparer.data(of: records[Int(offset)], in: partition, under: version, members) else {
            throw Failure("client \(name): wrong bytes of \(partition) at \(offset) under the rules \(version)")
        }
        expected[partition] = offset + 1
        received += 1
        try check(id, log)
    }

    private func takeGap(_ data: [UInt8], _ id: [UInt8], _ log: SimulatedLog, _ count: (Fault) -> Void) throws {
        let gap = try JSONValue(data)
        guard let topic = gap["topic"]?.string, let number = gap["partition"]?.integer, let to = gap["to"]?.integer,
            let reason = gap["reason"]?.string.flatMap(Gap.Reason.init(rawValue:))
        else { throw Failure("client \(name): a gap without its members") }
        let partition = TopicPartition(topic, Int32(number))
        guard let next = expected[partition] else {
            throw Failure("client \(name): a gap of \(partition), not asked for")
        }
        let isOld = incarnations[partition] ?? 0 < log.incarnation(of: partition)
        if reason == .topicRecreated, isOld {
            // Up to where the tail ends while it has not heard of it, or to the beginning of the new one.
            guard to == 0 || to >= next else { throw Failure("client \(name): \(partition) goes back: \(gap)") }
            count(.toldMadeAnew)
            if to == 0 {
                incarnations[partition] = log.incarnation(of: partition)
                stale[partition] = nil
                told[partition] = nil
            }
            expected[partition] = to
            return try check(id, log)
        }
        if stale[partition] != nil {
            stale[partition] = nil
            guard to == next, [.failover, .topicRecreated, .retention].contains(reason) else {
                throw Failure("client \(name): resumed by \(gap), not at \(next)")
            }
            return try check(id, log)
        }
        let all = view(partition, log)
        let from = gap["from"]?.integer ?? next
        // Hidden records may lie between.
        guard nextVisible(all.records, from: min(from, next)) ?? .max >= max(from, next) else {
            throw Failure("client \(name): a gap of \(partition) from \(from), expected from \(next)")
        }
        guard from >= told[partition] ?? 0 else {
            throw Failure("client \(name): \(gap), but it was told \(told[partition] ?? 0) before")
        }
        switch reason {
        case .retention, .slow:
            guard nextVisible(all.records, from: all.first) ?? .max >= to else {
                throw Failure("client \(name): told of a gap that is none: \(gap)")
            }
            count(reason == .slow ? .slowGap : .retentionGap)
        case .unreadable:
            guard all.damage.contains(where: { $0.lowerBound <= from && $0.upperBound >= to }) else {
                throw Failure("client \(name): \(partition) can be read from \(from) to \(to)")
            }
            count(.unreadableGap)
        default: throw Failure("client \(name): a gap for no reason: \(reason)")
        }
        expected[partition] = max(next, to)
        try check(id, log)
    }

    /// An id names every partition, at a place that leaves nothing out, with the fingerprint of the record before.
    private func check(_ id: [UInt8], _ log: SimulatedLog) throws {
        guard subscription.format == .sse else { return }
        let cursor = try LastEventID.parse(id, topics: subscription.topics)
        let entries = cursor.entries
        isFulfilled = cursor.isFinal
        for (partition, next) in expected where next > 0 {
            guard entries.contains(where: { $0.topic == partition.topic && $0.partition == partition.partition }) else {
                throw Failure("client \(name): \(partition) is missing in an id")
            }
        }
        for entry in entries {
            let partition = TopicPartition(entry.topic, entry.partition ?? -1)
            if stale[partition] != nil {
                // Until it is told, it must be found out again by whoever resumes from this id.
                // What its id did not name begins where it was added.
                if let place = try place(of: partition), place != entry {
                    throw Failure("client \(name): \(entry) goes on untold")
                }
                continue
            }
            let all = view(partition, log)
            let records = all.records
            // It may go back over records that this client doesn't see.
            guard let next = expected[partition], case .at(let offset)? = entry.place,
                nextVisible(records, from: min(next, offset)) ?? .max >= max(next, offset)
            else { throw Failure("client \(name): id at \(entry), expected \(expected[partition] ?? -1)") }
            if let timestamp = entry.timestamp {
                // Who starts behind a damaged record has the time of the one before that, as it was then.
                // Whoever came with a time that nothing speaks against keeps it until the next record.
                let isRight =
                    try all.timestamp(before: offset) == timestamp
                    || began[partition] == Position(offset: offset, timestamp: timestamp)
                    || entry == place(of: partition)
                guard isRight else {
                    throw Failure(
                        "client \(name): a wrong fingerprint in \(entry), \(all.timestamp(before: offset) ?? -1) is right"
                    )
                }
            }
            guard offset >= told[partition] ?? 0 else {
                throw Failure("client \(name): id at \(entry), but it was told \(told[partition] ?? 0) before")
            }
            expected[partition] = offset
            told[partition] = offset
            if let place = try place(of: partition), place != entry { taken[partition] = nil }
        }
        lastID = id
    }

    /// Begins anew when it comes again.
    func forget() {
        lastID = []
        expected = [:]
        stale = [:]
        taken = [:]
    }

    /// Where its last id stands in a partition.
    func place(of partition: TopicPartition) throws -> RequestedPosition? {
        if lastID.isEmpty { return nil }
        return try LastEventID.parse(lastID, topics: subscription.topics).entries.first {
            $0.topic == partition.topic && $0.partition == partition.partition
        }
    }

    func nextVisible(_ records: [Record], from offset: Offset) -> Offset? {
        var index = Int(offset)
        while index < records.count {
            // Passed, and not sent, wherever it stands.
            if let until, records[index].timestamp >= until {
                index += 1
                continue
            }
            if sees(records[index]) { return Offset(index) }
            index += 1
        }
        return nil
    }

    /// Whether a record's event is one that it asks for.
    func sees(_ record: Record) -> Bool {
        switch SimulatedPreparer.kind(of: record) {
        case .event: break
        case .canary where subscription.includesCanaries: break
        default: return false
        }
        if let share = subscription.share {
            let number = record.key.map { UInt64(Share.hash(ofKey: $0)) } ?? UInt64(record.offset)
            guard number % UInt64(share.count) == UInt64(share.index) else { return false }
        }
        return condition?.holds(Facts(record.value)) ?? true
    }
}

internal import EventFilter
internal import EventFormats
internal import EventLog
internal import History
internal import Streaming

extension World {
    // MARK: Coming

    func newClient() -> SimulatedClient {
        names += 1
        if chance(35), let other = clients.randomElement(using: &random) {
            let client = SimulatedClient(name: names, like: other)
            choose(client)
            return client
        }
        let all = Set(partitions.map(\.topic)).sorted()
        let topics = chance(70) ? all : [all.randomElement(using: &random) ?? ""]
        var subscription = Subscription(topics: topics)
        subscription.includesCanaries = chance(25)
        subscription.ids = chance(30) ? .compact : .json
        subscription.isChunked = chance(80)
        if chance(10) { subscription.format = .ndjson }
        if chance(50) {
            subscription.encoding = .gzip
            count(.compressed)
        }
        if chance(15) {
            subscription.only = partitions.filter { topics.contains($0.topic) }.randomElement(using: &random).map {
                [$0]
            }
            count(.subset)
        }
        var condition: Condition?
        if chance(35) {
            let wanted = Condition(&random)
            condition = wanted
            subscription.filter = try? EventFilter(wanted.text)
            count(.filtered)
        }
        if chance(15) {
            let number = Int.random(in: 2...4, using: &random)
            subscription.share = Share(Int.random(in: 0..<number, using: &random), of: number)
            count(.shared)
        }
        var members = Members.all
        if chance(20) {
            let names = ["wiki", "number", "text"].shuffled(using: &random).prefix(
                Int.random(in: 1...3, using: &random))
            members = chance(50) ? .only(Array(names)) : .without(Array(names))
            subscription.projection = members.text.flatMap { try? Projection($0) }
            count(.projected)
        }
        let client = SimulatedClient(
            name: names, subscription: subscription, condition: condition, members: members)
        choose(client)
        return client
    }

    /// What clients with the same subscription may have of their own.
    private func choose(_ client: SimulatedClient) {
        if chance(10) { client.limit = Int.random(in: 1...20, using: &random) }
        if chance(5) { client.until = now.wall + Int64.random(in: -5_000...20_000, using: &random) }
        clients.append(client)
    }

    /// Connects a client, where its last id says or at a random kind of start. Mostly the log answers at once.
    func connect(_ client: SimulatedClient) async throws {
        client.connect(to: Int.random(in: 0..<loops.count, using: &random))
        let point: StartPoint
        if !client.lastID.isEmpty {
            point = .id(try LastEventID.parse(client.lastID, topics: client.subscription.topics), since: nil)
            count(.resume)
        } else if chance(40) {
            point = .since(now.wall - Int64.random(in: 0...40_000, using: &random))
            count(.startedByTime)
        } else if chance(20) {
            point = .last(Int.random(in: 1...15, using: &random))
            count(.startedByLast)
        } else {
            point = .live
        }
        try ask(client, Question(point, client.subscription))
        if chance(70) { try await answerLookups() }
    }

    /// The log has answered where a client starts.
    func start(_ client: SimulatedClient, _ point: StartPoint, _ start: ResolvedStart) throws {
        defer { client.led = [:] }
        let universe = partitions.filter { client.subscription.includes($0) }
        for partition in universe { findOut(client, partition) }
        for partition in universe where client.expected[partition] == nil {
            client.incarnations[partition] = log.incarnation(of: partition)
        }
        client.ends = ends[client.loop]
        client.began = [:]
        if case .at(let positions) = start.start { client.began = positions }
        for gap in start.gaps { if let after = gap.after { client.began[after.partition] = after.position } }
        try expect(client, point, start, universe)
        if case .at(let positions) = start.start,
            positions.contains(where: { $0.value.offset > ends[client.loop][$0.key] ?? 0 })
        {
            count(.resumedAhead)
        }
        if options.replayBytesPerSecond > 0, start.start != .live { count(.shaped) }
        if isTraced {
            print(
                "client \(client.name): \(point) -> \(start)", client.limit ?? -1, client.until ?? -1, client.expected)
        }
        let sink = sinks.open(capacity: Int.random(in: 60...3_000, using: &random), loop: client.loop)
        client.sink = sink
        let request = SubscriptionRequest(
            client.subscription, start: start.start, gaps: start.gaps, notice: start.notice, limit: client.limit,
            until: client.until, heartbeat: chance(50) ? 15_000 : 5_000)
        client.subscriber = loops[client.loop].subscribe(request, sink: sink, now: now)
        settle(client.loop)
    }

    /// One that left before it was told that a partition was made anew is told when it comes back.
    private func findOut(_ client: SimulatedClient, _ partition: TopicPartition) {
        guard client.expected[partition] != nil, client.incarnations[partition] ?? 0 < log.incarnation(of: partition)
        else { return }
        client.incarnations[partition] = log.incarnation(of: partition)
        client.stale[partition] = 0
        client.taken[partition] = nil
    }

    /// What the oracle expects of a client that starts now.
    private func expect(
        _ client: SimulatedClient, _ point: StartPoint, _ start: ResolvedStart, _ universe: [TopicPartition]
    ) throws {
        switch (point, start.start) {
        case (.id, .at(let positions)):
            // It goes on where its id stood; what it lost the server must tell.
            guard start.only == nil, positions.count == universe.count else {
                throw Failure("a whole id became a part: \(point) \(start), named \(point)")
            }
            // What was added while it was away is new to it; where its topic is another log's, it goes on by time.
            let foreign = Set(start.gaps.lazy.map(\.gap).filter { $0.reason == .failover }.map(\.topic))
            let entries = try LastEventID.parse(client.lastID, topics: client.subscription.topics).entries
            let time = entries.compactMap(\.timestamp).filter { $0 <= now.wall }.max() ?? .min
            for partition in universe where try client.place(of: partition) == nil {
                if foreign.contains(partition.topic) {
                    client.expected[partition] = positions[partition]?.offset ?? 0
                } else if entries.contains(where: { $0.topic == partition.topic }) {
                    client.expected[partition] = 0
                } else {
                    try expectAdded(client, partition, time, start, positions[partition])
                }
            }
            for partition in universe { try expectResumed(client, partition, start, positions[partition]) }
        case (.since(let time), .at(let positions)):
            for partition in universe { client.expected[partition] = firstOffset(partition, time) }
            for partition in universe {
                let missed = client.expected[partition] ?? 0
                guard let position = positions[partition] else { throw Failure("no position for \(partition)") }
                let isTold = start.gaps.contains { $0.after?.partition == partition }
                if missed < log[partition].first, !isTold {
                    throw Failure(
                        "an untold gap of \(partition): \(point) \(start), missed \(missed), first \(log[partition].first) end \(log[partition].records.count) damage \(log[partition].damage) times \(log[partition].records.map(\.timestamp))"
                    )
                }
                if isTold { client.expected[partition] = position.offset }
                if !isTold, position.offset != missed {
                    throw Failure("\(partition) starts at \(position.offset), not \(missed)")
                }
            }
        case (.last(let number), .at(let positions)):
            var shown = 0
            for partition in universe {
                client.expected[partition] = positions[partition]?.offset
                shown += log[partition].records[Int(positions[partition]?.offset ?? 0)...]
                    .count { client.sees($0) }
            }
            let kept = universe.reduce(0) { sum, partition in
                let all = log[partition]
                return sum
                    + all.records[Int(all.first)...].count { client.sees($0) }
            }
            // Damaged records are not found, though they were shown once.
            let isDamaged = universe.contains { !log[$0].damage.isEmpty }
            if start.notice != nil {
                // It looked through all that it may, and did not find so many.
                guard isDamaged || shown < number else {
                    throw Failure("last=\(number) was found, and told that it was not")
                }
                client.isToldOfSearch = true
                count(.cutSearch)
            }
            guard isDamaged || start.notice != nil || shown == min(number, kept) || shown >= number && shown <= kept
            else {
                throw Failure("last=\(number) starts \(shown) before the end of \(kept)")
            }
        default:
            for partition in universe { client.expected[partition] = ends[client.loop][partition] ?? 0 }
        }
    }

    /// A topic that was added to the client's streams begins at the time of its id.
    private func expectAdded(
        _ client: SimulatedClient, _ partition: TopicPartition, _ time: Timestamp, _ start: ResolvedStart,
        _ position: Position?
    ) throws {
        count(.startedInNewTopic)
        let first = firstOffset(partition, time)
        let told = start.gaps.first { $0.after?.partition == partition }
        guard let position else { throw Failure("client \(client.name): no position for \(partition)") }
        let goal = told?.after?.position.offset ?? position.offset
        // Nothing but holes and what is hidden may lie between.
        let next = client.nextVisible(log[partition].records, from: min(goal, first)) ?? .max
        guard told == nil ? next >= max(goal, first) : told?.gap.reason == .retention && first <= goal else {
            throw Failure("client \(client.name): \(partition) was added and begins at \(goal), not at \(first)")
        }
        // Until a gap is told, it stands before it.
        client.expected[partition] = position.offset
        client.incarnations[partition] = log.incarnation(of: partition)
        client.stale[partition] = nil
    }

    /// Where the id was made from another log, the client goes on by time: it may get again what it had, but misses nothing.
    private func expectResumed(
        _ client: SimulatedClient, _ partition: TopicPartition, _ start: ResolvedStart, _ position: Position?
    ) throws {
        let told = start.gaps.first { $0.after?.partition == partition }
        if let place = try client.place(of: partition), place.timestamp != nil, case .at(let offset)? = place.place,
            offset <= log[partition].first || log[partition].damage.contains(where: { $0.contains(offset - 1) })
        {
            count(.goneFingerprint)
        }
        guard let owed = client.stale[partition] else {
            if let led = client.led[partition], told.map({ $0.gap.to ?? .max <= led }) == true {
                throw Failure("client \(client.name): told of a gap of \(partition) where it was led by ids: \(start)")
            }
            guard told == nil || told?.gap.reason == .retention else {
                throw Failure("client \(client.name): \(partition) is as it was: \(start)")
            }
            return
        }
        guard let goal = told?.after?.position.offset ?? position?.offset else {
            throw Failure("client \(client.name): no position for \(partition)")
        }
        let all = log[partition]
        let place = try client.place(of: partition)
        // An id without a time proves nothing, nor does a time that no record can be held against: it is taken at its word.
        let isAtItsWord = told == nil && (place?.timestamp == nil || !all.canRead(before: place?.place))
        // What retention took of the new log nobody can have; the gap tells of it.
        let last = max(owed, client.taken[partition] ?? owed, all.first)
        let visible = client.nextVisible(all.records, from: last) ?? .max
        // Nor can anybody tell that a time which has passed was still to come when the id was made.
        let times = try LastEventID.parse(client.lastID, topics: client.subscription.topics).entries
            .compactMap(\.timestamp)
        let wasToCome = times.contains { $0 > client.idTime && $0 <= now.wall }
        guard visible >= goal || isAtItsWord || wasToCome && told?.gap.reason == .failover else {
            throw Failure("client \(client.name): \(partition) resumed at \(goal), lost from \(visible)")
        }
        // Nor is there a proof where the log has nothing left of what was before.
        guard told != nil || isAtItsWord || all.timestamp(before: goal, from: all.first) == nil else {
            throw Failure("client \(client.name): \(partition) is another and that is not told")
        }
        if told == nil {
            client.stale[partition] = nil
            if isAtItsWord { client.taken[partition] = owed }
        }
        if goal < owed { count(.repeated) }
        client.expected[partition] = goal
    }

    /// The first record whose running maximum reaches a time, whether it is kept or not.
    private func firstOffset(_ partition: TopicPartition, _ time: Timestamp) -> Offset {
        var newest = Timestamp.min
        let records = log[partition].records
        for record in records where !SimulatedPreparer.isHole(record) {
            newest = max(newest, record.timestamp)
            if newest >= time { return record.offset }
        }
        return Offset(records.count)
    }

    // MARK: Receiving

    /// The client reads some of what its socket has.
    func receive(_ client: SimulatedClient, most: Int = .max) throws {
        guard let id = client.sink, let sink = sinks[id] else { return }
        var left = min(most, sink.buffer.count)
        while left > 0 {
            let (bytes, version) = sink.take(left)
            left -= bytes.count
            let id = client.lastID
            try client.take(bytes, under: version, log, count)
            if client.lastID != id { client.idTime = now.wall }
        }
        if sink.isClosed || (sink.isFinished && sink.buffer.isEmpty) {
            if sink.isFinished { try checkEnd(client) }
            return try leave(client)
        }
        if sink.isBlocked, sink.buffer.count < sink.capacity * 2 / 3, let subscriber = client.subscriber {
            sink.isBlocked = false
            loops[client.loop].sinkIsWritable(subscriber, now: now)
            settle(client.loop)
        }
    }

    private func checkEnd(_ client: SimulatedClient) throws {
        if client.subscription.isChunked, !client.hasEnded { throw Failure("client \(client.name): no last chunk") }
        try client.reader.finish()
        if client.subscription.encoding == .gzip { count(.checkedSum) }
        if let limit = client.limit, client.received > limit { throw Failure("client \(client.name): past its limit") }
        if client.limit == client.received { return count(.endedByLimit) }
        guard client.until != nil, client.isFulfilled else { return }
        count(.endedByUntil)
        for (partition, next) in client.expected {
            let view = client.view(partition, log)
            guard let missed = client.nextVisible(view.records, from: next), missed < client.ends[partition] ?? 0,
                client.incarnations[partition] ?? 0 == log.incarnation(of: partition)
            else { continue }
            throw Failure("client \(client.name): ended before \(partition) at \(missed), its until is later")
        }
    }

    // MARK: Leaving

    /// The connection is gone, noticed by the server at once.
    func leave(_ client: SimulatedClient) throws {
        if client.isAsking { try abandon(client) }
        guard let sink = client.sink else { return }
        sinks.close(sink)
        if let subscriber = client.subscriber { loops[client.loop].sinkDidClose(subscriber) }
        client.sink = nil
        client.subscriber = nil
        client.isStalled = false
        if client.subscription.format == .ndjson || client.limit != nil || client.until != nil {
            client.lastID = []
        }
        if client.lastID.isEmpty { client.forget() }
    }
}

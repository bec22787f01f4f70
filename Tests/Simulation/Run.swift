internal import EventFormats
internal import EventLog
internal import History
internal import Streaming

extension World {
    /// Lives through `steps` random steps, then lets everything come to rest and checks that nobody misses anything.
    func run(steps: Int) async throws {
        for _ in 0..<steps { try await step() }
        try await rest()
    }

    private func step() async throws {
        let dice = Int.random(in: 0..<100, using: &random)
        let client = clients.randomElement(using: &random)
        switch dice {
        case 0..<22: for _ in 0..<Int.random(in: 1...8, using: &random) { append() }
        case 22..<36: await ingest(chance(50) ? .max : Int.random(in: 1...6, using: &random))
        case 36..<52: turn(Int.random(in: 0..<loops.count, using: &random))
        case 52..<58:
            await answerRequest()
            try await answerLookup()
        case 58..<78:
            if let client, !client.isStalled { try receive(client, most: Int.random(in: 1...2_000, using: &random)) }
        case 78..<83:
            if clients.count < 8 {
                try await connect(newClient())
            } else if let client, client.isAway {
                try await connect(client)
            }
        case 83..<86:
            if let client, client.isAsking {
                try leave(client)
            } else if let client, client.isConnected {
                count(.drop)
                if chance(50), !client.isStalled { try receive(client) }
                try leave(client)
            }
        case 86..<88:
            if let client, client.isConnected {
                client.isStalled.toggle()
                count(.stall)
            }
        case 88..<92: pass(Int64.random(in: 1...(chance(10) ? 40_000 : 4_000), using: &random))
        case 92..<94: truncate()
        case 94: log.failNextReads(Int.random(in: 1...3, using: &random))
        case 95: damage()
        case 96: if partitions.count < 8 { growTopic() }
        case 97:
            switch Int.random(in: 0..<40, using: &random) {
            case 0..<4: try drain()
            case 4: try await failOver()
            case 5: await makeAnew()
            case 6..<16: await changeRules()
            case 16..<20: try await passQuietHour()
            case 20..<26: if partitions.count < 10 { try addTopic() }
            case 26..<28: try askAndLeave()
            default: loseLive()
            }
        default: if let client, client.isAway { try await connect(client) }
        }
    }

    /// Damages records that are in no memory but the log's.
    private func damage() {
        guard let partition = partitions.randomElement(using: &random), let number = tail.number(of: partition) else {
            return
        }
        let start = log[partition].first
        let end = tail.partitions[number].start
        guard start < end else { return }
        let lower = Offset.random(in: start..<end, using: &random)
        log.damage(partition, lower..<Offset.random(in: lower + 1...end, using: &random))
    }

    private func growTopic() {
        guard let topic = partitions.randomElement(using: &random)?.topic else { return }
        let partition = TopicPartition(topic, Int32(partitions.count { $0.topic == topic }))
        addPartition(partition)
        count(.newPartition)
        for client in clients where client.subscription.topics.contains(topic) && client.isConnected {
            for partition in partitions where client.subscription.includes(partition) {
                if client.expected[partition] == nil { client.expected[partition] = 0 }
            }
        }
        // Ids tell of a new partition once each loop knows it.
        for loop in loops.indices { turn(loop) }
    }

    /// A stream gets another topic. Its clients are away meanwhile, for a change of its topics ends their streams.
    private func addTopic() throws {
        let topics = Set(partitions.map(\.topic))
        let topic = "t\(topics.count)"
        addPartition(TopicPartition(topic, 0))
        count(.newTopic)
        for client in clients where Set(client.subscription.topics) == topics && client.subscription.only == nil {
            try leave(client)
            client.subscription.topics.append(topic)
            // A compact id is read where one or two topics were added.
            let id = try? LastEventID.parse(client.lastID, topics: client.subscription.topics)
            if id?.time != nil { client.forget() }
        }
        for loop in loops.indices { turn(loop) }
    }

    private func drain() throws {
        for loop in loops.indices {
            try drainLookups(loop)
            loops[loop].drain(over: 3_000, now: now)
            settle(loop)
        }
        count(.drained)
    }

    /// All clients come back and read everything; the log has no more faults to show.
    private func rest() async throws {
        log.failNextReads(0)
        for client in clients {
            client.isStalled = false
            if !client.isConnected { client.until = nil }
            if client.isAway, client.limit == nil { try await connect(client) }
            // As much as a budget allows all of them together.
            if let id = client.sink { sinks[id]?.capacity = min(100_000, options.allUnsentBytes / 8) }
        }
        var quiet = 0
        var rounds = 0
        while quiet < 3 {
            rounds += 1
            if rounds > 20_000 { throw Failure("it does not come to rest") }
            let before = sinksAndReplays()
            await ingest(.max)
            for loop in loops.indices { turn(loop) }
            while !requests.isEmpty || !answers.isEmpty { await answerRequest() }
            try await answerLookups()
            for client in clients { try receive(client) }
            let isIdle = loops.allSatisfy { !$0.hasWork } && requests.isEmpty && answers.isEmpty
            if sinksAndReplays() != before { quiet = 0 }
            // Whoever waits looks up now and then: it had time to find nothing.
            if rounds % 10 == 0 {
                quiet = isIdle ? quiet + 1 : 0
                pass(1_000)
            }
        }
        for client in clients where client.isConnected && client.limit == nil {
            if let partition = client.stale.keys.first {
                throw Failure("client \(client.name): was not told that \(partition) is another")
            }
            for (partition, next) in client.expected {
                let records = client.view(partition, log).records
                if client.incarnations[partition] ?? 0 < log.incarnation(of: partition), log[partition].bounds.next > 0
                {
                    throw Failure("client \(client.name): was not told that \(partition) was made anew")
                }
                // What is left of an old incarnation nobody can have.
                if client.incarnations[partition] ?? 0 < log.incarnation(of: partition) { continue }
                if let visible = client.nextVisible(records, from: next) {
                    throw Failure(
                        "client \(client.name): still waits for \(partition) at \(visible) of \(records.count)")
                }
            }
        }
        for loop in loops {
            let stuck = clients.count { $0.isConnected }
            if loop.statistics.subscribers > stuck { throw Failure("a subscriber was left behind") }
        }
        for loop in lookups {
            let left = loop.table.statistics
            guard left.running == 0, left.waiting == 0, loop.askers.isEmpty else {
                throw Failure("lookups were left behind: \(left), for \(loop.askers.count) clients")
            }
        }
        try await checkProgress()
        faults[.partialWrite, default: 0] += sinks.partialWrites
        faults[.passedOver, default: 0] += await loader.passes
        for loop in loops where loop.statistics.joins > 0 { count(.joinedAfterReplay) }
        for loop in loops where loop.statistics.ringsTrimmed > 0 { count(.ringsTrimmed) }
        for loop in loops { faults[.readBefore, default: 0] += loop.statistics.outdatedBlocks }
    }

    private func sinksAndReplays() -> [Int] {
        loops.flatMap { [$0.statistics.eventsSent, $0.statistics.replaying, $0.statistics.gaps.values.reduce(0, +)] }
    }
}

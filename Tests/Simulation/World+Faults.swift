internal import EventFormats
internal import EventLog
internal import History
internal import Streaming

// What happens to logs as a whole.
extension World {
    /// The live reader loses records: retention or damage takes what it has not had yet.
    func loseLive() {
        guard let partition = partitions.randomElement(using: &random), !anew.contains(partition),
            let number = tail.number(of: partition)
        else { return }
        let end = tail.partitions[number].end.offset
        let next = log[partition].bounds.next
        guard end < next else { return }
        let upper = Offset.random(in: end + 1...next, using: &random)
        if chance(50) {
            log.truncate(partition, before: upper)
        } else {
            log.damage(partition, Offset.random(in: end..<upper, using: &random)..<upper)
        }
    }

    /// Catalogue or redaction change, for all that was prepared and not sent yet.
    func changeRules() async {
        count(.rulesChanged)
        preparer.change()
        tail.purge(olderThan: preparer.version)
        await loader.purge(olderThan: preparer.version)
    }

    /// Little that is shown comes for an hour, and then retention takes all that was not shown: whoever was connected all
    /// that time must not be told of a gap when it comes back.
    func passQuietHour() async throws {
        guard anew.isEmpty else { return }
        log.failNextReads(0)
        try await settleAll()
        guard let partition = partitions.randomElement(using: &random), let number = tail.number(of: partition) else {
            return
        }
        let old = log[partition].records.count
        for _ in 0..<3 {
            let offset = log[partition].bounds.next
            let kind = chance(50) ? "x" : "e"
            log.append(
                Record(offset: offset, timestamp: now.wall, value: Facts.value(kind: kind, &random)), to: partition)
        }
        try await settleAll()
        guard tail.partitions[number].end.offset == Offset(old + 3) else { return }
        let atEnd = clients.filter { client in
            client.isConnected && !client.isStalled && client.subscription.format == .sse && client.limit == nil
                && client.until == nil && client.stale.isEmpty
                && client.expected.allSatisfy { client.nextVisible(log[$0.key].records, from: $0.value) == nil }
        }
        // Then whoever replayed has arrived, and the next heartbeat is due.
        for time in [options.progressInterval, 10_000, 10_000] {
            pass(time)
            try await settleAll()
        }
        for client in atEnd where client.isConnected && client.expected[partition] != nil {
            client.led[partition] = Offset(old + 3)
            count(.quietHour)
        }
        log.truncate(partition, before: Offset(old + 3))
    }

    /// Lets the loops, the log and the clients do what they can do by themselves.
    func settleAll() async throws {
        for round in 0..<1_000 {
            let isIdle = loops.allSatisfy { !$0.hasWork } && requests.isEmpty && answers.isEmpty
            if isIdle, round >= 30 { return }
            await ingest(.max)
            for loop in loops.indices { turn(loop) }
            for _ in 0..<(requests.count + answers.count) { await answerRequest() }
            for client in clients where !client.isStalled { try receive(client) }
        }
    }

    /// Another cluster takes over: the same records at other offsets, and a server that knows nothing.
    func failOver() async throws {
        count(.failover)
        // The other cluster may not have what a wrong clock has made.
        let hasFuture = chance(50)
        for client in clients { try leave(client) }
        for partition in partitions {
            let old = log[partition].records
            // So far off, and so old, that no offset has the same fingerprint by chance.
            let shift = old.count + Int.random(in: 1...20, using: &random)
            let time = Timestamp(faults[.failover] ?? 0)
            var records = (0..<shift).map { Record(offset: Offset($0), timestamp: time, value: [UInt8(ascii: "x")]) }
            var places: [Offset] = []
            for record in old {
                places.append(Offset(records.count))
                if SimulatedPreparer.isHole(record) { continue }
                if !hasFuture, record.timestamp > now.wall {
                    count(.lostFuture)
                    continue
                }
                var copy = record
                copy.offset = Offset(records.count)
                records.append(copy)
            }
            places.append(Offset(records.count))
            for client in clients {
                guard let next = client.expected[partition] else { continue }
                let isOld = client.incarnations[partition] ?? 0 < log.incarnation(of: partition)
                client.stale[partition] = isOld ? 0 : places[Int(client.stale[partition] ?? next)]
                client.incarnations[partition] = log.incarnation(of: partition)
                client.taken[partition] = isOld ? nil : client.taken[partition].map { places[Int($0)] }
            }
            log.replace(partition, records)
        }
        restart()
        await ingest(.max)
        restartLoops()
    }

    /// A topic is deleted and made again under its name, while clients listen to it.
    func makeAnew() async {
        guard let topic = partitions.randomElement(using: &random)?.topic else { return }
        // Told once, a client would not know of which.
        for partition in partitions where partition.topic == topic {
            let current = log.incarnation(of: partition)
            let isToTell = clients.contains {
                $0.isConnected && $0.expected[partition] != nil
                    && ($0.incarnations[partition] ?? 0 < current || $0.stale[partition] != nil)
            }
            if isToTell { return }
        }
        // No record of the new one has a time of the old one's.
        pass(10_000)
        count(.madeAnew)
        for partition in partitions where partition.topic == topic {
            guard let number = tail.number(of: partition), tail.partitions[number].end.offset > 0 else { continue }
            log.makeAnew(partition)
            anew.insert(partition)
            let record = Record(offset: 0, timestamp: now.wall, value: [UInt8(ascii: "e")])
            log.append(record, to: partition)
        }
        // A start that is looked up between the log's change and the tail's would mean either.
        await ingest(.max)
        for loop in loops.indices { turn(loop) }
    }
}

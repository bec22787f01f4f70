internal import EventFormats
internal import EventLog
internal import Streaming

// Ids without an event: a client that is not shown a record moves on all the same.
extension World {
    /// At rest: a client that a filter or a share may hide nearly all from is at the end of all partitions with the next
    /// heartbeat, and any client is where its stream ends in order.
    func checkProgress() async throws {
        let all = clients.filter {
            $0.isConnected && $0.subscription.format == .sse && $0.limit == nil && $0.until == nil
        }
        for _ in 0..<3 {
            pass(10_000)
            try await settleAll()
        }
        for client in all where client.isConnected {
            guard client.subscription.filter != nil || client.subscription.share != nil else { continue }
            try checkIsLed(client)
            count(.toldAtHeartbeat)
        }
        // Nobody is shown these, and no heartbeat comes before the end.
        for partition in partitions {
            let offset = log[partition].bounds.next
            log.append(Record(offset: offset, timestamp: now.wall, value: [UInt8(ascii: "x")]), to: partition)
        }
        try await settleAll()
        let last = all.filter(\.isConnected)
        for loop in loops.indices {
            loops[loop].drain(over: 1, now: now)
            settle(loop)
        }
        pass(100)
        try await settleAll()
        for client in last {
            guard !client.isConnected else { throw Failure("client \(client.name): its stream has no end") }
            try checkIsLed(client)
            count(.toldAtEnd)
        }
    }

    private func checkIsLed(_ client: SimulatedClient) throws {
        for (partition, next) in client.expected {
            guard let end = ends[client.loop][partition], next < end else { continue }
            throw Failure("client \(client.name): its id stands at \(next) of \(partition), which ends at \(end)")
        }
    }
}

/// The blocks of the log that replays of one event loop wait for.
struct BlockRequests {
    private var waiting: [BlockKey: [SubscriberID]] = [:]
    /// To be asked for.
    private var fresh: [BlockKey] = []
    /// To be asked for again, and when. Monotonic milliseconds.
    private var retries: [(at: Int64, key: BlockKey)] = []

    /// How many subscribers wait for each block.
    var counts: [Int] { waiting.values.map(\.count) }

    /// A subscriber waits for a block.
    mutating func add(_ key: BlockKey, for id: SubscriberID) {
        if waiting[key] == nil { fresh.append(key) }
        waiting[key, default: []].append(id)
    }

    /// The blocks to ask for. Each is returned once until it was answered.
    mutating func take() -> [BlockKey] {
        defer { fresh.removeAll(keepingCapacity: true) }
        return fresh
    }

    /// A block is there. Returns those who wait for it.
    mutating func answer(_ key: BlockKey) -> [SubscriberID] { waiting.removeValue(forKey: key) ?? [] }

    /// What came is of no use: it is asked for again at once, if somebody waits.
    mutating func askAgain(_ key: BlockKey) { if waiting[key] != nil { fresh.append(key) } }

    /// It could not be read.
    mutating func retry(_ key: BlockKey, at time: Int64) { retries.append((time, key)) }

    /// Asks again for what could not be read and is due, where somebody still waits for it.
    mutating func retryDue(now: Int64, isWaiting: (SubscriberID, BlockKey) -> Bool) {
        let due = retries.filter { $0.at <= now }
        guard !due.isEmpty else { return }
        retries.removeAll { $0.at <= now }
        for key in due.map(\.key) {
            let ids = (waiting[key] ?? []).filter { isWaiting($0, key) }
            waiting[key] = ids.isEmpty ? nil : ids
            if !ids.isEmpty { fresh.append(key) }
        }
    }
}

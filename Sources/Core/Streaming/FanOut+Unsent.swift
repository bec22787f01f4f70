// What is held for clients that take nothing: by their sockets, and by the server itself, which keeps the rest of a frame.
//
// Each client's socket has a bound of its own. Here are the sums of them all: each is looked at when it takes no more,
// and every few seconds.
extension FanOut {
    /// Looks at what a subscriber's sink holds.
    ///
    /// - Returns: whether that has become less.
    @discardableResult
    mutating func measureUnsent(_ index: Int) -> Bool {
        guard let sink = subscribers[index].sink else { return false }
        let before = subscribers[index].unsent
        subscribers[index].unsent = sinks.unsentBytes(of: sink)
        statistics.unsentBytes += subscribers[index].unsent - before
        return subscribers[index].unsent < before
    }

    /// Counts what the server holds for a subscriber. To be called when `pending` was changed and is not sent at once.
    mutating func measureOwn(_ index: Int) {
        let before = subscribers[index].ownBytes
        subscribers[index].ownBytes = subscribers[index].pending.count
        statistics.ownBytes += subscribers[index].ownBytes - before
    }

    /// Evicts subscribers until both sums are below their limits: of those holding at least the average, longest without
    /// progress first.
    mutating func relieve() {
        if statistics.unsentBytes > options.allUnsentBytes {
            // Some may have got rid of it since they were looked at.
            for index in subscribers.indices where subscribers[index].unsent > 0 { measureUnsent(index) }
            relieve(options.allUnsentBytes, \.unsentBytes, of: \.unsent)
        }
        if statistics.ownBytes > options.allOwnBytes { relieve(options.allOwnBytes, \.ownBytes, of: \.ownBytes) }
    }

    private mutating func relieve(
        _ limit: Int, _ sum: KeyPath<FanOutStatistics, Int>, of share: KeyPath<Subscriber<Sinks.ID>, Int>
    ) {
        guard statistics[keyPath: sum] > limit else { return }
        let holders = subscribers.indices.filter { subscribers[$0][keyPath: share] > 0 }
        let average = statistics[keyPath: sum] / max(holders.count, 1)
        let order = holders.filter { subscribers[$0][keyPath: share] >= average }
            .sorted { subscribers[$0].lastProgress < subscribers[$1].lastProgress }
        for index in order where statistics[keyPath: sum] > limit { evict(index, .overBudget) }
    }
}

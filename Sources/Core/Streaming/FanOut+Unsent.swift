// What sockets hold: all of a client's backlog, for the server keeps none for it but the rest of a frame.
//
// Each client's socket has its own bound. Here is the sum of them all: each is looked at when it takes no more, and every
// few seconds.
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

    /// Cuts off whom it takes to come under the limit of all: of those who hold at least as much as the average, the ones
    /// that have not moved for longest.
    mutating func relieve() {
        guard statistics.unsentBytes > options.allUnsentBytes else { return }
        // Some may have got rid of it since they were looked at.
        let holders = subscribers.indices.filter { subscribers[$0].unsent > 0 }
        for index in holders { measureUnsent(index) }
        guard statistics.unsentBytes > options.allUnsentBytes else { return }
        let average = statistics.unsentBytes / max(holders.count, 1)
        let order = holders.filter { subscribers[$0].unsent >= average }
            .sorted { subscribers[$0].lastProgress < subscribers[$1].lastProgress }
        for index in order where statistics.unsentBytes > options.allUnsentBytes { evict(index, .overBudget) }
    }
}

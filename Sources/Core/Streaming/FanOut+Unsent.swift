// Clients that take nothing have bytes held for them: by their sockets, and by the server itself, which keeps the rests of frames.
//
// Each client's socket has a bound of its own. Here are the sums of them all: each is looked at when it takes no more,
// and every few seconds.
extension FanOut {
    /// Looks at what a subscriber's sink holds.
    ///
    /// - Returns: whether that has become less.
    @discardableResult
    mutating func measureUnsent(_ index: Int) -> Bool {
        let before = unsent[index]
        let bytes = Int32(clamping: max(sinks.unsentBytes(of: subscribers[index].sink), 0))
        if bytes > 0 { unsent[index] = bytes } else { unsent.remove(index) }
        statistics.unsentBytes += Int(bytes) - Int(before)
        return bytes < before
    }

    /// Adds bytes to what is for a subscriber alone.
    mutating func addPending(_ index: Int, _ bytes: [UInt8]) {
        pending[index, default: []] += bytes
        statistics.ownBytes += bytes.count
    }

    /// Whether something must be sent to a subscriber before it goes on: the rest of a frame, or one for it alone.
    func owes(_ index: Int) -> Bool { rests.has(index) || pending[index] != nil }

    /// Keeps the rest of a frame for a subscriber that had a part of it.
    ///
    /// - Parameter next: the index of the first byte that it has not had, in the array of which the frame is a part.
    mutating func keepRest(_ index: Int, _ frame: ArraySlice<UInt8>, from next: Int) {
        let before = rests.bytes
        rests.keep(frame, from: next, for: index)
        statistics.ownBytes += rests.bytes - before
    }

    mutating func forgetRest(_ index: Int) {
        let before = rests.bytes
        rests.remove(index)
        statistics.ownBytes += rests.bytes - before
    }

    /// Sends the rest of a frame, where a subscriber has one to get. False: its sink did not take all.
    mutating func sendRest(_ index: Int, _ sink: Sinks.ID, _ now: Moment) -> Bool {
        guard let rest = rests[index] else { return true }
        let taken = sinks.write(rest.bytes.span.extracting(rest.next...), to: sink)
        if taken > 0 {
            subscribers[index].lastProgress = now.monotonic
            statistics.bytesSent += taken
        }
        guard rest.next + taken == rest.bytes.count else {
            rests.pass(taken, index)
            block(index, now)
            return false
        }
        forgetRest(index)
        return true
    }

    /// Evicts subscribers until both sums are below their limits: of those holding at least the average, longest without
    /// progress first.
    mutating func relieve() {
        if statistics.unsentBytes > options.allUnsentBytes {
            // Some may have got rid of it since they were looked at.
            for index in subscribers.indices where unsent[index] > 0 { measureUnsent(index) }
            relieve(options.allUnsentBytes, \.unsentBytes) {
                Int($0.unsent[$1])
            } moved: {
                $0.subscribers[$1].lastProgress
            }
        }
        if statistics.ownBytes > options.allOwnBytes {
            // All that stand in a frame have to go before it does, so they count as having moved together.
            var latest: [RestTable.FrameID: Int64] = [:]
            for index in subscribers.indices {
                guard let frame = rests[index]?.id else { continue }
                latest[frame] = max(latest[frame] ?? .min, subscribers[index].lastProgress)
            }
            relieve(options.allOwnBytes, \.ownBytes) {
                ($0.pending[$1]?.count ?? 0) + ($0.rests[$1]?.bytes.count ?? 0)
            } moved: {
                $0.rests[$1].flatMap { latest[$0.id] } ?? $0.subscribers[$1].lastProgress
            }
        }
    }

    private mutating func relieve(
        _ limit: Int, _ sum: KeyPath<FanOutStatistics, Int>, _ held: (borrowing Self, Int) -> Int,
        moved: (borrowing Self, Int) -> Int64
    ) {
        guard statistics[keyPath: sum] > limit else { return }
        let holders = subscribers.indices.map { (index: $0, held: held(self, $0)) }.filter { $0.held > 0 }
        let average = holders.reduce(0) { $0 + $1.held } / max(holders.count, 1)
        let order = holders.filter { $0.held >= average }
            .map { (index: $0.index, moved: moved(self, $0.index)) }.sorted { $0.moved < $1.moved }.map(\.index)
        for index in order where statistics[keyPath: sum] > limit { evict(index, .overBudget) }
    }
}

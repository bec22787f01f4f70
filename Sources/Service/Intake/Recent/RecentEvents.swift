package import EventLog
package import Events
internal import Synchronization

/// The events that were stored lately, by stream and `meta.id`: who sends one again gets told where it is, and nothing is stored
/// twice. It is no store of its own: all that it knows was read from the log, or is what the log said of an append.
///
/// A request claims its events, all at once or not at all, then stores those that are new and settles. Another request with one
/// of them waits meanwhile: either the event is stored then, or the other may store it. Nobody holds claims while it
/// waits, so no two can wait for each other.
package final class RecentEvents: Sendable {
    /// What `claim` says of an event.
    enum Part {
        /// To be stored. Without a number nobody will ask for it.
        case new(Int?)
        case stored(Appended)
        /// As the event before it at this place in the request.
        case same(Int)
    }

    /// A request's events, between the claim and what became of them.
    struct Claim {
        fileprivate let number: Int
        /// In the request's order.
        let parts: [Part]
    }

    /// What is known of it, for metrics.
    package struct Use: Hashable, Sendable {
        package var events = 0
        package var bytes = 0
        /// Forgotten before their time, for want of room.
        package var forgotten = 0

        package init() {}
    }

    private struct State {
        var table: RecentEventTable
        var partitions: [TopicPartition] = []
        var numbers: [TopicPartition: Int32] = [:]
        var lastClaim = 0
        /// Those who wait for a claim to be settled.
        var waiters: [Int: [CheckedContinuation<Void, Never>]] = [:]
        var isReady = false

        mutating func number(of partition: TopicPartition) -> Int32 {
            if let number = numbers[partition] { return number }
            let number = Int32(partitions.count)
            partitions.append(partition)
            numbers[partition] = number
            return number
        }

        func appended(_ place: RecentEventTable.Place) -> Appended {
            Appended(topicPartition: partitions[Int(place.partition)], offset: place.offset)
        }
    }

    private let state: Mutex<State>
    private let second: @Sendable () -> UInt32
    /// The most events that are known.
    let capacity: Int
    /// How long an event is known. Milliseconds.
    let window: Timestamp

    /// - Parameter second: a clock of seconds that only grows.
    package init(_ limits: RecentEventLimits, second: @escaping @Sendable () -> UInt32 = RecentEvents.seconds()) {
        let table = RecentEventTable(bytes: limits.bytes, window: UInt32(clamping: (limits.window + 999) / 1000))
        capacity = table.capacity
        window = limits.window
        state = Mutex(State(table: table))
        self.second = second
    }

    /// A clock that begins now.
    package static func seconds() -> @Sendable () -> UInt32 {
        let start = ContinuousClock.now
        return { UInt32(clamping: (ContinuousClock.now - start).components.seconds) }
    }

    package var use: Use {
        state.withLock { state in
            state.table.expire(now: second())
            var use = Use()
            (use.events, use.bytes, use.forgotten) = (state.table.count, state.table.bytes, state.table.forgotten)
            return use
        }
    }

    // MARK: What was read

    /// Whether all that was stored within the window before this process began has been read.
    package var isReady: Bool { state.withLock { $0.isReady } }
    package func becomeReady() { state.withLock { $0.isReady = true } }

    /// Notes events that were read from a partition.
    package func learn(_ events: some Sequence<(event: Event, offset: Offset)>, of partition: TopicPartition) {
        let keys = events.compactMap { event, offset in EventKey(event).map { ($0, offset) } }
        guard !keys.isEmpty else { return }
        let second = second()
        state.withLock { state in
            let number = state.number(of: partition)
            for (key, offset) in keys {
                state.table.learn(key, at: .init(partition: number, offset: offset), second)
            }
        }
    }

    /// Forgets a partition's events: its records are not there any more.
    package func forget(_ partition: TopicPartition) {
        state.withLock { state in
            if let number = state.numbers[partition] { state.table.forget(partition: number) }
        }
    }

    // MARK: What is to be stored

    /// Takes a request's events. `settle` must follow.
    ///
    /// - Parameter keys: of its events, in its order; nil for one that nobody can send again.
    nonisolated(nonsending) func claim(_ keys: [EventKey?]) async throws(IntakeError) -> Claim {
        while true {
            switch try attempt(keys) {
            case .success(let claim): return claim
            case .failure(let busy): await settled(busy.claim)
            }
        }
    }

    private struct Busy: Error {
        var claim: Int
    }

    private func attempt(_ keys: [EventKey?]) throws(IntakeError) -> Result<Claim, Busy> {
        let second = second()
        let attempt = state.withLock { state -> Result<Claim, Busy>? in
            guard state.isReady else { return nil }
            state.table.expire(now: second)
            for case let key? in keys {
                if case .claimed(let other, _) = state.table.find(key) { return .failure(Busy(claim: other)) }
            }
            state.lastClaim += 1
            let number = state.lastClaim
            // The places in the request of those that are new; their numbers in the table are consecutive.
            var (new, firstSequence): ([Int], Int) = ([], 0)
            var parts: [Part] = []
            parts.reserveCapacity(keys.count)
            for (index, key) in keys.enumerated() {
                guard let key else {
                    parts.append(.new(nil))
                    continue
                }
                switch state.table.find(key) {
                case .stored(let place): parts.append(.stored(state.appended(place)))
                case .claimed(_, let sequence): parts.append(.same(new[sequence - firstSequence]))
                case .none:
                    let sequence = state.table.claim(key, by: number, at: second)
                    if new.isEmpty { firstSequence = sequence }
                    new.append(index)
                    parts.append(.new(sequence))
                }
            }
            state.waiters[number] = []
            return .success(Claim(number: number, parts: parts))
        }
        guard let attempt else {
            throw .unavailable(
                "The server has just started and still reads which events it has. Send them again later.")
        }
        return attempt
    }

    /// Returns when a claim was settled.
    private nonisolated(nonsending) func settled(_ claim: Int) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.waiters[claim] != nil else { return true }
                state.waiters[claim]?.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Notes what became of a claim's events.
    ///
    /// - Parameter results: of those that were new, in their order.
    /// - Returns: what became of each event of the request.
    func settle(_ claim: Claim, _ results: [Result<Appended, LogError>]) -> [IntakeOutcome.Fate] {
        let (fates, waiters) = state.withLock { state in
            var fates: [IntakeOutcome.Fate] = []
            fates.reserveCapacity(claim.parts.count)
            var next = results.startIndex
            for part in claim.parts {
                switch part {
                case .stored(let appended): fates.append(.duplicate(appended))
                case .same(let index):
                    if case .stored(let appended) = fates[index] {
                        fates.append(.duplicate(appended))
                    } else {
                        fates.append(fates[index])
                    }
                case .new(let sequence):
                    let result = next < results.endIndex ? results[next] : .failure(.closed)
                    next += 1
                    fates.append(Self.settle(sequence, claim, result, &state))
                }
            }
            return (fates, state.waiters.removeValue(forKey: claim.number) ?? [])
        }
        for waiter in waiters { waiter.resume() }
        return fates
    }

    private static func settle(
        _ sequence: Int?, _ claim: Claim, _ result: Result<Appended, LogError>, _ state: inout State
    ) -> IntakeOutcome.Fate {
        guard let sequence else { return IntakeOutcome.Fate(result) }
        guard case .success(let appended) = result else {
            // A log that did not answer may have stored it all the same.
            if let place = state.table.settle(sequence, claim: claim.number, at: nil) {
                return .stored(state.appended(place))
            }
            return IntakeOutcome.Fate(result)
        }
        let place = RecentEventTable.Place(
            partition: state.number(of: appended.topicPartition), offset: appended.offset)
        _ = state.table.settle(sequence, claim: claim.number, at: place)
        return .stored(appended)
    }
}

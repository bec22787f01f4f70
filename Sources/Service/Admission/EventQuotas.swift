internal import Synchronization

/// How many events each may still send: each stream, or each address. Any thread may ask.
///
/// Somebody who owes nothing may send whatever a request holds, and owes what it was above the rate; until that is paid off by time,
/// there is nothing. So a batch may be larger than what comes in a second, and the average holds all the same.
package final class EventQuotas<Key: Hashable & Sendable>: Sendable {
    /// Why nothing is taken for the moment.
    package struct Refusal: Error, Hashable, Sendable {
        /// What there is too much of, and how much there may be in a second.
        package var unit: Unit
        package var perSecond: Int
        /// Seconds after which there is room again.
        package var retryAfter: Int
    }

    package enum Unit: String, Hashable, Sendable {
        case events, bytes
    }

    /// Thousandths, so that no rate is rounded away.
    private struct Account {
        var events: Int
        var bytes: Int
        /// Monotonic milliseconds.
        var filledAt: Int64
    }

    private struct State {
        var accounts: [Key: Account] = [:]
        var sweptAt: Int64 = 0
        var refused = 0
    }

    package let rate: EventRate
    private let state = Mutex(State())

    package init(_ rate: EventRate) { self.rate = rate }

    /// How often there was a refusal.
    package var refused: Int { state.withLock { $0.refused } }
    /// Those who have sent something lately.
    package var known: Int { state.withLock { $0.accounts.count } }

    /// Whether there is something left; then what is sent counts.
    ///
    /// - Parameter now: monotonic milliseconds.
    package func take(_ key: Key, events: Int, bytes: Int, now: Int64) throws(Refusal) {
        guard !rate.isUnlimited else { return }
        let refusal = state.withLock { state -> Refusal? in
            sweep(&state, now)
            var account = filled(state.accounts[key], now)
            defer { state.accounts[key] = account }
            if let refusal = Self.refusal(account, rate) {
                state.refused += 1
                return refusal
            }
            count(events, bytes, in: &account)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Counts what turned out to be in a request that was taken.
    package func add(_ key: Key, events: Int, now: Int64) {
        guard !rate.isUnlimited else { return }
        state.withLock { state in
            var account = filled(state.accounts[key], now)
            count(events, 0, in: &account)
            state.accounts[key] = account
        }
    }

    private func count(_ events: Int, _ bytes: Int, in account: inout Account) {
        if rate.events > 0 { account.events -= 1000 * events }
        if rate.bytes > 0 { account.bytes -= 1000 * bytes }
    }

    /// What is left of the events of `EventRate.seconds`.
    package func rest(of key: Key, now: Int64) -> Int {
        state.withLock { max(0, filled($0.accounts[key], now).events / 1000) }
    }

    private static func refusal(_ account: Account, _ rate: EventRate) -> Refusal? {
        for (unit, owed, perSecond) in [
            (Unit.events, -account.events, rate.events), (.bytes, -account.bytes, rate.bytes),
        ] where perSecond > 0 && owed >= 0 {
            return Refusal(unit: unit, perSecond: perSecond, retryAfter: owed / 1000 / perSecond + 1)
        }
        return nil
    }

    private func filled(_ account: Account?, _ now: Int64) -> Account {
        let full = (events: rate.events * EventRate.seconds * 1000, bytes: rate.bytes * EventRate.seconds * 1000)
        guard var account else { return Account(events: full.events, bytes: full.bytes, filledAt: now) }
        let elapsed = Int(clamping: max(0, now - account.filledAt))
        account.filledAt = max(account.filledAt, now)
        account.events = Self.sum(account.events, elapsed, rate.events, full.events)
        account.bytes = Self.sum(account.bytes, elapsed, rate.bytes, full.bytes)
        return account
    }

    private static func sum(_ rest: Int, _ elapsed: Int, _ perSecond: Int, _ full: Int) -> Int {
        let (more, isMuch) = elapsed.multipliedReportingOverflow(by: perSecond)
        let (sum, isMore) = rest.addingReportingOverflow(more)
        return isMuch || isMore ? full : min(full, sum)
    }

    /// Forgets those who owe nothing and have all that there is: a new account says the same.
    private func sweep(_ state: inout State, _ now: Int64) {
        guard now - state.sweptAt >= Int64(EventRate.seconds) * 1000 else { return }
        state.sweptAt = now
        let full = filled(nil, now)
        state.accounts = state.accounts.filter { _, account in
            let account = filled(account, now)
            return account.events < full.events || account.bytes < full.bytes
        }
    }
}

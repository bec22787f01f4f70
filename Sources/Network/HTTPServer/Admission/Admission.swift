internal import HTTP
internal import Synchronization

/// Who may connect to one listener: counts connections, in all and by client address. The loop that accepts asks, and
/// every loop gives back.
///
/// One lock, taken once for each connection that comes and once for each that goes.
final class Admission: Sendable {
    /// What became of a connection that asked.
    enum Verdict: Equatable, Sendable {
        case admitted
        /// Taken on only to be told so.
        case refused(Refusal)
        /// Too many are being refused already: to be closed without a word.
        case dropped
    }

    /// What a connection counts for, and gives back at its end.
    struct Share: Hashable, Sendable {
        /// Nil: its address is not counted.
        var peer: AddressKey?
        var isRefused: Bool
    }

    private struct Address {
        var connections = 0
        var refusals = 0
        var rate: TokenBucket?
    }

    private struct State {
        var connections = 0
        var refusals = 0
        var addresses: [AddressKey: Address] = [:]
        var sweptAt: Int64 = 0
    }

    let limits: ListenerLimits
    private let state = Mutex(State())
    private let used = Atomic<Int>(0)

    init(_ limits: ListenerLimits) { self.limits = limits }

    /// Connections of this listener now, but for those being refused.
    var connections: Int { used.load(ordering: .relaxed) }

    /// How many idle connections should go, so that a tenth of the places is free, and one at least.
    var excess: Int {
        guard let limit = limits.connections else { return 0 }
        return max(0, connections - (limit - max(1, limit / 10)))
    }

    /// Asks for a connection.
    ///
    /// - Parameters:
    ///   - peer: nil for one whose address is not counted, such as a trusted proxy.
    ///   - refusal: why it can't be taken whatever the limits say; nil: they decide.
    ///   - now: monotonic milliseconds.
    func admit(_ peer: AddressKey?, refusing refusal: Refusal? = nil, now: Int64) -> Verdict {
        state.withLock { state in
            sweep(&state, now)
            var address = peer.map { state.addresses[$0] ?? Address() }
            defer { if let peer { state.addresses[peer] = address } }
            guard let refusal = refusal ?? meet(state, &address, now) else {
                state.connections += 1
                address?.connections += 1
                used.store(state.connections, ordering: .relaxed)
                return .admitted
            }
            guard state.refusals < limits.refusals, address?.refusals ?? 0 < limits.refusalsPerAddress else {
                return .dropped
            }
            state.refusals += 1
            address?.refusals += 1
            return .refused(refusal)
        }
    }

    /// The limit that is met; nil: there is room.
    private func meet(_ state: State, _ address: inout Address?, _ now: Int64) -> Refusal? {
        if let rate = limits.newPerSecondPerAddress, address != nil {
            let seconds = ListenerLimits.rateSeconds
            var bucket = address?.rate ?? TokenBucket(perSecond: rate, burstSeconds: seconds, now: now)
            let isTaken = bucket.take(perSecond: rate, burstSeconds: seconds, now: now)
            address?.rate = bucket
            if !isTaken { return .addressTooFast }
        }
        if let limit = limits.connectionsPerAddress, let address, address.connections >= limit {
            return .addressHasTooMany
        }
        if let limit = limits.connections, state.connections >= limit { return .tooManyConnections }
        return nil
    }

    /// To be called once for each connection that was admitted or refused.
    func giveBack(_ share: Share) {
        state.withLock { state in
            if share.isRefused { state.refusals -= 1 } else { state.connections -= 1 }
            used.store(state.connections, ordering: .relaxed)
            guard let peer = share.peer, var address = state.addresses[peer] else { return }
            if share.isRefused { address.refusals -= 1 } else { address.connections -= 1 }
            let isForgotten = address.connections == 0 && address.refusals == 0 && address.rate == nil
            state.addresses[peer] = isForgotten ? nil : address
        }
    }

    /// Forgets addresses that are gone and owe nothing to their rate. About once in a burst's time, so that each is
    /// looked at a few times only.
    private func sweep(_ state: inout State, _ now: Int64) {
        guard let rate = limits.newPerSecondPerAddress else { return }
        guard now - state.sweptAt >= Int64(ListenerLimits.rateSeconds) * 1000 else { return }
        state.sweptAt = now
        state.addresses = state.addresses.filter { _, address in
            guard address.connections == 0, address.refusals == 0, var bucket = address.rate else { return true }
            return !bucket.isFull(perSecond: rate, burstSeconds: ListenerLimits.rateSeconds, now: now)
        }
    }

    /// Addresses that are known.
    var addresses: Int { state.withLock { $0.addresses.count } }
}

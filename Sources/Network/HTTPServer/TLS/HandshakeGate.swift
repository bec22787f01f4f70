internal import HTTP
internal import Synchronization

/// How many TLS handshakes begin: each costs a server as much as hundreds of events, and a client next to nothing.
///
/// One lock for all loops, taken once for each handshake.
final class HandshakeGate: Sendable {
    enum Verdict: Equatable, Sendable {
        case begins
        /// There are too many in all: to be asked for again later.
        case waits
        /// Its address has begun too many.
        case refused
    }

    private struct State {
        var all: TokenBucket
        var addresses: [AddressKey: TokenBucket] = [:]
        var sweptAt: Int64
    }

    private let limits: HandshakeLimits
    private let state: Mutex<State>
    private static let allSeconds = 1

    init(_ limits: HandshakeLimits, now: Int64) {
        self.limits = limits
        state = Mutex(
            State(
                all: TokenBucket(perSecond: limits.perSecond ?? 0, burstSeconds: Self.allSeconds, now: now),
                sweptAt: now))
    }

    /// - Parameter peer: nil for one whose address is not counted.
    func admit(_ peer: AddressKey?, now: Int64) -> Verdict {
        state.withLock { state in
            let seconds = ListenerLimits.rateSeconds
            if let perSecond = limits.perSecond,
                !state.all.hasOne(perSecond: perSecond, burstSeconds: Self.allSeconds, now: now)
            {
                return .waits
            }
            if let peer, let rate = limits.perSecondPerAddress {
                sweep(&state, rate, now)
                var bucket = state.addresses[peer] ?? TokenBucket(perSecond: rate, burstSeconds: seconds, now: now)
                let isTaken = bucket.take(perSecond: rate, burstSeconds: seconds, now: now)
                state.addresses[peer] = bucket
                guard isTaken else { return .refused }
            }
            if let perSecond = limits.perSecond {
                _ = state.all.take(perSecond: perSecond, burstSeconds: Self.allSeconds, now: now)
            }
            return .begins
        }
    }

    /// Forgets addresses that owe nothing, once in a burst's time.
    private func sweep(_ state: inout State, _ rate: Int, _ now: Int64) {
        let seconds = ListenerLimits.rateSeconds
        guard now - state.sweptAt >= Int64(seconds) * 1000 else { return }
        state.sweptAt = now
        state.addresses = state.addresses.filter { _, bucket in
            var bucket = bucket
            return !bucket.isFull(perSecond: rate, burstSeconds: seconds, now: now)
        }
    }

    /// Addresses that are known.
    var addresses: Int { state.withLock { $0.addresses.count } }
}

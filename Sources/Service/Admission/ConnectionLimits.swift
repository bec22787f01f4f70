package import HTTP
internal import Synchronization

/// How many streams may be open: in all, and for each address or key. Any thread may ask.
///
/// A connection holds a `Lease`, which is given back in the one place where the connection's state dies.
package final class ConnectionLimits: Sendable {
    /// Nil: no limit.
    package let total: Int?
    /// For those without a limit of their own. Nil: no limit.
    package let perAddress: Int?

    private struct State {
        var use = 0
        var byAddress: [AddressKey: Int] = [:]
        /// What clients have at other servers, which counts against the same limit.
        var elsewhere: [AddressKey: Int] = [:]
        var refusedTotal = 0
        var refusedAddress = 0
    }

    private let state = Mutex(State())

    package init(total: Int? = nil, perAddress: Int? = nil) {
        self.total = total
        self.perAddress = perAddress
    }

    /// Which limit was met, and what is in use against it.
    package enum Refusal: Error, Hashable, Sendable {
        case total(limit: Int, use: Int)
        case address(limit: Int, use: Int)
    }

    /// What a client has after it was given one more.
    package struct Grant: Hashable, Sendable {
        package var lease: Lease
        /// Of the address or key, with this one, at all servers.
        package var use: Int
        /// Nil: no limit.
        package var limit: Int?
    }

    package func acquire(_ key: AddressKey) -> Result<Grant, Refusal> { acquire(key, limit: perAddress) }

    /// The total is looked at first: an address with room can't have it when there is none.
    ///
    /// - Parameter perAddress: what this address or key may have; nil: no limit.
    package func acquire(_ key: AddressKey, limit perAddress: Int?) -> Result<Grant, Refusal> {
        let result = state.withLock { state -> Result<Int, Refusal> in
            if let total, state.use >= total {
                state.refusedTotal += 1
                return .failure(.total(limit: total, use: state.use))
            }
            let here = state.byAddress[key, default: 0]
            let use = here + state.elsewhere[key, default: 0]
            if let perAddress, use >= perAddress {
                state.refusedAddress += 1
                return .failure(.address(limit: perAddress, use: use))
            }
            state.use += 1
            state.byAddress[key] = here + 1
            return .success(use + 1)
        }
        return result.map { Grant(lease: Lease(address: key), use: $0, limit: perAddress) }
    }

    /// To be called once for each lease.
    package func giveBack(_ lease: Lease) {
        state.withLock { state in
            state.use -= 1
            let rest = state.byAddress[lease.address, default: 0] - 1
            state.byAddress[lease.address] = rest > 0 ? rest : nil
        }
    }

    /// What this server's clients have here, those with the most first.
    package func largest(_ count: Int) -> [(key: AddressKey, streams: Int)] {
        let all = state.withLock { $0.byAddress }
        let sorted = all.sorted { ($0.value, $0.key.hexadecimal) > ($1.value, $1.key.hexadecimal) }
        return sorted.prefix(count).map { (key: $0.key, streams: $0.value) }
    }

    /// What clients have at other servers, from now on.
    package func setElsewhere(_ counts: [AddressKey: Int]) { state.withLock { $0.elsewhere = counts } }

    /// One connection's share: no more than its address, for there are as many as connections.
    package struct Lease: Hashable, Sendable {
        package let address: AddressKey
    }

    /// Numbers for metrics.
    package struct Use: Hashable, Sendable {
        package var connections: Int
        package var addresses: Int
        package var refusedTotal: Int
        package var refusedAddress: Int
    }

    package var use: Use {
        state.withLock {
            Use(
                connections: $0.use, addresses: $0.byAddress.count, refusedTotal: $0.refusedTotal,
                refusedAddress: $0.refusedAddress)
        }
    }
}

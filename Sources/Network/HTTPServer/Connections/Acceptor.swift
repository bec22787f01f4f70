internal import Reactor

/// The listening sockets of a server, on the loop that accepts for all.
///
/// When no descriptor is left, the reserve is given up to accept one client, which is told so; then accepting pauses
/// until there is a reserve again. So clients learn what is the matter, one after the other, and the loop does not
/// spin. A listener whose new connections come faster than its limit waits, and so do those who connect.
struct Acceptor: ~Copyable {
    /// A connection that was accepted.
    struct Arrival {
        var descriptor: Int32
        var peer: SocketAddress?
        /// It has the reserve's descriptor and must be refused.
        var isLast: Bool
    }

    private struct Place {
        var socket: ListeningSocket
        /// The listener that it is one of the places of.
        var listener: Int
        /// It waits for its listener's rate.
        var isWaiting = false
    }

    private struct Rate {
        /// New connections a second; nil: no limit.
        var perSecond: Int?
        var bucket: TokenBucket
    }

    /// Nil: closed.
    private var places: [Place?]
    /// By listener.
    private var rates: [Rate]
    private var reserve = ReserveDescriptor()
    private(set) var isPaused = false
    /// How often a listener had to wait for its rate.
    private(set) var waits = 0

    init(
        _ listeners: [(sockets: [ListeningSocket], perSecond: Int?)], _ loop: EventLoop, now: Int64
    ) throws(SystemError) {
        let all = listeners.enumerated().flatMap { number, listener in
            listener.sockets.map { Place(socket: $0, listener: number) }
        }
        places = all
        rates = listeners.map {
            Rate(
                perSecond: $0.perSecond, bucket: TokenBucket(perSecond: $0.perSecond ?? 0, burstSeconds: 1, now: now))
        }
        for (index, place) in all.enumerated() {
            try loop.register(place.socket.descriptor, key: Self.key(index), for: .readable)
        }
    }

    /// Listeners are level-triggered: what one turn leaves, the next is told of again.
    private static func key(_ index: Int) -> SlabKey {
        SlabKey(index: UInt32(truncatingIfNeeded: index), generation: SlabKey.reservedGeneration)
    }

    /// Accepts what waits at one of the places, `most` at most. `take` gets each connection with its listener's number. Not nil:
    /// why it failed, for want of descriptors or memory, and accepting pauses.
    mutating func accept(
        _ index: Int, on loop: EventLoop, most: Int, now: Int64, take: (Arrival, _ listener: Int) -> Void
    ) -> SystemError? {
        guard places.indices.contains(index), !isPaused, var place = places[index] else { return nil }
        let number = place.listener
        defer { places[index] = place }
        for _ in 0..<most {
            // Taken when a connection has come: looking for one that is not there costs nothing of the rate.
            if let perSecond = rates[number].perSecond,
                !rates[number].bucket.hasOne(perSecond: perSecond, burstSeconds: 1, now: now)
            {
                waits += 1
                place.isWaiting = true
                watch(place, index, loop)
                return nil
            }
            switch place.socket.accept() {
            case .connection(let descriptor, let peer):
                if let perSecond = rates[number].perSecond {
                    _ = rates[number].bucket.take(perSecond: perSecond, burstSeconds: 1, now: now)
                }
                take(Arrival(descriptor: descriptor, peer: peer, isLast: false), number)
            case .lost: continue
            case .wouldBlock: return nil
            case .failed(let error):
                if error.isOutOfDescriptors, reserve.giveUp(),
                    case .connection(let descriptor, let peer) = place.socket.accept()
                {
                    take(Arrival(descriptor: descriptor, peer: peer, isLast: true), number)
                }
                isPaused = true
                watchAll(loop)
                return error
            }
        }
        return nil
    }

    /// Accepting waits for a descriptor to become free.
    var lacksReserve: Bool { isPaused && !reserve.isHeld }
    /// Something waits for time to pass.
    var needsTick: Bool { isPaused || places.contains { $0?.isWaiting == true } }

    /// Accepts again if there is a reserve again; true when it does.
    mutating func resume(_ loop: EventLoop) -> Bool {
        guard isPaused, reserve.refill() else { return false }
        isPaused = false
        watchAll(loop)
        return true
    }

    /// Time has passed: listeners that waited for their rate accept again.
    mutating func tick(_ loop: EventLoop) {
        for index in places.indices where places[index]?.isWaiting == true {
            places[index]?.isWaiting = false
            if let place = places[index] { watch(place, index, loop) }
        }
    }

    private func watchAll(_ loop: EventLoop) {
        for case (let index, let place?) in places.enumerated() { watch(place, index, loop) }
    }

    private func watch(_ place: Place, _ index: Int, _ loop: EventLoop) {
        // It fails only for a descriptor that is not registered, and these are until they are closed.
        try? loop.modify(
            place.socket.descriptor, key: Self.key(index), for: isPaused || place.isWaiting ? [] : .readable)
    }

    /// Closes all listeners but these.
    mutating func close(keeping kept: Set<Int> = []) {
        for index in places.indices {
            guard let place = places[index], !kept.contains(place.listener) else { continue }
            place.socket.close()
            places[index] = nil
        }
    }
}

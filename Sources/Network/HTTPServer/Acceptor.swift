internal import Reactor

/// The listening sockets of a server, on the loop that accepts for all.
///
/// When no descriptor is left, the reserve is given up to accept one client, which is told so; then accepting pauses
/// until there is a reserve again. So clients learn what is the matter, one after the other, and the loop does not
/// spin.
struct Acceptor: ~Copyable {
    /// Nil: closed.
    private var listeners: [ListeningSocket?]
    private var reserve = ReserveDescriptor()
    private(set) var isPaused = false

    init(_ listeners: [ListeningSocket], _ loop: EventLoop) throws(SystemError) {
        self.listeners = listeners
        for (index, listener) in listeners.enumerated() {
            try loop.register(listener.descriptor, key: Self.key(index), for: .readable)
        }
    }

    /// Listeners are level-triggered: what one turn leaves, the next is told of again.
    private static func key(_ index: Int) -> SlabKey {
        SlabKey(index: UInt32(truncatingIfNeeded: index), generation: SlabKey.reservedGeneration)
    }

    /// Accepts what waits at a listener, `most` at most. `place` gets each connection; the last argument is true for
    /// one that was accepted with the reserve and must be refused. False: it failed for want of descriptors or memory,
    /// and accepting pauses.
    mutating func accept(
        _ index: Int, on loop: EventLoop, most: Int, place: (Int32, Bool) -> Void
    ) -> Bool {
        guard index < listeners.count, !isPaused, let listener = listeners[index] else { return true }
        for _ in 0..<most {
            switch listener.accept() {
            case .connection(let descriptor): place(descriptor, false)
            case .lost: continue
            case .wouldBlock: return true
            case .failed(let error):
                if error.isOutOfDescriptors, reserve.giveUp(),
                    case .connection(let descriptor) = listener.accept()
                {
                    place(descriptor, true)
                }
                pause(loop)
                return false
            }
        }
        return true
    }

    /// Accepting waits for a descriptor to become free.
    var lacksReserve: Bool { isPaused && !reserve.isHeld }

    private mutating func pause(_ loop: EventLoop) {
        isPaused = true
        watch(for: [], loop)
    }

    /// Accepts again if there is a reserve again.
    mutating func resume(_ loop: EventLoop) {
        guard isPaused, reserve.refill() else { return }
        isPaused = false
        watch(for: .readable, loop)
    }

    private func watch(for readiness: Readiness, _ loop: EventLoop) {
        for case (let index, let listener?) in listeners.enumerated() {
            // It fails only for a descriptor that is not registered, and these are until they are closed.
            try? loop.modify(listener.descriptor, key: Self.key(index), for: readiness)
        }
    }

    /// Closes all listeners but these.
    mutating func close(keeping kept: Set<Int> = []) {
        for index in listeners.indices where !kept.contains(index) {
            listeners[index]?.close()
            listeners[index] = nil
        }
    }
}

internal import Reactor

/// Connections whose TLS handshakes have a step to do, in the order in which they came.
struct HandshakeQueue {
    private var keys: ContiguousArray<SlabKey> = []
    private var next = 0
    /// The first may not begin yet: nothing is done before the next tick.
    private(set) var isWaiting = false

    var first: SlabKey? { isWaiting || next == keys.count ? nil : keys[next] }

    mutating func append(_ key: SlabKey) { keys.append(key) }

    mutating func removeFirst() {
        next += 1
        // Moving what is left costs no more than adding it did.
        if next == keys.count || next > 1024 && next > keys.count / 2 {
            keys.removeFirst(next)
            next = 0
        }
    }

    mutating func wait() { isWaiting = true }
    mutating func tick() { isWaiting = false }
}

internal import COpenSSL
internal import Synchronization
internal import System

/// The keys of session tickets, with which clients come back without a full handshake (RFC 8446, section 2.2).
///
/// They are in memory only. A new one is made when the newest is as old as `lifetime`; then the one before it is still
/// accepted, and its clients get tickets of the new one. So no ticket lives longer than twice the lifetime, and whoever
/// gets hold of the memory reads no more than what was sent in that time.
public final class TLSTicketKeys: Sendable {
    struct Key: Sendable {
        let name: [UInt8]
        let cipher: [UInt8]
        let mac: [UInt8]
        let madeAt: Int64

        init(now: Int64) {
            func random(_ count: Int) -> [UInt8] {
                var generator = SystemRandom()
                return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            }
            name = random(16)
            cipher = random(32)
            mac = random(32)
            madeAt = now
        }
    }

    /// Milliseconds.
    public let lifetime: Int64
    private let now: @Sendable () -> Int64
    /// The newest first.
    private let keys = Mutex<[Key]>([])

    /// - Parameter now: monotonic milliseconds.
    public init(lifetime: Int64, now: @escaping @Sendable () -> Int64) {
        self.lifetime = lifetime
        self.now = now
    }

    /// The key of new tickets.
    var newest: Key { rotated { $0[0] } }

    /// The key of a ticket that came.
    func key(named name: [UInt8]) -> (key: Key, isNewest: Bool)? {
        rotated { keys in
            keys.firstIndex { $0.name == name }.map { (keys[$0], $0 == 0) }
        }
    }

    private func rotated<Result: Sendable>(_ body: ([Key]) -> Result) -> Result {
        let now = now()
        return keys.withLock { keys in
            if keys.first.map({ now - $0.madeAt >= lifetime }) ?? true { keys.insert(Key(now: now), at: 0) }
            keys.removeAll { now - $0.madeAt >= 2 * lifetime }
            return body(keys)
        }
    }
}

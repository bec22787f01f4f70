internal import CLinux

/// A descriptor kept for the time when there is no other: given up, it makes room to accept one connection and tell it
/// so.
public struct ReserveDescriptor: ~Copyable {
    private var descriptor: Int32?

    public init() { refill() }

    deinit { if let descriptor { Socket.close(descriptor) } }

    public var isHeld: Bool { descriptor != nil }

    /// Frees the descriptor; false when it is not held.
    public mutating func giveUp() -> Bool {
        guard let descriptor else { return false }
        Socket.close(descriptor)
        self.descriptor = nil
        return true
    }

    /// Takes a descriptor again, if there is one; true when it is held now.
    @discardableResult
    public mutating func refill() -> Bool {
        if descriptor == nil {
            let result = linux_reserve_descriptor()
            if result >= 0 { descriptor = result }
        }
        return descriptor != nil
    }
}

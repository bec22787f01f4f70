internal import Synchronization

/// The context of new sessions. It is replaced when certificates have changed; sessions keep the one that they began with.
public final class CurrentTLSContext: Sendable {
    private let box: Mutex<TLSServerContext>

    public init(_ context: TLSServerContext) { box = Mutex(context) }

    public var value: TLSServerContext { box.withLock { $0 } }
    public func replace(_ context: TLSServerContext) { box.withLock { $0 = context } }
}

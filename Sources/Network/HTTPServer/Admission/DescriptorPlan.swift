/// How a process's descriptors are shared out among its listeners, so that none can take those of another.
///
/// Whoever wants less than an even share gets all it wants; what it leaves is shared evenly among the others. So the
/// small listeners for posts and health keep theirs whatever the large one wants.
public struct DescriptorPlan: Sendable, Equatable {
    /// Connections of each listener, in the order of what was wanted.
    public let shares: [Int]
    private let wanted: [Int]

    /// - Parameters:
    ///   - limit: descriptors of the process.
    ///   - kept: of these, for files, brokers and refusals.
    ///   - wanted: connections, by listener.
    public init(limit: Int, kept: Int, wanted: [Int]) {
        var left = max(wanted.count, limit - kept)
        var shares = wanted
        for (place, listener) in wanted.indices.sorted(by: { wanted[$0] < wanted[$1] }).enumerated() {
            shares[listener] = min(wanted[listener], left / (wanted.count - place))
            left -= shares[listener]
        }
        self.shares = shares
        self.wanted = wanted
    }

    /// Whether a listener has less than was wanted, and more was wanted than `usual`. Defaults suit a large machine: that a
    /// smaller one can't serve as many is nobody's mistake.
    public func isShort(beyond usual: [Int]) -> Bool {
        wanted.indices.contains { shares[$0] < wanted[$0] && wanted[$0] > usual[$0] }
    }
}

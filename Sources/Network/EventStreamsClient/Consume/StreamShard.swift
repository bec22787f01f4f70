/// A share of a stream: the same key is always in the same share.
public struct StreamShard: Hashable, Sendable, CustomStringConvertible {
    /// From 0 on.
    public let index: Int
    /// 64 at most.
    public let count: Int

    /// nil: there is no such share.
    public init?(_ index: Int, of count: Int) {
        guard count >= 1, count <= 64, index >= 0, index < count else { return nil }
        self.index = index
        self.count = count
    }

    /// - Parameter text: such as `0/4`; nil for any other.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
        self.init(index, of: count)
    }

    public var description: String { "\(index)/\(count)" }
}

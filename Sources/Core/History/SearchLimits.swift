/// What one search for the newest events may look through, in all partitions together.
public struct SearchLimits: Hashable, Sendable {
    public var records = 100_000
    public var bytes = 64 << 20

    public init(records: Int = 100_000, bytes: Int = 64 << 20) {
        self.records = records
        self.bytes = bytes
    }
}

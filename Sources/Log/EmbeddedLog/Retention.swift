internal import EventLog

/// How long records are kept. A record goes when either limit says so; without limits none ever goes. Negative ones are 0.
public struct Retention: Hashable, Sendable {
    /// Seconds. A record's age is that of the newest timestamp up to it (the running maximum), so a timestamp out of order
    /// never makes a record go before its time.
    public var maximumAge: Int?
    /// Bytes of keys and values in all of a topic's partitions. The oldest go first.
    public var maximumBytes: Int?

    public init(maximumAge: Int? = nil, maximumBytes: Int? = nil) {
        self.maximumAge = maximumAge
        self.maximumBytes = maximumBytes
    }

    /// Records whose running maximum is before this are too old; nil: none is.
    func cutoff(now: Timestamp) -> Timestamp? {
        guard let maximumAge else { return nil }
        let (milliseconds, tooLong) = Int64(max(0, maximumAge)).multipliedReportingOverflow(by: 1000)
        let (cutoff, tooEarly) = now.subtractingReportingOverflow(milliseconds)
        return tooLong || tooEarly ? nil : cutoff
    }
}

/// The retention of each topic.
struct RetentionRules: Sendable {
    private let usual: Retention
    private let byTopic: [String: Retention]

    init(_ usual: Retention, byTopic: [String: Retention]) {
        self.usual = usual
        self.byTopic = byTopic
    }

    func of(_ topic: String) -> Retention { byTopic[topic] ?? usual }
}

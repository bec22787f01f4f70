package import EventFormats
package import EventLog
package import Streaming

/// Where a client asks to start (contract, sections 2 and 4).
package enum StartPoint: Hashable, Sendable {
    case live
    /// At the first record at or after this time.
    case since(Timestamp)
    /// So many matching events before the end.
    case last(Int)
    /// Where an id says; bare topics in it start at `since`, or live.
    case id(RequestedCursor, since: Timestamp?)
}

/// What a start point means in the log as it is now.
package struct ResolvedStart: Sendable {
    package var start: SubscriptionRequest.Start
    /// What must be told first. Until it is, the partition stands where the client asked.
    package var gaps: [PendingGap]
    /// The partitions to serve, where the id named just some; nil: all.
    package var only: [TopicPartition]?
    /// Something that is no loss, to be told first.
    package var notice: Notice?
    /// Where the partitions ended when that was asked, too.
    package var ends: [TopicPartition: Offset]?

    package init(
        start: SubscriptionRequest.Start, gaps: [PendingGap] = [], only: [TopicPartition]? = nil, notice: Notice? = nil,
        ends: [TopicPartition: Offset]? = nil
    ) {
        self.start = start
        self.gaps = gaps
        self.only = only
        self.notice = notice
        self.ends = ends
    }
}

/// Why a start point can't be served.
package enum StartError: Error, Hashable, Sendable {
    /// No entry of the id names a topic of the request.
    case topicNotAvailable([String])
    case log(LogError)
}

package import EventLog

/// Something that an operator, or somebody who wonders about missing events, should know of.
package struct Incident: Hashable, Sendable {
    /// The raw value is what the file has.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// The server was started, after it had stopped in order or was never there; and after it had ended without order.
        case started = 0
        case restarted = 1
        /// A stream has come into trouble, or is well again.
        case streamStale = 2
        case streamFailing = 3
        case streamUnavailable = 4
        case streamWell = 5
        /// Records of a partition can't be read any more.
        case recordsLost = 6
        /// A partition is not there any more; it was made anew.
        case partitionGone = 7
        case partitionRecreated = 8
        case logUnreadable = 9
        case logReadable = 10

        /// In documents.
        package var name: String {
            switch self {
            case .started: "started"
            case .restarted: "restarted"
            case .streamStale: "stream_stale"
            case .streamFailing: "stream_failing"
            case .streamUnavailable: "stream_unavailable"
            case .streamWell: "stream_well"
            case .recordsLost: "records_lost"
            case .partitionGone: "partition_gone"
            case .partitionRecreated: "partition_recreated"
            case .logUnreadable: "log_unreadable"
            case .logReadable: "log_readable"
            }
        }
    }

    /// Unix milliseconds.
    package var time: Timestamp
    package var kind: Kind
    /// The stream or the partition; empty: the service.
    package var subject: String
    /// Seconds that the server was away or the trouble lasted, or lost records; 0: nothing is counted.
    package var number: Int64

    package init(_ kind: Kind, of subject: String = "", number: Int64 = 0, at time: Timestamp) {
        self.time = time
        self.kind = kind
        self.subject = subject
        self.number = number
    }

    /// A sentence for people. It tells nothing of the inside: neither addresses nor paths.
    package var text: String {
        switch kind {
        case .started where number > 0: "The server was started, after it had been stopped for \(Self.span(number))."
        case .started: "The server was started."
        case .restarted: "The server was started again, \(Self.span(number)) after it had last been seen running."
        case .streamStale: "Nothing has come through \(subject) for too long, not even a canary."
        case .streamFailing: "A canary did not come through \(subject)."
        case .streamUnavailable: "\(subject) can't be read."
        case .streamWell: "\(subject) is well again, after \(Self.span(number))."
        case .recordsLost: "\(number) records of \(subject) can't be read; clients are told of a gap."
        case .partitionGone: "\(subject) is not there any more."
        case .partitionRecreated: "\(subject) was made anew; clients are told."
        case .logUnreadable: "The log can't be read."
        case .logReadable: "The log can be read again."
        }
    }

    private static func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(max(seconds, 0)) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}

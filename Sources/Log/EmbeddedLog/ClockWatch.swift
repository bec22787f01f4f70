internal import EventLog

/// Notices when the time of day jumps, and says what time retention may go by.
///
/// A clock that is set days ahead makes all records look old. So the time of day is held against a steady clock. Where they
/// part, retention goes by the earlier of the two, which removes nothing too early, until the clock is right again, or has
/// stayed as it is for so long that somebody means it.
struct ClockWatch {
    /// What changed, for the operator.
    enum Change: Hashable {
        /// The time of day parted from the steady clock by so many milliseconds; retention waits for so many.
        case jumped(by: Int64, wait: Int64)
        /// It came back.
        case returned
        /// It stayed where it is, and is believed now.
        case believed
    }

    /// A moment on both clocks at which the time of day was believed.
    private(set) var anchor: Moment
    /// Since when, on the steady clock, the time of day is not believed.
    private var partedSince: Int64?
    private let wait: Int64

    struct Moment: Hashable {
        var now: Timestamp
        /// Milliseconds on the steady clock.
        var steady: Int64
    }

    /// How far the clocks may part between two looks, in milliseconds: they run at slightly different speeds, and a time
    /// server sets small things right by steps.
    static let tolerance: Int64 = 60_000
    /// How long the log may have been closed before the time of day is doubted at the start, in milliseconds: a day.
    static let startTolerance: Int64 = 86_400_000

    /// - Parameters:
    ///   - wait: milliseconds that a new time is doubted for.
    ///   - last: the last moment that was believed, before the log was closed; its steady time is nil where the machine was
    ///     started anew since, whose steady clock began anew with it.
    init(at moment: Moment, wait: Int64, last: (now: Timestamp, steady: Int64?)?) {
        self.wait = wait
        anchor = moment
        guard let last else { return }
        if let steady = last.steady {
            anchor = Moment(now: last.now, steady: steady)
        } else if Self.difference(moment.now, last.now) > Self.startTolerance || moment.now < last.now {
            // How long the machine was off nobody knows. Looked at again as a jump.
            anchor.now = last.now
        }
    }

    /// How far the time of day is ahead of what is believed, in milliseconds; 0 while it is believed.
    private(set) var distance: Int64 = 0

    /// The time that retention may go by, and what changed since the last look.
    mutating func look(_ moment: Moment) -> (now: Timestamp, change: Change?) {
        let expected = anchor.now.addingReportingOverflow(Self.difference(moment.steady, anchor.steady))
        let believed = expected.overflow ? moment.now : expected.partialValue
        distance = Self.difference(moment.now, believed)
        if distance.magnitude <= UInt64(Self.tolerance) {
            anchor = moment
            distance = 0
            defer { partedSince = nil }
            return (moment.now, partedSince == nil ? nil : .returned)
        }
        guard let since = partedSince else {
            partedSince = moment.steady
            return (min(moment.now, believed), .jumped(by: distance, wait: wait))
        }
        guard Self.difference(moment.steady, since) >= wait else { return (min(moment.now, believed), nil) }
        anchor = moment
        distance = 0
        partedSince = nil
        return (moment.now, .believed)
    }

    private static func difference(_ a: Int64, _ b: Int64) -> Int64 {
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        return overflow ? (a > b ? .max : .min + 1) : difference
    }
}

internal import EventLog
internal import Synchronization

/// What is wrong with the log now. Each trouble is reported when it begins and when it is over, not at every call that
/// meets it.
final class Health: Sendable {
    /// In the order of weight: `failure` is the first.
    enum Trouble: Hashable {
        /// The directory is not the one that was opened.
        case directory
        /// Commits fail, whatever is in them.
        case commits
        /// A partition can't be written.
        case writing(TopicPartition)
        /// A partition's row can't be written. What is acknowledged is in its table and in the ledger.
        case row(TopicPartition)
        /// Reads of a partition fail as a whole: its row can't be read.
        case reading(TopicPartition)
        /// There is no room. Reading goes on.
        case room

        fileprivate var weight: Int {
            switch self {
            case .directory: 0
            case .commits: 1
            case .writing: 2
            case .row: 3
            case .reading: 4
            case .room: 5
            }
        }
    }

    private struct State {
        var troubles: [Trouble: LogError] = [:]
        /// The damage that was reported: where each stretch begins.
        var damage: Set<Position> = []
    }

    private struct Position: Hashable {
        var partition: TopicPartition
        var offset: Offset
    }

    private let state = Mutex(State())
    private let report: @Sendable (LogNotice) -> Void
    /// Stretches of damage that are remembered. Past it all are forgotten and may be reported again.
    private static let damageLimit = 1000

    init(report: @escaping @Sendable (LogNotice) -> Void) {
        self.report = report
    }

    /// Why the log can't do its work; nil while it can. No room is not among it: streams go on.
    var failure: LogError? {
        state.withLock { state in
            state.troubles.filter { $0.key != .room }.min { $0.key.weight < $1.key.weight }?.value
        }
    }

    func has(_ trouble: Trouble) -> Bool { state.withLock { $0.troubles[trouble] != nil } }

    /// The trouble is there, for the first time or still.
    func met(_ trouble: Trouble, _ error: LogError) {
        let isNew = state.withLock { $0.troubles.updateValue(error, forKey: trouble) == nil }
        if isNew { report(LogNotice(.error, error.description)) }
    }

    /// The trouble is not there (any more).
    func over(_ trouble: Trouble) {
        let error = state.withLock { state in
            state.troubles.isEmpty ? nil : state.troubles.removeValue(forKey: trouble)
        }
        if let error { report(LogNotice(.notice, "well again, after: \(error)")) }
    }

    /// Records can't be read. Reported once for each stretch.
    func unreadable(_ partition: TopicPartition, _ range: Range<Offset>, detail: String) {
        let isNew = state.withLock { state in
            if state.damage.count >= Self.damageLimit { state.damage = [] }
            return state.damage.insert(Position(partition: partition, offset: range.lowerBound)).inserted
        }
        guard isNew else { return }
        report(LogNotice(.error, LogError.unreadable(partition, range, detail: detail).description))
    }

    func say(_ severity: LogNotice.Severity, _ text: String) {
        report(LogNotice(severity, text))
    }
}

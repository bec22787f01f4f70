import EmbeddedLog
import Synchronization

/// What a log has reported.
final class Notices: Sendable {
    private let notices = Mutex<[LogNotice]>([])

    var all: [LogNotice] { notices.withLock { $0 } }

    func add(_ notice: LogNotice) { notices.withLock { $0.append(notice) } }

    /// Of those that say that something is wrong.
    var errors: [String] { all.filter { $0.severity == .error }.map(\.text) }
}

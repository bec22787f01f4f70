package import EventLog
internal import Synchronization

/// What is known of each stream's canaries. Read by metrics and the list of streams, written by those who send and watch.
package final class CanaryBoard: Sendable {
    /// Of one stream.
    package struct Entry: Hashable, Sendable {
        /// When the last one was sent, and when the last one that was seen was; nil: none yet. Unix milliseconds.
        package var sent: Timestamp?
        package var seen: Timestamp?
        /// Why the last one did not come through; nil: it did, or is still on its way.
        package var trouble: String?

        package var isHealthy: Bool { trouble == nil }
    }

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// By stream; those that have had a canary.
    package var all: [String: Entry] { entries.withLock { $0 } }

    package subscript(_ stream: String) -> Entry? { entries.withLock { $0[stream] } }

    func didSend(_ stream: String, at time: Timestamp) { entries.withLock { $0[stream, default: Entry()].sent = time } }

    func didSee(_ stream: String, sentAt time: Timestamp) {
        entries.withLock {
            $0[stream, default: Entry()].seen = time
            $0[stream]?.trouble = nil
        }
    }

    func didFail(_ stream: String, _ trouble: String) {
        entries.withLock { $0[stream, default: Entry()].trouble = trouble }
    }

    /// Forgets streams that have no canaries any more.
    func keep(_ streams: Set<String>) { entries.withLock { $0 = $0.filter { streams.contains($0.key) } } }
}

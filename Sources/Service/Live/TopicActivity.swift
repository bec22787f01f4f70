package import EventLog
internal import Synchronization

/// What has come in by topic, for metrics and for the list of streams. Any thread may ask.
package final class TopicActivity: Sendable {
    package struct Entry: Hashable, Sendable {
        /// Events since the server's start.
        package var events = 0
        /// Records that are no events.
        package var skipped = 0
        package var newest: Timestamp?
        /// Events a second, of about the last minute.
        package var rate = 0.0
        fileprivate var atLastTick = 0
    }

    private let entries = Mutex<[String: Entry]>([:])
    /// Seconds so far.
    private let age = Atomic(0)
    /// How slowly a rate forgets, in seconds.
    private static let memory = 30

    package init() {}

    package func add(_ topic: String, events: Int, skipped: Int, newest: Timestamp) {
        entries.withLock {
            var entry = $0[topic] ?? Entry()
            entry.events += events
            entry.skipped += skipped
            entry.newest = max(entry.newest ?? newest, newest)
            $0[topic] = entry
        }
    }

    /// To be called once a second: an average that forgets. At first it is one over the time there was.
    package func tick() {
        let seconds = age.add(1, ordering: .relaxed).newValue
        let weight = 1 / Double(min(seconds, Self.memory))
        entries.withLock { entries in
            for topic in entries.keys {
                guard var entry = entries[topic] else { continue }
                entry.rate += (Double(entry.events - entry.atLastTick) - entry.rate) * weight
                entry.atLastTick = entry.events
                entries[topic] = entry
            }
        }
    }

    package var all: [String: Entry] { entries.withLock { $0 } }
}

internal import System

/// Which replays of one event loop can go on, and which wait for something else than blocks of the log.
struct ReplayLines {
    /// Those that can go on, in turn.
    private var runnable = Queue<SubscriberID>()
    /// Those that wait for new records.
    private var atEnd: ContiguousArray<SubscriberID> = []
    /// Those that have used up what a second allows.
    private var resting: ContiguousArray<SubscriberID> = []

    var isEmpty: Bool { runnable.isEmpty }
    /// How many can go on.
    var count: Int { runnable.count }

    mutating func enqueue(_ id: SubscriberID, _ replay: Replay) {
        guard !replay.isQueued else { return }
        replay.isQueued = true
        runnable.append(id)
    }

    mutating func popFirst() -> SubscriberID? { runnable.popFirst() }

    mutating func waitAtEnd(_ id: SubscriberID, _ replay: Replay) {
        guard !replay.isAtEnd else { return }
        replay.isAtEnd = true
        atEnd.append(id)
    }

    mutating func takeAtEnd() -> ContiguousArray<SubscriberID> { Self.take(&atEnd) }

    mutating func rest(_ id: SubscriberID, _ replay: Replay) {
        guard !replay.isResting else { return }
        replay.isResting = true
        resting.append(id)
    }

    mutating func takeResting() -> ContiguousArray<SubscriberID> { Self.take(&resting) }

    private static func take(_ line: inout ContiguousArray<SubscriberID>) -> ContiguousArray<SubscriberID> {
        defer { line.removeAll(keepingCapacity: true) }
        return line
    }
}

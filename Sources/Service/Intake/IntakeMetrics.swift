internal import Synchronization

/// How many events were stored and refused, and how much of the hasty ones waits.
package final class IntakeMetrics: Sendable {
    private let storedCount = Atomic(0)
    private let refusedCount = Atomic(0)
    private let duplicateCount = Atomic(0)
    private let lostCount = Atomic(0)
    private let hastyBytes = Atomic(0)

    package init() {}

    func count(stored: Int, duplicates: Int = 0, refused: Int, lost: Int = 0) {
        duplicateCount.add(duplicates, ordering: .relaxed)
        lostCount.add(lost, ordering: .relaxed)
        storedCount.add(stored, ordering: .relaxed)
        refusedCount.add(refused, ordering: .relaxed)
    }

    package var stored: Int { storedCount.load(ordering: .relaxed) }
    /// Events that were stored before.
    package var duplicates: Int { duplicateCount.load(ordering: .relaxed) }
    package var refused: Int { refusedCount.load(ordering: .relaxed) }
    /// Hasty events that the log did not take after they were answered.
    package var lost: Int { lostCount.load(ordering: .relaxed) }

    /// Whether there is room for so many more bytes.
    func beginHasty(_ bytes: Int, limit: Int) -> Bool {
        guard hastyBytes.add(bytes, ordering: .relaxed).newValue <= limit else {
            endHasty(bytes)
            return false
        }
        return true
    }

    func endHasty(_ bytes: Int) { hastyBytes.subtract(bytes, ordering: .relaxed) }
}

public import EventLog
internal import Synchronization
internal import Time

/// Takes events in: reads a request's body, stores what is right in it, and says of each event what became of it.
public struct Intake: Sendable {
    private let log: any EventLog
    private let limits: IntakeLimits
    private let catalogue: @Sendable () -> StreamCatalogue
    private let now: @Sendable () -> Timestamp
    private let metrics: IntakeMetrics
    /// A clock before this is one that was not set yet, as after a start without a time server: 2024-01-01.
    private static let earliestTime: Timestamp = 1_704_067_200_000

    public init(
        log: any EventLog, limits: IntakeLimits, catalogue: @escaping @Sendable () -> StreamCatalogue,
        now: @escaping @Sendable () -> Timestamp, metrics: IntakeMetrics = IntakeMetrics()
    ) {
        self.log = log
        self.limits = limits
        self.catalogue = catalogue
        self.now = now
        self.metrics = metrics
    }

    /// Stores the events of a request's body. Those that are said to be stored survive a crash.
    ///
    /// - Parameter isHasty: returns before the log has done its work: what is right will be stored if nothing goes wrong.
    /// - Throws: what keeps the whole request from being read.
    public func store(_ body: [UInt8], isHasty: Bool = false) async throws(IntakeError) -> IntakeOutcome {
        var random = SystemRandomNumberGenerator()
        let request: IntakeRequest
        do throws(IntakeError) {
            let now = now()
            guard now >= Self.earliestTime else {
                // Every event would seem to be from the future, and be refused for good.
                throw .unavailable(
                    "The server's clock is set to \(ISO8601.format(now)), which can't be right. Send the events again later."
                )
            }
            request = try IntakeRequest(
                body: body, catalogue: catalogue(), now: now, limits: limits, random: &random)
        } catch {
            metrics.count(stored: 0, refused: 1)
            throw error
        }
        if isHasty, !request.accepted.isEmpty { return try storeLater(request) }
        let results = request.accepted.isEmpty ? [] : await log.append(request.accepted.map(\.record))
        let outcome = IntakeOutcome(request, results.map { IntakeOutcome.Fate($0) })
        metrics.count(stored: outcome.stored, refused: outcome.events.count - outcome.stored)
        return outcome
    }

    /// Nobody waits for the log, but what it has not taken yet is bounded.
    private func storeLater(_ request: IntakeRequest) throws(IntakeError) -> IntakeOutcome {
        let records = request.accepted.map(\.record)
        let bytes = records.reduce(0) { $0 + $1.value.count + ($1.key?.count ?? 0) }
        guard metrics.beginHasty(bytes, limit: limits.hasty) else {
            metrics.count(stored: 0, refused: request.count)
            throw .unavailable("Too many hasty events wait for the log. Send them again later.")
        }
        metrics.count(stored: 0, refused: request.failures.count)
        Task {
            let stored = await log.append(records).count { if case .success = $0 { true } else { false } }
            metrics.endHasty(bytes)
            metrics.count(stored: stored, refused: 0, lost: records.count - stored)
        }
        return IntakeOutcome(request, records.map { _ in .accepted })
    }
}

/// How many events were stored and refused.
public final class IntakeMetrics: Sendable {
    private let storedCount = Atomic(0)
    private let refusedCount = Atomic(0)
    private let lostCount = Atomic(0)
    private let hastyBytes = Atomic(0)

    public init() {}

    func count(stored: Int, refused: Int, lost: Int = 0) {
        lostCount.add(lost, ordering: .relaxed)
        storedCount.add(stored, ordering: .relaxed)
        refusedCount.add(refused, ordering: .relaxed)
    }

    public var stored: Int { storedCount.load(ordering: .relaxed) }
    public var refused: Int { refusedCount.load(ordering: .relaxed) }
    /// Hasty events that the log did not take after they were answered.
    public var lost: Int { lostCount.load(ordering: .relaxed) }

    fileprivate func beginHasty(_ bytes: Int, limit: Int) -> Bool {
        guard hastyBytes.add(bytes, ordering: .relaxed).newValue <= limit else {
            endHasty(bytes)
            return false
        }
        return true
    }

    fileprivate func endHasty(_ bytes: Int) { hastyBytes.subtract(bytes, ordering: .relaxed) }
}

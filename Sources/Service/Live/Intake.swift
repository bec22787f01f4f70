public import EventLog
public import HTTP
internal import Synchronization

/// Takes events in: reads a request's body, stores what is right in it, and says of each event what became of it.
public struct Intake: Sendable {
    private let log: any EventLog
    private let limits: IntakeLimits
    private let catalogue: @Sendable () -> StreamCatalogue
    private let now: @Sendable () -> Timestamp
    private let metrics: IntakeMetrics

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

    /// The answer to `POST /v1/events` with this body. When it says that an event is stored, it survives a crash.
    ///
    /// - Parameter isHasty: answers before the log has done its work: what is right will be stored if nothing goes wrong.
    public func store(
        _ body: [UInt8], _ occurrence: Problem.Occurrence, isHasty: Bool = false
    ) async -> Answer {
        var random = SystemRandomNumberGenerator()
        let request: IntakeRequest
        do throws(Problem) {
            request = try IntakeRequest(
                body: body, catalogue: catalogue(), now: now(), limits: limits, random: &random)
        } catch {
            metrics.count(stored: 0, refused: 1)
            return error.answer(occurrence)
        }
        if isHasty, !request.accepted.isEmpty { return storeLater(request, occurrence) }
        let results = request.accepted.isEmpty ? [] : await log.append(request.accepted.map(\.record))
        let stored = results.count { if case .success = $0 { true } else { false } }
        metrics.count(stored: stored, refused: request.count - stored)
        return request.answer(results, occurrence, retryAfter: 2)
    }

    /// Nobody waits for the log, but what it has not taken yet is bounded.
    private func storeLater(_ request: IntakeRequest, _ occurrence: Problem.Occurrence) -> Answer {
        let records = request.accepted.map(\.record)
        let bytes = records.reduce(0) { $0 + $1.value.count + ($1.key?.count ?? 0) }
        guard metrics.beginHasty(bytes, limit: limits.hasty) else {
            metrics.count(stored: 0, refused: request.count)
            return Problem.unavailable("Too many hasty events wait for the log. Send them again later.", retryAfter: 2)
                .answer(occurrence)
        }
        metrics.count(stored: 0, refused: request.failures.count)
        Task {
            let stored = await log.append(records).count { if case .success = $0 { true } else { false } }
            metrics.endHasty(bytes)
            metrics.count(stored: stored, refused: 0, lost: records.count - stored)
        }
        return request.hastyAnswer(occurrence)
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

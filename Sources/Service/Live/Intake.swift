public import EventLog
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
    public func store(_ body: [UInt8], _ occurrence: Problem.Occurrence) async -> Answer {
        var random = SystemRandomNumberGenerator()
        let request: IntakeRequest
        do throws(Problem) {
            request = try IntakeRequest(
                body: body, catalogue: catalogue(), now: now(), limits: limits, random: &random)
        } catch {
            metrics.count(stored: 0, refused: 1)
            return error.answer(occurrence)
        }
        let results = request.accepted.isEmpty ? [] : await log.append(request.accepted.map(\.record))
        let stored = results.count { if case .success = $0 { true } else { false } }
        metrics.count(stored: stored, refused: request.count - stored)
        return request.answer(results, occurrence, retryAfter: 2)
    }
}

/// How many events were stored and refused.
public final class IntakeMetrics: Sendable {
    private let storedCount = Atomic(0)
    private let refusedCount = Atomic(0)

    public init() {}

    func count(stored: Int, refused: Int) {
        storedCount.add(stored, ordering: .relaxed)
        refusedCount.add(refused, ordering: .relaxed)
    }

    public var stored: Int { storedCount.load(ordering: .relaxed) }
    public var refused: Int { refusedCount.load(ordering: .relaxed) }
}

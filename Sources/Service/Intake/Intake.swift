package import Catalogue
package import EventLog
internal import Events
internal import JSON
internal import System
internal import Time

/// Takes events in: reads a request's body, asks whether anything speaks against its events, stores what is right, and says of
/// each event what became of it.
package struct Intake: Sendable {
    private let log: any EventLog
    private let limits: IntakeLimits
    private let validation: EventValidation?
    private let errorEvents: ErrorEvents?
    private let check: (any EventCheck)?
    private let catalogue: @Sendable () -> StreamCatalogue
    private let now: @Sendable () -> Timestamp
    private let report: @Sendable (LogError) -> Void
    private let metrics: IntakeMetrics

    /// A body up to this size is read on the thread that brings it; a larger one takes long enough to be worth another.
    private static let smallBody = 16 << 10
    /// A clock before this was not set yet, as after a start without a time server: 2024-01-01.
    private static let earliestTime: Timestamp = 1_704_067_200_000

    /// - Parameters:
    ///   - validation: holds events against their schemas; nil: they are taken as they are.
    ///   - errorEvents: tell of those that don't follow theirs; nil: nothing does.
    ///   - check: asked before anything is stored; nil: nothing is.
    ///   - report: takes what the log said when it did not store an event, once for each request.
    package init(
        log: any EventLog, limits: IntakeLimits, validation: EventValidation? = nil, errorEvents: ErrorEvents? = nil,
        check: (any EventCheck)? = nil,
        catalogue: @escaping @Sendable () -> StreamCatalogue, now: @escaping @Sendable () -> Timestamp,
        metrics: IntakeMetrics = IntakeMetrics(), report: @escaping @Sendable (LogError) -> Void = { _ in }
    ) {
        self.log = log
        self.limits = limits
        self.validation = validation
        self.errorEvents = errorEvents
        self.check = check
        self.catalogue = catalogue
        self.now = now
        self.metrics = metrics
        self.report = report
    }

    /// Stores the events of a request's body. Those that are said to be stored survive a crash.
    ///
    /// It works where it is called, but for large bodies.
    ///
    /// - Parameters:
    ///   - coding: the body's.
    ///   - requestID: what `meta.request_id` is where an event has none; nil: it stays without.
    ///   - isHasty: returns before the log has done its work: what is right will be stored if nothing goes wrong.
    /// - Throws: what keeps the whole request from being read.
    package nonisolated(nonsending) func store(
        _ body: [UInt8], coding: IntakeCoding = .identity, requestID: String? = nil, isHasty: Bool = false
    ) async throws(IntakeError) -> IntakeOutcome {
        var request: IntakeRequest
        do throws(IntakeError) {
            let isSmall = coding == .identity && body.count <= Self.smallBody
            request =
                isSmall ? try read(body, coding, requestID) : try await readElsewhere(body, coding, requestID)
            if let validation {
                let schemas = await validation.schemas(for: request)
                if isSmall {
                    validation.check(&request, schemas, limits: limits)
                } else {
                    request = await checkElsewhere(request, validation, schemas)
                }
                tell(of: request.failures)
            }
        } catch {
            metrics.count(stored: 0, refused: 1)
            throw error
        }
        if let check, !request.accepted.isEmpty {
            request.apply(await check.refusals(of: request.accepted.compactMap(CheckedEvent.init)))
        }
        if isHasty, !request.accepted.isEmpty { return try storeLater(request) }
        let results = request.accepted.isEmpty ? [] : await log.append(request.accepted.map(\.record))
        let outcome = IntakeOutcome(request, results.map { IntakeOutcome.Fate($0) })
        let stored = outcome.stored
        metrics.count(stored: stored, refused: outcome.events.count - stored)
        reportFirst(results)
        return outcome
    }

    @concurrent
    private func readElsewhere(
        _ body: [UInt8], _ coding: IntakeCoding, _ requestID: String?
    ) async throws(IntakeError) -> IntakeRequest {
        try read(body, coding, requestID)
    }

    @concurrent
    private func checkElsewhere(
        _ request: IntakeRequest, _ validation: EventValidation, _ schemas: EventValidation.Found
    ) async -> IntakeRequest {
        var request = request
        validation.check(&request, schemas, limits: limits)
        return request
    }

    private func read(
        _ body: [UInt8], _ coding: IntakeCoding, _ requestID: String?
    ) throws(IntakeError) -> IntakeRequest {
        var random = SystemRandom()
        let now = now()
        guard now >= Self.earliestTime else {
            // Every event would seem to be from the future, and be refused for good.
            throw .unavailable(
                "The server's clock is set to \(ISO8601.format(now)), which can't be right. Send the events again later."
            )
        }
        return try IntakeRequest(
            body: try coding.decode(body, limit: limits.body), catalogue: catalogue(), now: now, limits: limits,
            requestID: requestID, random: &random)
    }

    /// Stores what tells of wrong events. Nobody waits for it, and what can't be stored is not told.
    private func tell(of failures: [IntakeRequest.Failure]) {
        guard let errorEvents, !failures.isEmpty else { return }
        var random = SystemRandom()
        let records = errorEvents.records(of: failures, catalogue: catalogue(), now: now(), random: &random)
        let bytes = records.reduce(0) { $0 + $1.value.count }
        guard !records.isEmpty, metrics.beginHasty(bytes, limit: limits.hasty) else { return }
        Task {
            reportFirst(await log.append(records))
            metrics.endHasty(bytes)
        }
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
            let results = await log.append(records)
            let stored = results.count { if case .success = $0 { true } else { false } }
            metrics.endHasty(bytes)
            metrics.count(stored: stored, refused: 0, lost: records.count - stored)
            reportFirst(results)
        }
        return IntakeOutcome(request, records.map { _ in .accepted })
    }

    /// One reason of a request is enough for whoever looks after the log.
    private func reportFirst(_ results: [Result<Appended, LogError>]) {
        for case .failure(let error) in results { return report(error) }
    }
}

extension CheckedEvent {
    fileprivate init?(_ accepted: IntakeRequest.Accepted) {
        let index = accepted.record.index
        guard !index.isEmpty else { return nil }
        let document = JSONDocument(accepted.record.value, index: index.words, at: index.start)
        guard let event = Event(document) else { return nil }
        self.init(event: event, stream: accepted.stream)
    }
}

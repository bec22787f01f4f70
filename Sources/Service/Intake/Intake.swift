package import Catalogue
package import EventLog
internal import Events
internal import JSON
internal import System
internal import Time

/// Takes events in: reads a request's body, asks whether anything speaks against its events, stores what is right, and says of
/// each event what became of it.
package struct Intake: Sendable {
    private let appender: EventAppender
    private let spool: HastySpool?
    private let limits: IntakeLimits
    private let validation: EventValidation?
    private let errorEvents: ErrorEvents?
    private let check: (any EventCheck)?
    private let catalogue: @Sendable () -> StreamCatalogue
    private let now: @Sendable () -> Timestamp
    private let metrics: IntakeMetrics

    /// A body up to this size is read on the thread that brings it; a larger one takes long enough to be worth another.
    private static let smallBody = 16 << 10
    /// A clock before this was not set yet, as after a start without a time server: 2024-01-01.
    private static let earliestTime: Timestamp = 1_704_067_200_000

    /// - Parameters:
    ///   - validation: holds events against their schemas; nil: they are taken as they are.
    ///   - errorEvents: tell of those that don't follow theirs; nil: nothing does.
    ///   - check: asked before anything is stored; nil: nothing is.
    ///   - recent: knows events that were stored before; nil: each is stored as often as it comes.
    ///   - spool: keeps hasty events until the log has them; nil: they are in memory meanwhile.
    ///   - report: takes what the log said when it did not store an event, once for each request.
    package init(
        log: any EventLog, limits: IntakeLimits, validation: EventValidation? = nil, errorEvents: ErrorEvents? = nil,
        check: (any EventCheck)? = nil, recent: RecentEvents? = nil, spool: HastySpool? = nil,
        catalogue: @escaping @Sendable () -> StreamCatalogue, now: @escaping @Sendable () -> Timestamp,
        metrics: IntakeMetrics = IntakeMetrics(), report: @escaping @Sendable (LogError) -> Void = { _ in }
    ) {
        appender = EventAppender(log: log, recent: recent, report: report)
        self.spool = spool
        self.limits = limits
        self.validation = validation
        self.errorEvents = errorEvents
        self.check = check
        self.catalogue = catalogue
        self.now = now
        self.metrics = metrics
    }

    /// Stores the events of a request's body. Those that are said to be stored survive a crash.
    ///
    /// It works where it is called, but for large bodies.
    ///
    /// - Parameters:
    ///   - coding: the body's.
    ///   - isHasty: returns before the log has done its work: what is right will be stored if nothing goes wrong.
    /// - Throws: what keeps the whole request from being read.
    package nonisolated(nonsending) func store(
        _ body: [UInt8], coding: IntakeCoding = .identity, facts: IntakeFacts = IntakeFacts(),
        isHasty: Bool = false
    ) async throws(IntakeError) -> IntakeOutcome {
        var request: IntakeRequest
        do throws(IntakeError) {
            let isSmall = coding == .identity && body.count <= Self.smallBody
            request =
                isSmall ? try await readAndCheck(body, coding, facts) : try await readElsewhere(body, coding, facts)
            if validation != nil { tell(of: request.failures) }
        } catch {
            metrics.count(stored: 0, refused: 1)
            throw error
        }
        if let check, !request.accepted.isEmpty {
            request.apply(await check.refusals(of: request.accepted.compactMap(CheckedEvent.init)))
        }
        if isHasty, !request.accepted.isEmpty { return try await storeLater(request) }
        let outcome = IntakeOutcome(request, request.accepted.isEmpty ? [] : await append(request.accepted))
        let (stored, duplicates) = (outcome.stored, outcome.duplicates)
        metrics.count(
            stored: stored, duplicates: duplicates, refused: outcome.events.count - stored - duplicates)
        return outcome
    }

    /// Stores the events that are not stored yet, and says what became of each.
    private nonisolated(nonsending) func append(_ events: [IntakeRequest.Accepted]) async -> [IntakeOutcome.Fate] {
        await appender.append(
            events.map(\.record), events.map { $0.canComeAgain ? EventKey(stream: $0.stream, id: $0.id) : nil })
    }

    /// All that takes long, with one change of threads there and one back.
    @concurrent
    private func readElsewhere(
        _ body: [UInt8], _ coding: IntakeCoding, _ facts: IntakeFacts
    ) async throws(IntakeError) -> IntakeRequest {
        try await readAndCheck(body, coding, facts)
    }

    private nonisolated(nonsending) func readAndCheck(
        _ body: [UInt8], _ coding: IntakeCoding, _ facts: IntakeFacts
    ) async throws(IntakeError) -> IntakeRequest {
        var request = try read(body, coding, facts)
        if let validation {
            let schemas = await validation.schemas(for: request)
            validation.check(&request, schemas, facts: facts, limits: limits)
        }
        return request
    }

    private func read(
        _ body: [UInt8], _ coding: IntakeCoding, _ facts: IntakeFacts
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
            facts: facts, random: &random)
    }

    /// Stores what tells of wrong events. Nobody waits for it, and what can't be stored is not told.
    private func tell(of failures: [IntakeRequest.Failure]) {
        guard let errorEvents, !failures.isEmpty else { return }
        var random = SystemRandom()
        let records = errorEvents.records(of: failures, catalogue: catalogue(), now: now(), random: &random)
        let bytes = records.reduce(0) { $0 + $1.value.count }
        guard !records.isEmpty, metrics.beginHasty(bytes, limit: limits.hasty) else { return }
        Task {
            _ = await appender.append(records, records.map { _ in nil })
            metrics.endHasty(bytes)
        }
    }

    /// Nobody waits for the log. What it has not taken yet is on the disk, where there is a spool; else it is bounded.
    private nonisolated(nonsending) func storeLater(
        _ request: IntakeRequest
    ) async throws(IntakeError) -> IntakeOutcome {
        let events = request.accepted
        if let spool {
            let errors = await spool.take(events.map(\.record))
            let outcome = IntakeOutcome(request, errors.map { $0.map(IntakeOutcome.Fate.refused) ?? .accepted })
            metrics.count(stored: 0, refused: outcome.refusals.count)
            return outcome
        }
        let bytes = events.reduce(0) { $0 + $1.record.value.count + ($1.record.key?.count ?? 0) }
        guard metrics.beginHasty(bytes, limit: limits.hasty) else {
            metrics.count(stored: 0, refused: request.count)
            throw .unavailable("Too many hasty events wait for the log. Send them again later.")
        }
        metrics.count(stored: 0, refused: request.failures.count)
        Task {
            let fates = await append(events)
            metrics.endHasty(bytes)
            let stored = fates.count { if case .stored = $0 { true } else { false } }
            let duplicates = fates.count { if case .duplicate = $0 { true } else { false } }
            metrics.count(
                stored: stored, duplicates: duplicates, refused: 0, lost: events.count - stored - duplicates)
        }
        return IntakeOutcome(request, events.map { _ in .accepted })
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

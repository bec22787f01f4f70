package import EventLog

/// Appends events to the log, each once: the way on which all events of the intake go.
package struct EventAppender: Sendable {
    let log: any EventLog
    /// Nil: each is stored as often as it comes.
    let recent: RecentEvents?
    /// Takes what the log said when it did not store an event, once for each call.
    let report: @Sendable (LogError) -> Void

    package init(
        log: any EventLog, recent: RecentEvents? = nil, report: @escaping @Sendable (LogError) -> Void = { _ in }
    ) {
        self.log = log
        self.recent = recent
        self.report = report
    }

    /// Stores what is not stored yet.
    ///
    /// - Parameter keys: of the records, in their order; nil for one that nobody can send again.
    /// - Returns: what became of each.
    nonisolated(nonsending) func append(_ records: [NewRecord], _ keys: [EventKey?]) async -> [IntakeOutcome.Fate] {
        guard let recent, keys.contains(where: { $0 != nil }) else {
            let results = await log.append(records)
            reportFirst(results)
            return results.map { IntakeOutcome.Fate($0) }
        }
        let claim: RecentEvents.Claim
        do throws(IntakeError) { claim = try await recent.claim(keys) } catch {
            return records.map { _ in .refused(error) }
        }
        let new = zip(records, claim.parts).compactMap { record, part in
            if case .new = part { record } else { nil }
        }
        let results = new.isEmpty ? [] : await log.append(new)
        reportFirst(results)
        return recent.settle(claim, results)
    }

    /// One reason is enough for whoever looks after the log.
    func reportFirst(_ results: [Result<Appended, LogError>]) {
        for case .failure(let error) in results { return report(error) }
    }
}

/// Keeps a catalogue as new as its source: loads it every so often, and keeps the old one when that fails (contract,
/// section 8).
package actor CatalogueReloader {
    package enum Outcome: Hashable, Sendable {
        /// As it was.
        case unchanged
        case changed(StreamCatalogue)
        /// The old one stays. A sentence for the log.
        case failed(String)
    }

    package private(set) var catalogue: StreamCatalogue
    /// Numbers reloads in the order they begin.
    private var begun = 0
    /// The reload that the catalogue is from.
    private var taken = 0
    private let load: @Sendable () async throws -> StreamCatalogue
    private let sleep: @Sendable () async throws -> Void
    private let report: @Sendable (Outcome) async -> Void

    /// - Parameters:
    ///   - load: reads and checks the configuration anew.
    ///   - sleep: waits for `stream_config_ttl`; it throws when the task is cancelled, which ends `run`.
    ///   - report: is told of every reload, one after the other.
    package init(
        _ catalogue: StreamCatalogue, load: @escaping @Sendable () async throws -> StreamCatalogue,
        sleep: @escaping @Sendable () async throws -> Void, report: @escaping @Sendable (Outcome) async -> Void
    ) {
        self.catalogue = catalogue
        self.load = load
        self.sleep = sleep
        self.report = report
    }

    /// Reloads for ever, until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            do { try await sleep() } catch { return }
            await reload()
        }
    }

    /// Reloads now, as an operator may ask for with a signal.
    @discardableResult
    package func reload() async -> Outcome {
        let outcome: Outcome
        begun += 1
        let own = begun
        do {
            let new = try await load()
            // One that began later may have ended sooner, and knows better.
            if own < taken || new == catalogue {
                outcome = .unchanged
            } else {
                outcome = .changed(new)
                catalogue = new
            }
            taken = max(taken, own)
        } catch {
            outcome = .failed("the stream configuration could not be reloaded, the old one stays: \(error)")
        }
        await report(outcome)
        return outcome
    }
}

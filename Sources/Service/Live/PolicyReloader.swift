internal import Catalogue

/// Keeps the policy as new as its source: loads it every so often and when asked, has it carried out when it has changed, and
/// keeps the old one when it can't be had or can't be right (contract, section 8).
package actor PolicyReloader {
    package enum Outcome: Hashable, Sendable {
        /// As it was.
        case unchanged
        /// - Parameter removed: streams that were taken out, sorted.
        case changed(streams: Int, removed: [String])
        /// The old one stays. A sentence for the log.
        case failed(String)
    }

    /// The policy as the source has it now.
    package struct Loaded: Sendable {
        package var policy: Policy
        /// Whether more than half of the streams may be taken out. A source that answers with something else than it should
        /// is more likely than that somebody means it.
        package var allowsShrinking: Bool

        package init(_ policy: Policy, allowsShrinking: Bool = false) {
            self.policy = policy
            self.allowsShrinking = allowsShrinking
        }
    }

    /// The policy that was carried out last.
    package private(set) var policy: Policy
    /// The policy that was taken last, carried out or not yet; nil after one that could not be carried out.
    private var wanted: Policy?
    /// Numbers reloads in the order they begin.
    private var begun = 0
    /// The reload that the policy is from.
    private var taken = 0
    /// The newest policy that is being carried out: one after the other, in the order they were taken.
    private var applying: Task<Void, any Error>?
    private let load: @Sendable () async throws -> Loaded
    private let apply: @Sendable (Policy) async throws -> Void

    /// - Parameters:
    ///   - policy: what holds now.
    ///   - load: reads and checks the configuration anew.
    ///   - apply: carries a changed policy out.
    package init(
        _ policy: Policy, load: @escaping @Sendable () async throws -> Loaded,
        apply: @escaping @Sendable (Policy) async throws -> Void
    ) {
        self.policy = policy
        wanted = policy
        self.load = load
        self.apply = apply
    }

    /// Reloads now.
    package func reload() async -> Outcome {
        begun += 1
        let own = begun
        let loaded: Loaded
        do {
            loaded = try await load()
        } catch {
            return .failed("the stream configuration could not be reloaded, the old one stays: \(error)")
        }
        let new = loaded.policy
        // One that began later may have ended sooner, and knows better.
        guard own > taken else { return .unchanged }
        if !loaded.allowsShrinking, let mistake = shrinks(to: new.catalogue) { return .failed(mistake) }
        taken = own
        guard new != wanted else { return .unchanged }
        wanted = new
        let removed = removed(by: new.catalogue)
        do {
            try await carryOut(new)
        } catch {
            // A part of it may be in force: whatever the next reload finds is carried out.
            wanted = nil
            return .failed("not all of the changed stream configuration could be carried out yet: \(error)")
        }
        return .changed(streams: new.catalogue.streams.count, removed: removed)
    }

    private func carryOut(_ policy: Policy) async throws {
        let (before, apply) = (applying, apply)
        let task = Task {
            _ = await before?.result
            try await apply(policy)
            self.policy = policy
        }
        applying = task
        try await task.value
    }

    private func removed(by catalogue: StreamCatalogue) -> [String] {
        policy.catalogue.streams.map(\.name).filter { catalogue[$0] == nil }
    }

    private func shrinks(to catalogue: StreamCatalogue) -> String? {
        let (gone, before) = (removed(by: catalogue).count, policy.catalogue.streams.count)
        guard gone * 2 > before else { return nil }
        return "the stream configuration was not taken: it has no more \(gone) of \(before) streams. "
            + "If that is meant, set streams.allow_shrink or restart"
    }
}

import Catalogue
import Live
import Redaction
import Testing

@Suite struct PolicyReloaderTests {
    private struct Broken: Error {}

    /// Gives one outcome of loading after another, and keeps what was carried out.
    private actor Source {
        var results: [Result<Policy, any Error>]
        var applied: [Policy] = []

        init(_ results: [Result<Policy, any Error>]) { self.results = results }

        func load() throws -> Policy { try results.removeFirst().get() }
        func apply(_ policy: Policy) { applied.append(policy) }
    }

    /// Fails so often, then no more.
    private actor Failures {
        private var left: Int
        init(_ count: Int) { left = count }
        func fail() throws {
            guard left > 0 else { return }
            left -= 1
            throw Broken()
        }
    }

    /// Loads wait until they are told their result.
    private actor Gate {
        private var waiting: [CheckedContinuation<Policy, Never>] = []
        private var watchers: [(count: Int, CheckedContinuation<Void, Never>)] = []

        func load() async -> Policy {
            await withCheckedContinuation { continuation in
                waiting.append(continuation)
                watchers.removeAll { watcher in
                    guard waiting.count >= watcher.count else { return false }
                    watcher.1.resume()
                    return true
                }
            }
        }

        func wait(for count: Int) async {
            if waiting.count >= count { return }
            await withCheckedContinuation { watchers.append((count, $0)) }
        }

        func finish(_ place: Int, _ policy: Policy) { waiting[place].resume(returning: policy) }
    }

    private func policy(_ names: String..., redactor: Redactor = Redactor()) throws -> Policy {
        Policy(catalogue: try StreamCatalogue(names.map { PublicStream($0) }), redactor: redactor)
    }

    private func reloader(
        _ policy: Policy, _ source: Source, allowsShrinking: Bool = false
    ) -> PolicyReloader {
        PolicyReloader(
            policy, load: { .init(try await source.load(), allowsShrinking: allowsShrinking) },
            apply: { await source.apply($0) })
    }

    //  first   begin ............................ end(b): too late
    //  second          begin ... end(c): taken
    @Test(.timeLimit(.minutes(1))) func aLoadThatEndsAfterALaterOneIsNotTaken() async throws {
        let (a, b, c) = (try policy("a"), try policy("a", "b"), try policy("a", "c"))
        let (gate, source) = (Gate(), Source([]))
        let reloader = PolicyReloader(a, load: { .init(await gate.load()) }, apply: { await source.apply($0) })
        async let first = reloader.reload()
        await gate.wait(for: 1)
        async let second = reloader.reload()
        await gate.wait(for: 2)
        await gate.finish(1, c)
        #expect(await second == .changed(streams: 2, removed: []))
        await gate.finish(0, b)
        #expect(await first == .unchanged)
        #expect(await reloader.policy == c)
        #expect(await source.applied == [c])
    }

    @Test func aFailedReloadKeepsTheOldPolicy() async throws {
        let (a, b) = (try policy("a"), try policy("b", "a"))
        let source = Source([.success(a), .failure(Broken()), .success(b)])
        let reloader = reloader(a, source)
        #expect(await reloader.reload() == .unchanged)
        guard case .failed(let reason) = await reloader.reload() else {
            Issue.record("taken")
            return
        }
        #expect(reason.contains("could not be reloaded"))
        #expect(await reloader.policy == a)
        #expect(await reloader.reload() == .changed(streams: 2, removed: []))
        #expect(await source.applied == [b])
    }

    @Test func whatCouldNotBeCarriedOutIsTriedAgain() async throws {
        let (a, b) = (try policy("a"), try policy("a", "b"))
        let source = Source([.success(b), .success(b), .success(b)])
        let failures = Failures(1)
        let reloader = PolicyReloader(
            a, load: { .init(try await source.load()) },
            apply: { policy in
                try await failures.fail()
                await source.apply(policy)
            })
        guard case .failed(let reason) = await reloader.reload() else {
            Issue.record("carried out")
            return
        }
        #expect(reason.contains("carried out"))
        #expect(await reloader.reload() == .changed(streams: 2, removed: []))
        #expect(await reloader.reload() == .unchanged)
        #expect(await source.applied == [b])
    }

    @Test func changedRulesOfRedactionAreAChange() async throws {
        let a = try policy("a")
        let b = try policy("a", redactor: Redactor(pages: ["en.example.org": ["Secret"]]))
        let source = Source([.success(b)])
        #expect(await reloader(a, source).reload() == .changed(streams: 1, removed: []))
        #expect(await source.applied == [b])
    }

    @Test func moreThanHalfOfTheStreamsGoOnlyWithConsent() async throws {
        let (a, b, c) = (try policy("a", "b", "c", "d"), try policy("a", "b"), try policy("error"))
        let source = Source([.success(c), .success(b), .success(c)])
        let careful = reloader(a, source)
        guard case .failed(let reason) = await careful.reload() else {
            Issue.record("taken")
            return
        }
        #expect(reason.contains("4 of 4 streams") && reason.contains("streams.allow_shrink"))
        #expect(await careful.reload() == .changed(streams: 2, removed: ["c", "d"]))
        let willing = reloader(a, source, allowsShrinking: true)
        #expect(await willing.reload() == .changed(streams: 1, removed: ["a", "b", "c", "d"]))
    }
}

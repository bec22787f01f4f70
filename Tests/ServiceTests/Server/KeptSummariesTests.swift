import Catalogue
import EventFilter
import EventLog
import EventLogTestKit
import History
import Live
import Redaction
import Streaming
import System
import TestSupport
import Testing

@testable import Server

/// What a server that starts again knows of the log's blocks.
@Suite struct KeptSummariesTests {
    private static let fields = SummaryFields(["wiki"]) ?? .none
    private static let partition = TopicPartition("t", 0)
    private static let blocks = 10

    private func log() -> MemoryLog {
        let log = MemoryLog(topics: ["t": 1])
        for offset in 0..<Self.blocks * 256 {
            let wiki = offset == 700 ? "rare" : "w\(offset % 5)"
            log.put(Self.partition, timestamp: 1000, value: Array(#"{"wiki":"\#(wiki)"}"#.utf8))
        }
        return log
    }

    /// A server's loader and what it keeps in a file.
    private func server(
        _ log: MemoryLog, _ path: String, _ redactor: Redactor = Redactor(), version: Int = 0
    ) throws -> (loader: BlockLoader, kept: KeptSummaries) {
        let policy = Policy(catalogue: try StreamCatalogue([PublicStream("t")]), redactor: redactor)
        let loader = BlockLoader(
            log: log, preparer: EventPreparer(rules: { (version, policy) }, report: { _, _, _ in }), maximumBytes: 0,
            summaryFields: Self.fields, didForget: { KeptSummaries.remove(path) })
        let kept = try KeptSummaries(
            path, loader,
            rules: {
                SummaryRules(version: version) { redactor.mark(streams: policy.catalogue.streams(ofTopic: $0)) }
            }, report: { Issue.record("\($0)") })
        return (loader, kept)
    }

    /// Reads all of the log for a filter. Returns the blocks that were read.
    private func read(_ loader: BlockLoader, _ filter: String?) async throws -> Int {
        let needs = try filter.flatMap { FilterNeeds(try EventFilter($0), Self.fields) }
        let end = Offset(Self.blocks * 256)
        var offset: Offset = 0
        while offset < end {
            let search = needs.map { BlockSearch($0, before: end) }
            guard case .block(let block) = await loader.block(of: Self.partition, at: offset, for: search) else {
                break
            }
            offset = block.range.upperBound
        }
        #expect(offset == end)
        return await loader.reads
    }

    @Test func aServerThatStartsAgainReadsATenthOfTheBlocksForARareValue() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/block-summaries"
        let log = log()
        let first = try server(log, path)
        await first.kept.load()
        #expect(try await read(first.loader, nil) == Self.blocks)
        await first.kept.save()
        let second = try server(log, path, version: 4)
        await second.kept.load()
        #expect(try await read(second.loader, #"wiki == "rare""#) == 1)
    }

    @Test func underOtherRulesOfRedactionAllIsReadAgain() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/block-summaries"
        let log = log()
        let first = try server(log, path, Redactor(rules: [RedactionRule(removals: [.init(path: ["wiki"])])]))
        _ = try await read(first.loader, nil)
        await first.kept.save()
        let second = try server(log, path)
        await second.kept.load()
        #expect(try await read(second.loader, #"wiki == "rare""#) == Self.blocks)
    }

    @Test func aTopicThatIsMadeAnewTakesTheFileAlong() async throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/block-summaries"
        let server = try server(log(), path)
        _ = try await read(server.loader, nil)
        await server.kept.save()
        #expect(try SmallFile.read(path) != nil)
        await server.loader.forget("t")
        #expect(try SmallFile.read(path) == nil)
    }
}

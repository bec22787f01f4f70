import EventFilter
import EventLog
import EventLogTestKit
import Streaming
import System
import Testing

@testable import History

/// What is known of blocks after the process that learned it has ended.
@Suite struct SummaryFileTests {
    private static let fields = SummaryFields(["wiki", "meta.domain"]) ?? .none
    private static let blocks = 10

    private static func rules(_ version: Int = 1, _ mark: UInt64 = 7) -> SummaryRules {
        SummaryRules(version: version) { _ in mark }
    }

    private func log(_ blocks: Int = blocks) -> MemoryLog {
        let log = MemoryLog(topics: ["t": 1])
        for offset in 0..<blocks * 256 { put(log, offset) }
        return log
    }

    private func put(_ log: MemoryLog, _ offset: Int, _ wiki: String? = nil, later: Timestamp = 0) {
        let wiki = wiki ?? (offset == 700 ? "rare" : "w\(offset % 5)")
        log.put(t0, timestamp: 1000 + Timestamp(offset) + later, value: Array(#"{"wiki":"\#(wiki)"}"#.utf8))
    }

    private func loader(
        _ log: MemoryLog, version: Int = 1, fields: SummaryFields = fields,
        didForget: @escaping @Sendable () -> Void = {}
    ) -> BlockLoader {
        BlockLoader(
            log: log, preparer: IndexingPreparer(version: version), maximumBytes: 0, summaryFields: fields,
            didForget: didForget)
    }

    /// Reads all of the log for a filter. Returns the blocks that were read.
    private func read(_ loader: BlockLoader, _ filter: String?, blocks: Int = blocks) async throws -> Int {
        let end = Offset(blocks * 256)
        let before = await loader.reads
        let needs = try filter.flatMap { FilterNeeds(try EventFilter($0), Self.fields) }
        var offset: Offset = 0
        while offset < end {
            let search = needs.map { BlockSearch($0, before: end) }
            guard case .block(let block) = await loader.block(of: t0, at: offset, for: search) else {
                Issue.record("no block at \(offset)")
                break
            }
            offset = block.range.upperBound
        }
        return await loader.reads - before
    }

    /// What a process that has read all of a log leaves behind.
    private func kept(_ log: MemoryLog, blocks: Int = blocks) async throws -> [UInt8] {
        let loader = loader(log)
        _ = try await read(loader, nil, blocks: blocks)
        return try #require(await loader.keptSummaries(under: Self.rules(), since: nil)).bytes
    }

    @Test func aRareValueReadsATenthOfTheBlocksAfterARestart() async throws {
        let log = log()
        let bytes = try await kept(log)
        let next = loader(log, version: 3)
        #expect(await next.restoreSummaries(bytes, under: Self.rules(3)) == Self.blocks)
        #expect(try await read(next, #"wiki == "rare""#) == 1)
        #expect(try await read(next, #"wiki == "none""#) == 0)
        #expect(try await read(next, #"wiki == "w1""#) == Self.blocks)
    }

    @Test func blocksOfOtherRulesAreReadAgain() async throws {
        let log = log()
        let bytes = try await kept(log)
        let next = loader(log)
        #expect(await next.restoreSummaries(bytes, under: Self.rules(1, 8)) == 0)
        #expect(try await read(next, #"wiki == "none""#) == Self.blocks)
    }

    @Test func summariesOfOtherFieldsSayNothing() async throws {
        let log = log()
        let bytes = try await kept(log)
        for names in [["meta.domain", "wiki"], ["wiki"], ["wiki", "meta.domain", "type"]] {
            let next = loader(log, fields: SummaryFields(names) ?? .none)
            #expect(await next.restoreSummaries(bytes, under: Self.rules()) == 0)
        }
    }

    @Test func whatRetentionTookIsForgotten() async throws {
        let log = log()
        let bytes = try await kept(log)
        log.truncate(t0, before: 3 * 256 + 1)
        #expect(await loader(log).restoreSummaries(bytes, under: Self.rules()) == Self.blocks - 4)
    }

    @Test func recordsThatCameInThePlaceOfLostOnesAreRead() async throws {
        let bytes = try await kept(log())
        // A crash took the newest records, and others have their offsets now.
        let shorter = log(Self.blocks - 1)
        #expect(await loader(shorter).restoreSummaries(bytes, under: Self.rules()) == Self.blocks - 1)
        for offset in (Self.blocks - 1) * 256..<Self.blocks * 256 { put(shorter, offset, "new", later: 5_000) }
        let next = loader(shorter)
        #expect(await next.restoreSummaries(bytes, under: Self.rules()) == 0)
        #expect(try await read(next, #"wiki == "new""#) == Self.blocks)
    }

    @Test func whatWasLearnedSinceTheStartStays() async throws {
        let log = log()
        let bytes = try await kept(log)
        let next = loader(log)
        _ = try await read(next, nil, blocks: 1)
        #expect(await next.restoreSummaries(bytes, under: Self.rules()) == Self.blocks)
        #expect(try await read(next, #"wiki == "rare""#) == 1)
        let again = try #require(await next.keptSummaries(under: Self.rules(), since: nil))
        #expect(SummaryFile.read(again.bytes, fields: Self.fields).map(\.summaries.count) == [Self.blocks])
        #expect(await next.keptSummaries(under: Self.rules(), since: again.changes) == nil)
    }

    @Test func aTopicThatIsMadeAnewIsToldAtOnce() async throws {
        let told = Calls()
        let loader = loader(log(), didForget: { told.note() })
        _ = try await read(loader, nil)
        await loader.forget("t")
        #expect(told.count == 1)
        let kept = try #require(await loader.keptSummaries(under: Self.rules(), since: nil))
        #expect(SummaryFile.read(kept.bytes, fields: Self.fields).isEmpty)
    }

    @Test func aDamagedFileSaysNothing() async throws {
        let bytes = try await kept(log(2), blocks: 2)
        #expect(SummaryFile.read(bytes, fields: Self.fields).count == 1)
        for count in 0..<bytes.count {
            #expect(SummaryFile.read(Array(bytes.prefix(count)), fields: Self.fields).isEmpty)
        }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x11
            #expect(SummaryFile.read(changed, fields: Self.fields).isEmpty)
        }
    }

    @Test func aRightChecksumOverWrongNumbersTrapsNothing() async throws {
        let log = log(2)
        let kept = try await kept(log, blocks: 2).dropLast(8)
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var bytes = Array(kept)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 5..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 1...100, using: &random)) }
            var sum: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: sum >> (8 * UInt64(shift)))) }
            #expect(await loader(log).restoreSummaries(bytes, under: Self.rules()) <= 2)
        }
    }
}

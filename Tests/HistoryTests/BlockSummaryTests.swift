import EventFilter
import EventFormats
import EventLog
import EventLogTestKit
import Events
import JSON
import Streaming
import Testing

@testable import History

/// What readers with filters are spared.
@Suite struct BlockSummaryTests {
    private static let fields = SummaryFields(["wiki", "meta.domain"]) ?? .none

    private static func search(_ filter: String, before end: Offset = .max) throws -> BlockSearch {
        BlockSearch(try #require(FilterNeeds(try EventFilter(filter), fields)), before: end)
    }

    /// A log of 20 blocks of 256 records; the value of a field by offset.
    private func log(_ count: Int = 20 * 256, _ value: (Int) -> String = { $0 % 3000 == 17 ? "rare" : "w\($0 % 5)" })
        -> MemoryLog
    {
        let log = MemoryLog(topics: ["t": 2])
        for offset in 0..<count {
            log.put(t0, timestamp: 1000 + Timestamp(offset), value: Array(#"{"wiki":"\#(value(offset))"}"#.utf8))
        }
        return log
    }

    private func loader(
        _ log: MemoryLog, version: Int = 1, cache: Int = 0, bytes: Int = 1 << 20, fields: SummaryFields = fields
    ) -> BlockLoader {
        BlockLoader(
            log: log, preparer: IndexingPreparer(version: version), maximumBytes: cache, summaryFields: fields,
            summaryBytes: bytes)
    }

    /// Reads all that a filter needs, from an offset on. Returns the offsets of the events that it holds for, and the reads.
    private func read(
        _ loader: BlockLoader, _ filter: String?, from start: Offset = 0, to end: Offset = 20 * 256
    ) async throws -> (offsets: [Offset], reads: Int) {
        let before = await loader.reads
        var compiled = try filter.map { CompiledFilter(try EventFilter($0)) }
        let search = try filter.map { try Self.search($0, before: end) }
        var offsets: [Offset] = []
        var offset = start
        while offset < end {
            guard case .block(let block) = await loader.block(of: t0, at: offset, for: search) else {
                Issue.record("no block at \(offset)")
                break
            }
            #expect(block.range.contains(offset))
            for entry in block.entries where entry.offset >= offset {
                guard let event = block.event(entry) else { continue }
                if compiled?.matches(event) ?? true { offsets.append(entry.offset) }
            }
            offset = block.range.upperBound
        }
        return (offsets, await loader.reads - before)
    }

    @Test("A rare value reads a tenth of the blocks, once all were read")
    func rare() async throws {
        let loader = loader(log())
        let first = try await read(loader, nil)
        #expect(first.reads == 20)
        let (offsets, reads) = try await read(loader, #"wiki == "rare""#)
        #expect(offsets == [17, 3017])
        #expect(reads == 2)
        let passes = await loader.passes
        #expect(passes == 18)
        let none = try await read(loader, #"wiki == "none" && size(x) > 1"#)
        #expect(none.offsets == [] && none.reads == 0)
        #expect(try await read(loader, #"wiki in ["rare", "none"]"#).reads == 2)
        #expect(try await read(loader, #"wiki == "w1""#).reads == 20)
    }

    @Test("What came in live is known without having been read, but for windows that are not whole")
    func live() async throws {
        let log = log()
        let loader = loader(log)
        var start: Offset = 100
        for count in [1000, 1, 255, 300, 5000] as [Offset] {
            let end = min(start + count, 20 * 256)
            let records = try await log.read(t0, from: start, limit: ReadLimit(records: Int(end - start), bytes: .max))
            await loader.noteLive(IndexingPreparer().block(of: t0, records.records, range: start..<end), of: t0)
            start = end
        }
        let (offsets, reads) = try await read(loader, #"wiki == "rare""#)
        #expect(offsets == [17, 3017])
        // The first window was not seen from its beginning.
        #expect(reads == 2)
    }

    @Test("Whoever has passed blocks stands behind their last record, and never past its end")
    func positions() async throws {
        let loader = loader(log())
        _ = try await read(loader, nil)
        guard
            case .block(let block) = await loader.block(
                of: t0, at: 30, for: try Self.search(#"wiki == "none""#, before: 1000))
        else {
            Issue.record("nothing was passed")
            return
        }
        // Three whole blocks stand before 1000.
        #expect(block.range == 30..<768)
        #expect(block.entries.map(\.position) == [Position(offset: 768, timestamp: 1767)])
        #expect(block.entries.map(\.kind) == [.skipped])
    }

    @Test("A block with very many values may have anything")
    func hostile() async throws {
        let loader = loader(log(20 * 256) { "value \($0)" })
        _ = try await read(loader, nil)
        #expect(try await read(loader, #"wiki == "none""#).reads == 20)
        #expect(try await read(loader, #"wiki == "value 300""#).offsets == [300])
    }

    @Test("A block with a gap in it is never passed over")
    func gaps() async throws {
        let log = log(300)
        log.put(t0, timestamp: 5000, value: Array("no object".utf8))
        for _ in 301..<1024 { log.put(t0, timestamp: 6000, value: Array("{}".utf8)) }
        let loader = loader(log)
        _ = try await read(loader, nil, to: 1024)
        #expect(try await read(loader, #"wiki == "none""#, to: 1024).reads == 1)
    }

    @Test("Nothing of an older version of the rules, or of a topic that was made anew, is known any more")
    func forgetting() async throws {
        let loader = loader(log())
        _ = try await read(loader, nil)
        await loader.forget("t")
        #expect(try await read(loader, #"wiki == "none""#).reads == 20)
        #expect(try await read(loader, #"wiki == "none""#).reads == 0)
        await loader.purge(olderThan: 2)
        let bytes = await loader.summaryBytes
        #expect(bytes == 0)
        #expect(try await read(loader, #"wiki == "none""#).reads == 20)
    }

    @Test("What is known is bounded: what was seen first goes first")
    func bounded() async throws {
        let loader = loader(log(), bytes: 5000)
        _ = try await read(loader, nil)
        let bytes = await loader.summaryBytes
        #expect(bytes <= 5000 && bytes > 4000)
        #expect(try await read(loader, #"wiki == "none""#, from: 12 * 256).reads == 0)
        #expect(try await read(loader, #"wiki == "none""#, to: 5 * 256).reads == 5)
    }

    @Test("Without fields nothing is summed up")
    func off() async throws {
        let loader = loader(log(), fields: .none)
        _ = try await read(loader, nil)
        let bytes = await loader.summaryBytes
        #expect(bytes == 0)
        #expect(FilterNeeds(try EventFilter(#"wiki == "a""#), .none) == nil)
    }

    @Test("The search for the newest events passes over what can't match, too")
    func newest() async throws {
        let log = log()
        let loader = loader(log)
        _ = try await read(loader, nil)
        let before = await loader.reads
        let filter = try EventFilter(#"wiki == "rare""#)
        let search = NewestSearch(
            for: Subscription(topics: ["t"], filter: filter), tail: SharedTail(maximumBytes: 1), loader: loader)
        let bounds = try await log.bounds(of: t0)
        let found = try await search.newest(2, before: [t0: bounds])
        #expect(found.count == 2 && found.positions[t0]?.offset == 17)
        let reads = await loader.reads - before
        #expect(reads == 2)
    }

    @Test("Fields that the server itself fills in are not summed up, nor what is no path")
    func fields() {
        for names in [["meta.topic"], ["meta.offset"], ["meta"], ["a..b"], [".a"], (0..<9).map { "f\($0)" }] {
            #expect(SummaryFields(names) == nil)
        }
        #expect(SummaryFields(["wiki", "", "meta.domain", "wiki"])?.isEmpty == false)
        #expect(SummaryFields([])?.isEmpty == true)
    }

    @Test("Only filters that name values of these fields need anything")
    func needs() throws {
        for filter in [
            #"wiki == "a""#, #"wiki in ["a", "b"] && x > 1"#, #"(wiki == "a" || meta.domain == "b") && !bot"#,
            #"wiki == "a" && wiki.startsWith("a")"#,
        ] {
            #expect(FilterNeeds(try EventFilter(filter), Self.fields) != nil, "\(filter)")
        }
        for filter in [
            #"wiki != "a""#, "wiki.startsWith(\"a\")", #"wiki == "a" || x == 1"#, "has(wiki)", #"title == "a""#, "true",
        ] {
            #expect(FilterNeeds(try EventFilter(filter), Self.fields) == nil, "\(filter)")
        }
    }
}

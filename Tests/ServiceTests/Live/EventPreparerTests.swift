import Catalogue
import EventFormats
import EventLog
import Events
import JSON
import Live
import Redaction
import Streaming
import Synchronization
import Testing

@Suite struct EventPreparerTests {
    private let partition = TopicPartition("t", 0)

    private func block(_ values: [String], redactor: Redactor = Redactor(), index: RecordIndex = .none) throws -> Block
    {
        let catalogue = try StreamCatalogue([PublicStream("t")])
        let preparer = EventPreparer(
            rules: { (7, Policy(catalogue: catalogue, redactor: redactor)) }, report: { _, _, _ in })
        let records = values.enumerated().map { number, value in
            Record(offset: Offset(number), timestamp: 1000, value: Array(value.utf8), index: index)
        }
        return preparer.block(of: partition, records, range: 0..<Offset(values.count))
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
    }

    @Test func anObjectOfAsManyLevelsAsTheLimitIsDeliveredAndADeeperOneIsAGap() throws {
        let block = try block([nested(65), nested(512), nested(513), nested(3), String(repeating: "[", count: 600)])
        #expect(block.entries.map(\.kind) == [.event, .event, .gap, .event, .skipped])
        let gap = try #require(block.gap(of: block.entries[2]))
        #expect(gap.from == 2 && gap.to == 3 && gap.reason == .unreadable && gap.topic == "t")
        #expect(gap.detail.contains("512 levels"))
        #expect(block.entries[2].next == 3 && block.gap(of: block.entries[1]) == nil)
    }

    @Test func aBlockHasTheIndexOfEachOfItsEvents() throws {
        let block = try block([
            #"{"n":1,"meta":{"id":"x"}}"#, "7", #"{"n":{"m":[2]}}"#, #"{"meta":{"domain":"canary"}}"#,
        ])
        #expect(block.entries.map(\.kind) == [.event, .skipped, .event, .canary])
        #expect(block.event(block.entries[1]) == nil)
        for entry in [block.entries[0], block.entries[2], block.entries[3]] {
            let event = try #require(block.event(entry))
            let text = Array(block.bytes[entry.start..<entry.end])
            #expect(event.document.tree(0) == (try JSONValue(text)))
            #expect(event.document.integer(event.document.value(at: ["meta", "offset"])) == entry.offset)
        }
    }

    @Test func whatTheIntakeHasScannedIsNotScannedAgain() throws {
        // An index that says something else than the text does shows that it is used.
        let foreign = try JSONDocument(Array(#"{"n":1,"m":2}"#.utf8))
        var scanner = JSONScanner()
        try scanner.scanAll(foreign.bytes.span, depth: 8)
        let index = RecordIndex(words: [9] + scanner.index(ofTextOf: 13), start: 1)
        let block = try block([#"{"n":1 "m":2}"#], index: index)
        #expect(block.entries.map(\.kind) == [.event])
    }

    @Test func whatIsRedactedIsNotInTheIndexEither() throws {
        let redactor = Redactor(rules: [RedactionRule(removals: [.init(path: ["user"])])])
        let block = try block([#"{"user":"x","n":1}"#], redactor: redactor)
        let event = try #require(block.event(block.entries[0]))
        #expect(event.document.value(at: ["user"]) == nil)
        #expect(event.document.integer(event.document.value(at: ["n"])) == 1)
    }
}

import EventFormats
import EventLog
import Events
import JSON
import TestSupport
import Testing

/// What the public service sent in the past.
@Suite(.enabled(if: Recorded.isThere, Comment(rawValue: Recorded.whenMissing)))
struct RecordedEventsTests {
    /// Each body was cut off: those marked after the first lines of a block, the others after a block's data, which must
    /// not be dispatched without its blank line.
    @Test(arguments: [
        ("page-create-2021-08-20", 41, true), ("recentchange-2021-08-27", 1950, false),
        ("recentchange-2021-09-10", 341, false), ("recentchange-2021-09-30", 62, true),
        ("revision-create-2021-08-27", 1571, false), ("revision-create-2021-09-10", 168, false),
        ("revision-create-2021-09-30", 66, false), ("revision-score-2021-08-27", 910, false),
        ("revision-score-2021-09-10", 105, false), ("revision-score-2021-09-30", 49, false),
    ])
    func recordedBodiesAreReadButForTheirCutOffLastBlock(name: String, dataLines: Int, endsBeforeData: Bool) throws {
        let body = try Recorded.content(of: "raw-sse/\(name).sse.gz")
        var parser = EventStreamParser()
        var items: [EventStreamItem] = []
        var place = 0
        while place < body.count {
            let piece = body[place..<min(place + 4093, body.count)]
            try parser.push(piece.span, into: &items)
            place = piece.endIndex
        }
        #expect(items.first == .comment("ok".bytes))
        let events = items.compactMap { if case .event(let event) = $0 { event } else { nil } }
        #expect(events.count == dataLines - (endsBeforeData ? 0 : 1))
        #expect(events.count == items.count - 1)
        let wasIncomplete = parser.finish()
        #expect(wasIncomplete)
        for event in events {
            #expect(event.type == "message")
            #expect(try JSONDocument(event.data)[0].kind == .object)
            // The ids of the legacy service are accepted.
            #expect(try !LastEventID.parse(event.lastEventID, topics: []).entries.isEmpty)
        }
    }

    static let files = [
        "misc-streams-samples-2020-2022", "mixed-page-and-revision-2021-01-31", "page-create-2021-08-20",
        "page_change-v1-samples-2024-2026", "recentchange-2021-01-21", "recentchange-2021-08-27",
        "recentchange-2021-09", "recentchange-2023-01-24", "recentchange-2023-01-25", "recentchange-2024-08-22-04h",
        "recentchange-2024-08-22-20h", "recentchange-2025-05-03", "recentchange-2026-02-26",
        "recentchange-legacy-2019-06", "revision-create-2021-08-27", "revision-create-2021-09",
        "revision-score-2021-08-27", "revision-score-2021-09",
    ]

    /// Recorded events have a place already. Put in once more it changes nothing; another one put in and then the first
    /// one again gives back every byte. What is added to an event without a place is one run of bytes.
    @Test(arguments: files)
    func splicingRecordedEventsChangesNothingButTheirPlace(file: String) throws {
        var (replaced, added) = (0, 0)
        for line in try Recorded.lines(of: "\(file).ndjson.gz") {
            let document = try JSONDocument(line)
            let other = try splice(document, "other", 99, 7_777_777_777)
            let meta = document.value(at: ["meta"])
            if let meta, let topic = document.string(document.member("topic", of: meta)),
                let partition = document.integer(document.member("partition", of: meta)),
                let offset = document.integer(document.member("offset", of: meta))
            {
                replaced += 1
                #expect(try splice(document, topic, Int32(partition), offset) == line)
                #expect(other != line)
                #expect(try splice(JSONDocument(other), topic, Int32(partition), offset) == line)
            } else {
                added += 1
                let insertion = #","topic":"other","partition":99,"offset":7777777777"#.bytes
                let end = try document[#require(meta)].end - 1
                #expect(other == line[..<end] + insertion + line[end...])
            }
        }
        #expect(replaced + added > 0)
        #expect(added == (file.hasPrefix("page_change") ? 14 : 0))
    }

    private func splice(
        _ document: JSONDocument, _ topic: String, _ partition: Int32, _ offset: Offset
    ) throws -> [UInt8] {
        let event = try #require(Event(document))
        // A key that an event has is its record's.
        let key = document.value(at: ["meta", "key"]).map { Array(document.text(of: $0)) }
        var (bytes, index) = ([] as [UInt8], [] as [UInt16])
        var scanner = JSONScanner()
        MetaSplice(TopicPartition(topic, partition))
            .append(event, offset: offset, key: key, to: &bytes, index: &index, scanner: &scanner)
        return bytes
    }
}

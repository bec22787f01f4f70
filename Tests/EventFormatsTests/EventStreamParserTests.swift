import EventFormats
import Testing

@Suite struct EventStreamParserTests {
    @Test(
        arguments: [
            ("data: a\n\n", [.event(ReceivedEvent(data: "a".bytes))]),
            (
                "data:a\r\rdata:b\r\n\r\n",
                [.event(ReceivedEvent(data: "a".bytes)), .event(ReceivedEvent(data: "b".bytes))]
            ),
            ("data: a\ndata\ndata:  b\n\n", [.event(ReceivedEvent(data: "a\n\n b".bytes))]),
            ("data\n\n", [.event(ReceivedEvent(data: []))]), ("data:\n\n", [.event(ReceivedEvent(data: []))]),
            ("event: gap\n\ndata: a\n\n", [.event(ReceivedEvent(data: "a".bytes))]),
            (
                "event: gap\ndata: a\n\ndata: b\n\n",
                [
                    .event(ReceivedEvent(type: "gap", data: "a".bytes)), .event(ReceivedEvent(data: "b".bytes)),
                ]
            ),
            ("event\ndata: a\n\n", [.event(ReceivedEvent(data: "a".bytes))]),
            (
                "id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
                [
                    .event(ReceivedEvent(data: "a".bytes, lastEventID: "1".bytes)),
                    .event(ReceivedEvent(data: "b".bytes, lastEventID: "1".bytes)),
                    .event(ReceivedEvent(data: "c".bytes)),
                ]
            ),
            (
                "id: 1\n\ndata: a\n\n",
                [
                    .progress(lastEventID: "1".bytes), .event(ReceivedEvent(data: "a".bytes, lastEventID: "1".bytes)),
                ]
            ),
            ("id: 1\nid: 2\0\ndata: a\n\n", [.event(ReceivedEvent(data: "a".bytes, lastEventID: "1".bytes))]),
            (
                "retry: 0012\nretry: 1.5\nretry:\nretry: -1\nretry:  1\nretry: 99999999999999999999\n",
                [
                    .retry(milliseconds: 12), .retry(milliseconds: .max),
                ]
            ),
            (":ok\n\n: heartbeat\n:\n", [.comment("ok".bytes), .comment("heartbeat".bytes), .comment([])]),
            ("Data: a\ndata : a\n data: a\nidx: 1\nda\n\n\n\n", []),
            ("\u{FEFF}data: a\n\n\u{FEFF}data: b\n\n", [.event(ReceivedEvent(data: "a".bytes))]),
            ("\u{FEFF}\u{FEFF}data: a\n\n", []), ("data: a\n\ndata: b\n", [.event(ReceivedEvent(data: "a".bytes))]),
            (
                "data: a\n\nid: 1\ndata: b\n\n: c",
                [
                    .event(ReceivedEvent(data: "a".bytes)),
                    .event(ReceivedEvent(data: "b".bytes, lastEventID: "1".bytes)),
                ]
            ),
            ("data: a:b\u{2028}c\u{85}d\u{B}\n\n", [.event(ReceivedEvent(data: "a:b\u{2028}c\u{85}d\u{B}".bytes))]),
        ] as [(String, [EventStreamItem])])
    func readsABodyAsTheStandardSaysInWhateverPiecesItComes(body: String, expected: [EventStreamItem]) throws {
        for size in 1...body.utf8.count {
            var parser = EventStreamParser()
            var items: [EventStreamItem] = []
            for start in stride(from: 0, to: body.utf8.count, by: size) {
                items += try parser.push(Array(body.bytes[start...].prefix(size)))
            }
            #expect(items == expected, "in pieces of \(size)")
        }
    }

    @Test func theLastIdOutlivesTheBodyAndWhatIsIncompleteDoesNot() throws {
        var parser = EventStreamParser()
        _ = try parser.push("id: 1\ndata: a\n\nid: 2\ndata: b\n".bytes)
        #expect(parser.lastEventID == "1".bytes)
        let firstIncomplete = parser.finish()
        #expect(firstIncomplete)
        #expect(try parser.push("\n\u{FEFF}".bytes).isEmpty)
        let secondIncomplete = parser.finish()
        #expect(secondIncomplete)
        #expect(
            try parser.push("\u{FEFF}data: c\n\n".bytes) == [
                .event(ReceivedEvent(data: "c".bytes, lastEventID: "1".bytes))
            ])
        let thirdIncomplete = parser.finish()
        #expect(!thirdIncomplete)
    }

    @Test(arguments: [
        "data: \(String(repeating: "a", count: 100))\n\n", String(repeating: "data\n", count: 101),
        ":\(String(repeating: "a", count: 100))",
        "id: \(String(repeating: "a", count: 60))\nevent: \(String(repeating: "a", count: 60))\n",
        String(repeating: "x", count: 101),
    ])
    func refusesAnEventLongerThanTheLimitAndGoesOnRefusing(body: String) {
        for size in [body.utf8.count, 1] {
            var parser = EventStreamParser(limit: 100)
            #expect(throws: EventStreamError.tooLong(limit: 100)) {
                for start in stride(from: 0, to: body.utf8.count, by: size) {
                    _ = try parser.push(Array(body.bytes[start...].prefix(size)))
                }
            }
            #expect(throws: EventStreamError.tooLong(limit: 100)) { try parser.push("\n".bytes) }
        }
    }

    @Test func manyEventsThatFitTheLimitOneByOneAreTaken() throws {
        var parser = EventStreamParser(limit: 20)
        #expect(try parser.push(String(repeating: "id: 1\ndata: abc\n\n", count: 1000).bytes).count == 1000)
    }

    @Test func linesEndedByCarriageReturnsAloneAreReadInLinearTime() throws {
        var parser = EventStreamParser()
        let body = [UInt8](repeating: 0x0D, count: 1 << 20)
        #expect(try parser.push(body).isEmpty)
    }
}

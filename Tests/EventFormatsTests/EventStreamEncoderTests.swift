import EventFormats
import EventLog
import System
import TestSupport
import Testing

@Suite struct EventStreamEncoderTests {
    @Test func fieldsComeInTheOrderEventIdDataAndABlankLine() {
        let id = "7".bytes
        let data = #"{"a":1}"#.bytes
        let bytes = written { EventStreamEncoder.appendEvent(id: id.span, data: data.span, to: &$0) }
        #expect(bytes.text == "event: message\nid: 7\ndata: {\"a\":1}\n\n")
    }

    @Test func theFirstDataIsWithinTheFirstFiveLinesOfABody() {
        let id = "7".bytes
        let data = "{}".bytes
        let bytes = written {
            EventStreamEncoder.appendPreamble(to: &$0)
            EventStreamEncoder.appendEvent(id: id.span, data: data.span, to: &$0)
        }
        let lines = bytes.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.prefix(5).contains { $0.hasPrefix("data: ") })
    }

    @Test(arguments: [
        ("a\nb", "data: a\ndata: b\n\n"), ("a\rb", "data: a\ndata: b\n\n"), ("a\r\nb", "data: a\ndata: b\n\n"),
        ("a\n\rb", "data: a\ndata: \ndata: b\n\n"), ("\n", "data: \ndata: \n\n"), ("", "data: \n\n"),
        ("a\r\n", "data: a\ndata: \n\n"), ("\u{2028}\u{85}", "data: \u{2028}\u{85}\n\n"),
    ])
    func dataIsSplitAtEveryKindOfLineEnd(data: String, expected: String) {
        let data = data.bytes
        let bytes = written { EventStreamEncoder.appendEvent(data: data.span, to: &$0) }
        #expect(bytes.text == "event: message\n" + expected)
    }

    @Test(arguments: ["1\n\ndata: x", "1\rdata: x", "1\r\ndata: x", "\0001\n", "\n\n\n"])
    func anIdCanNotBeginALineOfItsOwn(id: String) throws {
        let id = id.bytes
        let data = "a".bytes
        let bytes = written { EventStreamEncoder.appendEvent(id: id.span, data: data.span, to: &$0) }
        var parser = EventStreamParser()
        let clean = id.filter { ![0, 0x0A, 0x0D].contains($0) }
        #expect(try parser.push(bytes) == [.event(ReceivedEvent(data: data, lastEventID: clean))])
    }

    @Test(arguments: ["a\ndata: x\n\n", "\r\rdata: x\r\r", "\r\ndata: x"])
    func aCommentCanNotBeginALineOfItsOwn(text: String) throws {
        let text = text.bytes
        let bytes = written { EventStreamEncoder.appendComment(text.span, to: &$0) }
        var parser = EventStreamParser()
        let items = try parser.push(bytes)
        #expect(!items.isEmpty)
        for item in items {
            guard case .comment = item else {
                Issue.record("\(item)")
                continue
            }
        }
    }

    @Test func retryIsADecimalNumberAndNeverNegative() {
        #expect(written { EventStreamEncoder.appendRetry(milliseconds: 4321, to: &$0) }.text == "retry: 4321\n")
        #expect(written { EventStreamEncoder.appendRetry(milliseconds: .min, to: &$0) }.text == "retry: 0\n")
    }

    @Test func heartbeatsAndRetryTimesAreNoEmptyEventsForWhoCountsBlocks() throws {
        let data = "x".bytes
        let bytes = written {
            EventStreamEncoder.appendHeartbeat(time: 0, to: &$0)
            EventStreamEncoder.appendEvent(data: data.span, to: &$0)
            EventStreamEncoder.appendHeartbeat(time: 1000, to: &$0)
            EventStreamEncoder.appendRetry(milliseconds: 5, to: &$0)
        }
        #expect(bytes.text.split(separator: "\n", omittingEmptySubsequences: false).count { $0.isEmpty } == 2)
        var parser = EventStreamParser()
        let items = try parser.push(bytes)
        let retry = EventStreamItem.retry(milliseconds: 5)
        #expect(items.contains(retry) && items.contains(.event(ReceivedEvent(data: data))))
        let isIncomplete = parser.finish()
        #expect(!isIncomplete)
    }

    @Test func anIDAloneIsStoredAndDispatchesNothing() throws {
        let id = "7".bytes
        let bytes = written { EventStreamEncoder.appendProgress(id: id.span, to: &$0) }
        #expect(bytes.text == "id: 7\n\n")
        var parser = EventStreamParser()
        let items = try parser.push(bytes)
        #expect(items == [.progress(lastEventID: id)])
        #expect(parser.lastEventID == id)
    }

    @Test func whatIsEncodedIsReadAsItWas() throws {
        var random = SeededGenerator(seed: 1)
        for round in 0..<2000 {
            let type = EventType.allCases.randomElement(using: &random) ?? .message
            let id = random.bytes(20)
            let data = random.bytes(60)
            let bytes = written { EventStreamEncoder.appendEvent(type: type, id: id.span, data: data.span, to: &$0) }
            var parser = EventStreamParser()
            let expected = ReceivedEvent(
                type: "\(type)", data: joinedByLF(data), lastEventID: id.filter { ![0, 0x0A, 0x0D].contains($0) })
            #expect(try parser.push(bytes) == [.event(expected)], "round \(round): \(data)")
        }
    }

    /// CRLF and CR as LF.
    private func joinedByLF(_ data: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var previous: UInt8 = 0
        for byte in data {
            if byte == 0x0D || (byte == 0x0A && previous != 0x0D) {
                result.append(0x0A)
            } else if byte != 0x0A {
                result.append(byte)
            }
            previous = byte
        }
        return result
    }
}

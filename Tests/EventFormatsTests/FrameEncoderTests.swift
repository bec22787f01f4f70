import EventFormats
import EventLog
import JSON
import Testing
import Time

@Suite struct FrameEncoderTests {
    @Test func anNDJSONBodyBeginsWithALineFeedAndAHeartbeatIsAnEmptyLine() {
        #expect(written { NDJSONEncoder.appendPreamble(to: &$0) } == [0x0A])
        #expect(written { NDJSONEncoder.appendHeartbeat(to: &$0) } == [0x0A])
    }

    @Test func anNDJSONObjectIsOneLineWhateverWhiteSpaceItHas() {
        let object = "{\r\n\"a\":\n1}".bytes
        #expect(written { NDJSONEncoder.appendObject(object.span, to: &$0) }.text == "{  \"a\": 1}\n")
    }

    @Test(arguments: [
        (#"{"type":"x","status":503}"#, #"{"$notice":"error","type":"x","status":503}"#),
        ("{ }", #"{"$notice":"error" }"#), ("\n{\n\"a\":1}\n", "{\"$notice\":\"error\", \"a\":1}"),
        ("not \"JSON\"\n", #"{"$notice":"error","detail":"not \"JSON\"\n"}"#),
        ("[1]", #"{"$notice":"error","detail":"[1]"}"#),
    ])
    func anNDJSONErrorIsTheProblemWithANotice(problem: String, expected: String) throws {
        let problem = problem.bytes
        let bytes = written { NDJSONEncoder.appendError(problem: problem.span, to: &$0) }
        #expect(bytes.text == expected + "\n")
        #expect(try JSONValue(bytes)["$notice"] == "error")
    }

    @Test func aGapSaysNullForWhatIsNotKnown() throws {
        let gap = Gap(topic: "a", reason: .topicRecreated, detail: "x")
        #expect(
            written { NDJSONEncoder.appendGap(gap, to: &$0) }.text
                == #"{"$notice":"gap","topic":"a","partition":null,"from":null,"to":null,"reason":"topic_recreated","detail":"x"}"#
                + "\n")
    }

    @Test func whatNDJSONHasNoWordsForIsNothing() {
        let encoder = FrameEncoder(format: .ndjson, isChunked: true, cursor: CursorEncoder([]))
        let positions: [Position] = []
        #expect(written { encoder.appendRetry(milliseconds: 1, to: &$0) }.isEmpty)
        #expect(written { encoder.appendProgress(positions: positions.span, to: &$0) }.isEmpty)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_790_487_705_416, "2026-09-27T05:41:45.416Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (.min, "0000-01-01T00:00:00.000Z"),
            (.max, "9999-12-31T23:59:59.999Z"),
        ] as [(Timestamp, String)])
    func aTimeIsWrittenInUTCWithMilliseconds(time: Timestamp, expected: String) {
        #expect(written { ISO8601.append(time, to: &$0) }.text == expected)
    }
}

import EventFormats
import EventLog
import JSON
import Testing

@Suite struct LastEventIDTests {
    @Test(
        arguments: [
            (
                #"[{"topic":"a","partition":0,"offset":123,"timestamp":1790487705416}]"#,
                [RequestedPosition(topic: "a", partition: 0, place: .at(123), timestamp: 1_790_487_705_416)]
            ),
            (
                #"[{"topic":"a","partition":0,"timestamp":5},{"topic":"b","partition":0,"offset":-1}]"#,
                [
                    RequestedPosition(topic: "a", partition: 0, timestamp: 5),
                    RequestedPosition(topic: "b", partition: 0, place: .end),
                ]
            ),
            (
                #" [ "a" , {"x":[{}],"offset":-2,"partition":1,"topic":"b"} ] "#,
                [RequestedPosition(topic: "a"), RequestedPosition(topic: "b", partition: 1, place: .beginning)]
            ),
            (#""a,b""#, [RequestedPosition(topic: "a"), RequestedPosition(topic: "b")]),
            (
                #"[{"topic":"a","partition":0,"offset":null,"timestamp":-5}]"#,
                [RequestedPosition(topic: "a", partition: 0, timestamp: -5)]
            ),
        ] as [(String, [RequestedPosition])])
    func readsWhatClientsMaySend(id: String, expected: [RequestedPosition]) throws {
        #expect(try LastEventID.parse(id.bytes, topics: []) == expected)
    }

    @Test func ofSeveralEntriesForAPartitionTheLastCounts() throws {
        let id =
            #"[{"topic":"a","partition":0,"offset":1},"a",{"topic":"b","partition":0,"offset":2},{"topic":"a","partition":0,"offset":3},"a"]"#
        #expect(
            try LastEventID.parse(id.bytes, topics: []) == [
                RequestedPosition(topic: "b", partition: 0, place: .at(2)),
                RequestedPosition(topic: "a", partition: 0, place: .at(3)), RequestedPosition(topic: "a"),
            ])
    }

    @Test(
        arguments: [
            ("", .empty), (" \n", .empty), ("[]", .emptyList), ("{}", .notAList), (#"{"topic":"a"}"#, .notAList),
            ("null", .unknownVersion), ("-1", .unknownVersion), ("(", .unknownForm), ("\u{FEFF}[]", .unknownForm),
            ("a b", .unknownForm), ("%5B%5D", .unknownForm), ("A", .unknownForm),
            ("\"\"", .invalidEntry(0, .emptyTopic)), ("\"a,\"", .invalidEntry(1, .emptyTopic)),
            ("[1]", .invalidEntry(0, .notAnEntry)), ("[[]]", .invalidEntry(0, .notAnEntry)),
            ("[null]", .invalidEntry(0, .notAnEntry)), ("[\"\"]", .invalidEntry(0, .emptyTopic)),
            ("[\"a\",{}]", .invalidEntry(1, .topic)),
            (#"[{"topic":1,"partition":0,"offset":0}]"#, .invalidEntry(0, .topic)),
            (#"[{"topic":"a","offset":0}]"#, .invalidEntry(0, .partition)),
            (#"[{"topic":"a","partition":-1,"timestamp":1}]"#, .invalidEntry(0, .partition)),
            (#"[{"topic":"a","partition":2147483648,"offset":0}]"#, .invalidEntry(0, .partition)),
            (#"[{"topic":"a","partition":"0","offset":0}]"#, .invalidEntry(0, .partition)),
            (#"[{"topic":"a","partition":0.5,"offset":0}]"#, .invalidEntry(0, .partition)),
            (#"[{"topic":"a","partition":1e99,"offset":0}]"#, .invalidEntry(0, .partition)),
            (#"[{"topic":"a","partition":0}]"#, .invalidEntry(0, .noPlace)),
            (#"[{"topic":"a","partition":0,"offset":null}]"#, .invalidEntry(0, .noPlace)),
            (#"[{"topic":"a","partition":0,"offset":-3}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":-1000}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":-2001}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":"5"}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":true}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":9223372036854775808}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":1,"timestamp":"1"}]"#, .invalidEntry(0, .timestamp)),
            (#"[{"topic":"a","partition":0,"timestamp":8640000000000001}]"#, .invalidEntry(0, .timestamp)),
            (#"[{"topic":"a","partition":0,"timestamp":-9223372036854775808}]"#, .invalidEntry(0, .timestamp)),
            (#"[{"topic":"a","partition":0,"offset":1}"#, .invalidJSON(JSONError(.unexpectedEnd, at: 39))),
            ("[1]]", .invalidJSON(JSONError(.trailingBytes, at: 3))),
        ] as [(String, LastEventIDError)])
    func refusesWhatIsWrongAndSaysWhy(id: String, expected: LastEventIDError) {
        #expect(throws: expected) { try LastEventID.parse(id.bytes, topics: ["a"]) }
        #expect(expected.description.count > 20)
    }

    @Test func refusesInvalidUTF8() {
        #expect(throws: LastEventIDError.invalidJSON(JSONError(.invalidUTF8, at: 2))) {
            try LastEventID.parse([0x5B, 0x22, 0xFF, 0x22, 0x5D], topics: [])
        }
        #expect(throws: LastEventIDError.unknownForm) { try LastEventID.parse([0xFF], topics: []) }
        #expect(throws: LastEventIDError.unknownForm) { try LastEventID.parse([0x41, 0xFF], topics: []) }
    }

    @Test func takes256EntriesAnd16KiBAndNoMore() throws {
        func list(_ count: Int) -> [UInt8] { "[\((0..<count).map { "\"\($0)\"" }.joined(separator: ","))]".bytes }
        #expect(try LastEventID.parse(list(256), topics: []).count == 256)
        #expect(throws: LastEventIDError.tooManyEntries(limit: 256)) { try LastEventID.parse(list(257), topics: []) }
        let commas = "\"" + (0..<257).map(String.init).joined(separator: ",") + "\""
        #expect(throws: LastEventIDError.tooManyEntries(limit: 256)) { try LastEventID.parse(commas.bytes, topics: []) }
        func padded(_ length: Int) -> [UInt8] {
            "[\"a\"".bytes + [UInt8](repeating: 0x20, count: length - 5) + "]".bytes
        }
        #expect(try LastEventID.parse(padded(16 << 10), topics: []).count == 1)
        #expect(throws: LastEventIDError.tooLong(limit: 16 << 10)) {
            try LastEventID.parse(padded(16 << 10 + 1), topics: [])
        }
        #expect(throws: LastEventIDError.self) {
            try LastEventID.parse([UInt8](repeating: UInt8(ascii: "["), count: 16 << 10), topics: [])
        }
    }

    @Test func aCompactIdIsRefusedForOtherStreams() throws {
        let encoder = CursorEncoder([TopicPartition("ab", 0)], topics: ["ab", "c"])
        let id = written { encoder.append([Position(offset: 5, timestamp: 6)], form: .compact, to: &$0) }
        let expected = [RequestedPosition(topic: "ab", partition: 0, place: .at(5), timestamp: 6)]
        #expect(try LastEventID.parse(id, topics: ["c", "ab", "c"]) == expected)
        for topics in [["ab"], ["a", "bc"], ["ab", "c", "d"], ["abc"], []] {
            #expect(throws: LastEventIDError.otherTopics) { try LastEventID.parse(id, topics: topics) }
        }
        for length in 2..<id.count {
            #expect(throws: LastEventIDError.damaged) {
                try LastEventID.parse(Array(id.prefix(length)), topics: ["ab", "c"])
            }
        }
        #expect(throws: LastEventIDError.damaged) { try LastEventID.parse(id + "A".bytes, topics: ["ab", "c"]) }
        #expect(throws: LastEventIDError.unknownVersion) {
            try LastEventID.parse("B".bytes + id.dropFirst(), topics: ["ab", "c"])
        }
    }
}

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
        #expect(try LastEventID.parse(id.bytes, topics: []).entries == expected)
    }

    @Test func ofSeveralEntriesForAPartitionTheLastCounts() throws {
        let id =
            #"[{"topic":"a","partition":0,"offset":1},"a",{"topic":"b","partition":0,"offset":2},{"topic":"a","partition":0,"offset":3},"a"]"#
        #expect(
            try LastEventID.parse(id.bytes, topics: []).entries == [
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
            (#"[{"topic":"a","partition":0,"offset":1.5}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":1e-1}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":1e999999999999999999999}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"offset":1e-999999999999999999999}]"#, .invalidEntry(0, .offset)),
            (#"[{"topic":"a","partition":0,"timestamp":9223372036854775808}]"#, .invalidEntry(0, .timestamp)),
            (#"[{"topic":"a","partition":0,"timestamp":-9223372036854775809}]"#, .invalidEntry(0, .timestamp)),
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
        #expect(try LastEventID.parse(list(256), topics: []).entries.count == 256)
        #expect(throws: LastEventIDError.tooManyEntries(limit: 256)) { try LastEventID.parse(list(257), topics: []) }
        let commas = "\"" + (0..<257).map(String.init).joined(separator: ",") + "\""
        #expect(throws: LastEventIDError.tooManyEntries(limit: 256)) { try LastEventID.parse(commas.bytes, topics: []) }
        func padded(_ length: Int) -> [UInt8] {
            "[\"a\"".bytes + [UInt8](repeating: 0x20, count: length - 5) + "]".bytes
        }
        #expect(try LastEventID.parse(padded(16 << 10), topics: []).entries.count == 1)
        #expect(throws: LastEventIDError.tooLong(limit: 16 << 10)) {
            try LastEventID.parse(padded(16 << 10 + 1), topics: [])
        }
        #expect(throws: LastEventIDError.self) {
            try LastEventID.parse([UInt8](repeating: UInt8(ascii: "["), count: 16 << 10), topics: [])
        }
    }

    @Test(
        arguments: [
            ("123.0", 123), ("1.23e2", 123), ("1230E-1", 123), ("0.0", 0), ("-0", 0), ("0e99999", 0), ("-0.0e-5", 0),
            ("9.223372036854775807e18", .max), ("9223372036854775807.000", .max), ("1e18", 1_000_000_000_000_000_000),
        ] as [(String, Offset)])
    func numbersAreReadAsJSONMayWriteThem(text: String, offset: Offset) throws {
        let id = "[{\"topic\":\"a\",\"partition\":0.0,\"offset\":\(text),\"timestamp\":\(text)}]"
        #expect(
            try LastEventID.parse(id.bytes, topics: []).entries == [
                RequestedPosition(topic: "a", partition: 0, place: .at(offset), timestamp: offset)
            ])
    }

    @Test(arguments: [Timestamp.min, -1, 0, 1_790_000_000_000_000_000, .max], IDForm.allCases)
    func whateverTimeALogHasIsAccepted(time: Timestamp, form: IDForm) throws {
        let encoder = CursorEncoder([TopicPartition("a", 0), TopicPartition("a", 1)])
        let positions = [Position(offset: 7, timestamp: time), Position(offset: .max, timestamp: 5)]
        let id = written { encoder.append(positions, form: form, to: &$0) }
        #expect(try LastEventID.parse(id, topics: ["a"]).entries.map(\.timestamp) == [time, 5])
    }

    // MARK: Whole and final

    private static let whole =
        #"{"topic":"a","partition":0,"offset":1},{"topic":"b","partition":0,"offset":2,"entries":2}"#

    @Test(arguments: [
        ("[\(whole)]", true), ("[\(whole),\"c\"]", false),
        (#"[{"topic":"a","partition":0,"offset":1}]"#, false),
        (#"[{"topic":"b","partition":0,"offset":2,"entries":2}]"#, false),
        (#"[{"topic":"b","partition":0,"offset":2,"entries":1.0}]"#, true),
        (#"[{"topic":"b","partition":0,"offset":2,"entries":"1"}]"#, false),
        (
            #"[{"topic":"a","partition":0,"offset":1,"entries":1},{"topic":"b","partition":0,"offset":2,"entries":2}]"#,
            false
        ),
        ("\"a\"", false),
    ])
    func anIdIsWholeWhereItListsAsManyAsItWasMadeWith(id: String, isWhole: Bool) throws {
        #expect(try LastEventID.parse(id.bytes, topics: []).isWhole == isWhole)
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)], IDForm.allCases)
    func whetherItIsWholeAndFinalComesBack(marks: (isWhole: Bool, isFinal: Bool), form: IDForm) throws {
        let encoder = CursorEncoder([TopicPartition("a", 0), TopicPartition("b", 3)], isWhole: marks.isWhole)
        let positions = [Position(offset: 7, timestamp: 9), Position(offset: 8)]
        let id = written { encoder.append(positions, form: form, isFinal: marks.isFinal, to: &$0) }
        let read = try LastEventID.parse(id, topics: ["b", "a"])
        #expect(read.isWhole == marks.isWhole && read.isFinal == marks.isFinal && read.entries.count == 2)
    }

    // MARK: Compact ids of other lists of topics

    private func compact(_ topics: [String], isWhole: Bool = true) -> [UInt8] {
        let encoder = CursorEncoder(topics.map { TopicPartition($0, 0) }, isWhole: isWhole)
        let positions = topics.indices.map { Position(offset: Offset($0), timestamp: 1_000 + Timestamp($0)) }
        return written { encoder.append(positions, form: .compact, to: &$0) }
    }

    @Test(arguments: [["a", "b", "x"], ["x", "a", "b"], ["a", "x", "b", "y"], ["y", "b", "a"]])
    func aCompactIdIsReadWhereOneOrTwoTopicsWereAdded(topics: [String]) throws {
        let read = try LastEventID.parse(compact(["a", "b"]), topics: topics)
        #expect(read.entries.map(\.topic) == ["a", "b"])
        #expect(read.isWhole && read.time == nil)
    }

    @Test(arguments: [[], ["a"], ["b", "c"], ["a", "b", "c", "d", "e"], ["ab"]])
    func aCompactIdOfAnotherListSaysWhenItWasMade(topics: [String]) throws {
        #expect(
            try LastEventID.parse(compact(["a", "b"]), topics: topics)
                == RequestedCursor([], isWhole: true, time: 1_001))
        #expect(throws: LastEventIDError.otherTopics) {
            try LastEventID.parse(compact(["a", "b"], isWhole: false), topics: topics)
        }
    }

    @Test func aCompactIdOfAnotherListThatHadNoTimeIsOfTheBeginning() throws {
        let encoder = CursorEncoder([TopicPartition("a", 0)], isWhole: true)
        let id = written { encoder.append([Position(offset: 0)], form: .compact, to: &$0) }
        #expect(try LastEventID.parse(id, topics: ["b"]).time == .min)
    }

    /// Made by the server's first version, for topics a and b: `b/0` at 9, `b/1` at 2^39, and `a/0` at 123.
    @Test func aCompactIdOfTheFirstVersionIsReadAndMeansWhatItNames() throws {
        let id = "AWCGjNxZQqL6Dg7LeIQAAAAB76v-AAAAAABPV-IIAAAAAAAAAADot0Dp".bytes
        let expected = [
            RequestedPosition(topic: "a", partition: 0, place: .at(123), timestamp: 1_790_487_705_416),
            RequestedPosition(topic: "b", partition: 0, place: .at(9), timestamp: 1_790_487_705_000),
            RequestedPosition(topic: "b", partition: 1, place: .at(1 << 39), timestamp: 1_790_480_005_000),
        ]
        #expect(try LastEventID.parse(id, topics: ["a", "b"]) == RequestedCursor(expected))
        #expect(try LastEventID.parse(id, topics: ["a", "aa", "b"]) == RequestedCursor(expected))
        for topics in [["a"], ["a", "b", "c", "d"], []] {
            #expect(throws: LastEventIDError.otherTopics) { try LastEventID.parse(id, topics: topics) }
        }
    }

    @Test func aCompactIdThatIsCutOrHasMoreIsRefused() throws {
        let id = compact(["ab", "c"])
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

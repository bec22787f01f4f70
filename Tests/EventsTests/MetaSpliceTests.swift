import EventLog
import Events
import JSON
import TestSupport
import Testing

@Suite struct MetaSpliceTests {
    @Test(
        arguments: [
            (
                #"{"meta":{"id":"1"},"a":1.50}"#, nil,
                #"{"meta":{"id":"1","topic":"t","partition":3,"offset":42},"a":1.50}"#
            ),
            (#"{"meta":{}}"#, "k", #"{"meta":{"topic":"t","partition":3,"offset":42,"key":"k"}}"#),
            ("{}", nil, #"{"meta":{"topic":"t","partition":3,"offset":42}}"#),
            (" { } ", nil, #"{ "meta":{"topic":"t","partition":3,"offset":42}}"#),
            (
                #"{"a":1e400}"#, "{\"w\": 1}\n",
                #"{"a":1e400,"meta":{"topic":"t","partition":3,"offset":42,"key":{"w": 1}}}"#
            ),
            (#"{"meta":null,"a":[]}"#, nil, #"{"meta":{"topic":"t","partition":3,"offset":42},"a":[]}"#),
            (#"{"meta":[{"topic":1}]}"#, nil, #"{"meta":{"topic":"t","partition":3,"offset":42}}"#),
            (
                #"{"meta":{"offset":{"a":1},"x":1,"topic":"y"},"b":0}"#, "7",
                #"{"meta":{"offset":42,"x":1,"topic":"t","partition":3,"key":7},"b":0}"#
            ),
            (
                #"{"meta":{"key":"own","partition":9}}"#, nil,
                #"{"meta":{"partition":3,"topic":"t","offset":42}}"#
            ),
            (
                #"{"meta":{"id":1 , "key":"own" , "k\u0065y":{"a":1},"b":2, "key":3}}"#, nil,
                #"{"meta":{"id":1,"b":2,"topic":"t","partition":3,"offset":42}}"#
            ),
            (#"{"meta":{"key":1 , "key":2 }}"#, nil, #"{"meta":{ "topic":"t","partition":3,"offset":42}}"#),
            (
                #"{"meta":{ "key" : 1 , "offset":2}}"#, nil,
                #"{"meta":{ "offset":42,"topic":"t","partition":3}}"#
            ),
            (
                #"{"meta":{"key":1},"key":2}"#, "k",
                #"{"meta":{"key":"k","topic":"t","partition":3,"offset":42},"key":2}"#
            ),
            (
                #"{"meta":{"topic":1,"t\u006fpic":2},"m\u0065ta":7,"meta":{"topic":3}}"#, nil,
                #"{"meta":{"topic":"t","t\u006fpic":"t","partition":3,"offset":42},"m\u0065ta":{"topic":"t","partition":3,"offset":42},"meta":{"topic":"t","partition":3,"offset":42}}"#
            ),
            (
                "{\n  \"meta\" : {\r\n\t\"id\" : \"a\\nb\"\n  }\n}\n", nil,
                "{   \"meta\" : {  \t\"id\" : \"a\\nb\"   ,\"topic\":\"t\",\"partition\":3,\"offset\":42} }"
            ),
            (
                "{\"meta\":{\"a\":\"\u{2028}\"}}", nil,
                "{\"meta\":{\"a\":\"\u{2028}\",\"topic\":\"t\",\"partition\":3,\"offset\":42}}"
            ),
            (
                #"{"a":{"meta":{"topic":1}},"meta":{"meta":{}}}"#, nil,
                #"{"a":{"meta":{"topic":1}},"meta":{"meta":{},"topic":"t","partition":3,"offset":42}}"#
            ),
        ] as [(String, String?, String)])
    func putsTheRecordsPlaceIntoMetaAndLeavesTheRest(record: String, key: String?, expected: String) throws {
        #expect(try splice(record.bytes, key: key?.bytes).text == expected)
    }

    @Test func aKeyThatIsNotJSONIsAStringAndInvalidUTF8IsReplaced() throws {
        #expect(try key([0x61, 0xFF, 0x22]) == "\"a\u{FFFD}\\\"\"")
        #expect(try key([]) == "\"\"")
        #expect(try key("\"\\n\"".bytes) == "\"\\n\"")
        #expect(try key("{\n\"a\":\r1}".bytes) == "{ \"a\": 1}")
        let deep =
            String(repeating: "[", count: Event.maximumDepth - 2)
            + String(repeating: "]", count: Event.maximumDepth - 2)
        #expect(try key(deep.bytes) == deep)
        #expect(try key("[\(deep)]".bytes) == "\"[\(deep)]\"")
    }

    @Test(arguments: ["[]", "\"meta\"", "1", "null", "true", "[{\"meta\":{}}]"])
    func whatIsNotAnObjectIsNoEvent(text: String) throws {
        #expect(Event(try JSONDocument(text.bytes)) == nil)
    }

    @Test func splicingTwiceIsTheSameAsSplicingOnce() throws {
        for record in [#"{"meta":{"id":"1"}}"#, "{}", #"{"meta":3,"meta":{"key":1}}"#] {
            let once = try splice(record.bytes, key: "k".bytes)
            #expect(try splice(once, key: "k".bytes) == once)
        }
    }

    @Test func theIndexOfTheResultIsTheOneThatAScanOfItGives() throws {
        let large = String(repeating: "x", count: 65_400)
        for record in [
            #"{"a":[1,{"b":null}],"meta":{"id":"1","x":{}},"z":"ü\n"}"#, #"{"meta":{"key":[1],"offset":{"a":1}}}"#,
            "{}",
            #"{"m\u0065ta":1,"meta":{},"a":{}}"#, #"{"s":"\#(large)","meta":{"id":1},"z":[]}"#,
            #"{"s":"\#(large)\#(large)","meta":{"id":1},"z":[]}"#,
        ] {
            for key in [nil, "k", #"{"w":[1,{"ü\n":2}],"\u0061":3}"#] { _ = try splice(record.bytes, key: key?.bytes) }
        }
    }

    private func splice(_ record: [UInt8], key: [UInt8]?) throws -> [UInt8] {
        let event = try #require(Event(JSONDocument(record, depth: Event.maximumDepth)))
        // What stands before it stays.
        var (bytes, index) = ("before".bytes, [7, 7] as [UInt16])
        var scanner = JSONScanner()
        MetaSplice(TopicPartition("t", 3))
            .append(event, offset: 42, key: key, to: &bytes, index: &index, scanner: &scanner)
        #expect(bytes.prefix(6) == "before".bytes[...] && index.prefix(2) == [7, 7])
        let result = Array(bytes.dropFirst(6))
        let scanned = try JSONDocument(result, depth: Event.maximumDepth)
        let indexed = JSONDocument(bytes, base: 6, index: index, at: 2)
        #expect(indexed.tree(0) == scanned.tree(0))
        // One that was taken away still counts.
        #expect(indexed.hasEscapedNames || !scanned.hasEscapedNames)
        for word in 0..<scanned.wordCount(of: 0) where scanned.bytes.indices.contains(scanned.start(of: word)) {
            #expect(indexed.start(of: word) - 6 == scanned.start(of: word))
        }
        #expect(indexed.wordCount(of: 0) == scanned.wordCount(of: 0))
        return result
    }

    /// How a key is written.
    private func key(_ key: [UInt8]) throws -> String {
        let bytes = try splice("{}".bytes, key: key)
        return String(bytes.text.dropFirst(#"{"meta":{"topic":"t","partition":3,"offset":42,"key":"#.count).dropLast(2))
    }
}

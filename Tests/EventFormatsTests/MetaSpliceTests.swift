import EventFormats
import EventLog
import JSON
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
                #"{"meta":{"key":"own","partition":3,"topic":"t","offset":42}}"#
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
        let deep = String(repeating: "[", count: 62) + String(repeating: "]", count: 62)
        #expect(try key(deep.bytes) == deep)
        #expect(try key("[\(deep)]".bytes) == "\"[\(deep)]\"")
    }

    @Test(arguments: ["[]", "\"meta\"", "1", "null", "true", "[{\"meta\":{}}]"])
    func whatIsNotAnObjectIsNotSpliced(text: String) throws {
        let document = try JSONDocument(text.bytes)
        var bytes = "before".bytes
        let isObject = MetaSplice(TopicPartition("t", 3)).append(document, offset: 42, to: &bytes)
        #expect(!isObject)
        #expect(bytes.text == "before")
    }

    @Test func splicingTwiceIsTheSameAsSplicingOnce() throws {
        for record in [#"{"meta":{"id":"1"}}"#, "{}", #"{"meta":3,"meta":{"key":1}}"#] {
            let once = try splice(record.bytes, key: "k".bytes)
            #expect(try splice(once, key: "k".bytes) == once)
        }
    }

    private func splice(_ record: [UInt8], key: [UInt8]?) throws -> [UInt8] {
        let document = try JSONDocument(record)
        var bytes: [UInt8] = []
        let isObject = MetaSplice(TopicPartition("t", 3)).append(document, offset: 42, key: key, to: &bytes)
        #expect(isObject)
        _ = try JSONDocument(bytes)
        return bytes
    }

    /// How a key is written.
    private func key(_ key: [UInt8]) throws -> String {
        let bytes = try splice("{}".bytes, key: key)
        return String(bytes.text.dropFirst(#"{"meta":{"topic":"t","partition":3,"offset":42,"key":"#.count).dropLast(2))
    }
}

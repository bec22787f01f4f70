import Testing

@testable import Load

@Suite struct EventTimestampTests {
    private func time(_ field: String, _ json: String) -> Int64? {
        EventTimestamp(field)?.microseconds(in: Array(json.utf8))
    }

    @Test func textIsReadToTheMicrosecond() {
        #expect(time("/meta/dt", #"{"meta":{"dt":"2026-09-27T02:21:45Z"}}"#) == 1_790_475_705_000_000)
        #expect(time("/meta/dt", #"{"meta":{"dt":"2026-09-27T02:21:45.5Z"}}"#) == 1_790_475_705_500_000)
        #expect(time("/meta/dt", #"{"meta":{"dt":"2026-09-27T02:21:45.123456Z"}}"#) == 1_790_475_705_123_456)
        #expect(time("/meta/dt", #"{"meta":{"dt":"2026-09-27T02:21:45.1234567890Z"}}"#) == 1_790_475_705_123_456)
        #expect(time("/meta/dt", #"{"meta":{"dt":"2026-09-27T02:21:45.123x56Z"}}"#) == nil)
    }

    @Test(arguments: ["1790475705.25", "1790475705250", "1790475705250000", "1790475705250000000", "\"1790475705250\""])
    func aNumbersSizeTellsItsUnit(number: String) {
        #expect(time("t", "{\"t\":\(number)}") == 1_790_475_705_250_000)
    }

    @Test func namesAndPointersLeadToTheSameField() {
        let json = #"{"a":{"b":1790475705,"c/d":{"~":1790475706}}}"#
        #expect(time("a.b", json) == 1_790_475_705_000_000)
        #expect(time("/a/b", json) == 1_790_475_705_000_000)
        #expect(time("/a/c~1d/~0", json) == 1_790_475_706_000_000)
    }

    @Test func whatIsNoTimeIsNone() {
        for json in [#"{"t":null}"#, #"{"t":-5}"#, #"{"t":1e300}"#, #"{"t":"soon"}"#, #"{"t":[1]}"#, "{}", "[", ""] {
            #expect(time("t", json) == nil, "\(json)")
        }
        #expect(EventTimestamp("none") == nil)
    }
}

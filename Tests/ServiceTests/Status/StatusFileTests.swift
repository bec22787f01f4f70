import Status
import Testing

@Suite struct StatusFileTests {
    private static func file() -> StatusFile {
        let noon: Int64 = 1_790_510_400_000
        var keeper = StatusKeeper(limits: FreshnessLimits(), now: noon)
        for minute: Int64 in 0...5 {
            keeper.take(
                StatusReading(
                    streams: [
                        .init("a", events: Int(minute * 7), newest: noon), .init("ä-é", events: 3, isReadable: false),
                    ],
                    figures: [.clients: 5, .sent: Int(minute * 11)]),
                at: noon + minute * 60_000)
        }
        return keeper.file(hasEnded: true, now: noon + 301_000)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let file = Self.file()
        #expect(file.incidents.count == 2 && file.history.events(of: "ä-é", until: 29_841_844, step: 1) != nil)
        #expect(StatusFile(file.bytes) == file)
    }

    @Test func noPartOfAFileAndNoOtherVersionIsRead() {
        let bytes = Self.file().bytes
        for count in stride(from: 0, to: bytes.count, by: 997) { #expect(StatusFile(Array(bytes[..<count])) == nil) }
        #expect(StatusFile(bytes + [0]) == nil)
        var later = bytes
        later[8] = StatusFile.version + 1
        #expect(StatusFile(later) == nil)
    }

    @Test func aFileWithAWrongByteIsNotRead() {
        let bytes = Self.file().bytes
        for place in stride(from: 0, to: bytes.count, by: 1013) {
            var damaged = bytes
            damaged[place] ^= 0x40
            #expect(StatusFile(damaged) == nil, "byte \(place)")
        }
    }

    @Test func theLargestFileIsOfAKnownSize() {
        var keeper = StatusKeeper(limits: FreshnessLimits(), now: 0)
        let streams = (0..<1000).map { StatusReading.Stream(String(repeating: "s", count: 200) + "\($0)") }
        keeper.take(StatusReading(streams: streams), at: 0)
        keeper.take(StatusReading(streams: streams), at: 60_000)
        #expect(keeper.file(hasEnded: false, now: 60_000).bytes.count < 2_000_000)
    }
}

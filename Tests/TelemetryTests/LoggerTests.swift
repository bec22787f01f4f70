import Synchronization
import Telemetry
import Testing

@Suite struct LoggerTests {
    /// What a logger wrote.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func take(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
    }

    private func lines(_ level: LogLevel, _ format: Logger.Format, _ body: (Logger) -> Void) -> [String] {
        let lines = Lines()
        body(Logger(level: level, format: format, now: { 1_795_258_800_123 }, sink: { lines.take($0) }))
        return lines.all
    }

    @Test func aLineHasItsTimeLevelMessageAndFieldsAndJSONHasNumbersAsNumbers() {
        let text = lines(.info, .text) { $0.info("ready", ("streams", 3), ("why", "a b"), ("none", "")) }
        #expect(text == ["2026-11-21T11:00:00.123Z INFO    ready streams=3 why=\"a b\" none=\"\"\n"])
        let json = lines(.info, .json) { $0.warning("a \"b\"", ("c\n", "d\u{2028}"), ("n", 7), ("t", "7")) }
        #expect(
            json == [
                #"{"time":"2026-11-21T11:00:00.123Z","level":"warning","message":"a \"b\"","c_":"d\u2028","n":7,"t":"7"}"#
                    + "\n"
            ])
    }

    @Test func linesBelowTheLevelAreNotMade() {
        var made = 0
        func make() -> String {
            made += 1
            return "made"
        }
        let text = lines(.warning, .text) {
            $0.info(make())
            $0.error("e")
        }
        #expect(text.count == 1)
        #expect(made == 0)
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{0}b", "a\u{1B}[31mb", "a\u{85}b", "a\u{2029}b", "x=1 y=\"2\"", "\\"])
    func nothingInAValueBeginsALineOrAField(value: String) {
        for format in Logger.Format.allCases {
            let text = lines(.info, format) { $0.info("m \(value)", ("f", value), (value, "v")) }
            #expect(text.count == 1)
            #expect(text[0].unicodeScalars.filter { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }.count == 1)
            #expect(text[0].hasSuffix("\n"))
        }
    }

    @Test func aRateLimitedMessageSaysHowOftenItWasLeftOut() {
        let time = Mutex<Int64>(0)
        let log = RateLimitedLog(interval: 60_000, now: { time.withLock { $0 } })
        var told: [Int] = []
        for second in 0..<125 {
            time.withLock { $0 = Int64(second) * 1000 }
            log("k") { told.append($0) }
        }
        #expect(told == [0, 59, 59])
        log("another") { told.append(-$0) }
        #expect(told.count == 4)
    }
}

import Catalogue
import Compression
import EventLog
import EventLogTestKit
import Events
import Intake
import JSON
import Synchronization
import Testing

@Suite struct IntakeStoringTests {
    private static let event = Array(#"{"meta":{"stream":"a","id":"i"},"n":1}"#.utf8)

    private func intake(
        _ log: MemoryLog, limits: IntakeLimits = IntakeLimits(), check: (any EventCheck)? = nil,
        report: @escaping @Sendable (LogError) -> Void = { _ in }
    ) throws -> Intake {
        let catalogue = try StreamCatalogue([PublicStream("a")])
        return Intake(
            log: log, limits: limits, check: check, catalogue: { catalogue }, now: { 1_795_255_200_123 }, report: report
        )
    }

    private func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var result = Gzip.header
        Deflater(.thorough).append(bytes.span, startsAnew: true, to: &result)
        Gzip.appendEnd(GzipSum(bytes.span), to: &result)
        return result
    }

    @Test func aBodyInGzipIsStoredAsItIsWithout() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let outcome = try await intake(log).store(gzip(Self.event), coding: .gzip)
        #expect(outcome.stored == 1)
        let block = try await log.read(TopicPartition("a", 0), from: 0, limit: ReadLimit())
        #expect(
            block.records.first.map { String(decoding: $0.value, as: UTF8.self).hasPrefix(#"{"meta":{"stream":"a"#) }
                == true)
    }

    @Test func aBodyInGzipMayNotBeLargerThanABodyMayBe() async throws {
        // Fifty times the same piece, which may stand behind anything.
        let part = [UInt8](repeating: 0x20, count: 1_000_000)
        var piece: [UInt8] = []
        Deflater(.thorough).append(part.span, startsAnew: true, to: &piece)
        var (bomb, sum) = (Gzip.header, GzipSum())
        for _ in 0..<50 {
            bomb += piece
            sum = sum.followed(by: GzipSum(part.span))
        }
        Gzip.appendEnd(sum, to: &bomb)
        let intake = try intake(MemoryLog(topics: ["a": 1]), limits: IntakeLimits(body: 1 << 20))
        #expect(bomb.count < 1 << 20)
        await #expect(throws: IntakeError.tooLarge(what: "The decompressed body", limit: 1 << 20)) {
            try await intake.store(bomb, coding: .gzip)
        }
    }

    @Test func aBodyThatIsNoGzipOrEndsTooEarlyIsRefused() async throws {
        let intake = try intake(MemoryLog(topics: ["a": 1]))
        for body in [Self.event, Array(gzip(Self.event).dropLast(3)), []] {
            await #expect { try await intake.store(body, coding: .gzip) } throws: {
                ($0 as? IntakeError)?.code == "bad_request" && "\($0)".contains("isn't gzip")
            }
        }
    }

    @Test(
        arguments: [
            (nil, .identity), ("", .identity), ("Identity", .identity), ("gzip", .gzip), ("X-GZip", .gzip), ("br", nil),
            ("gzip, gzip", nil), ("deflate", nil),
        ] as [(String?, IntakeCoding?)])
    func onlyGzipIsDecoded(header: String?, coding: IntakeCoding?) {
        #expect(IntakeCoding(contentEncoding: header) == coding)
    }

    @Test func whyTheLogStoresNothingIsReportedOnceForARequest() async throws {
        let log = MemoryLog(topics: ["a": 1])
        log.failAppends(3, with: .full("the disk has 3 MB left"))
        let told = Told()
        let body = Array("[".utf8) + Self.event + Array(",".utf8) + Self.event + Array("]".utf8)
        let outcome = try await intake(log) { error in told.errors.withLock { $0.append(error) } }.store(body)
        #expect(outcome.stored == 0)
        #expect(outcome.refusals.allSatisfy { $0.description.contains("3 MB left") && $0.isTemporary })
        #expect(told.errors.withLock { $0 } == [.full("the disk has 3 MB left")])
    }

    @Test func whatACheckRefusesIsNotStoredAndTheRestIs() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let body = "[" + (0..<4).map { #"{"meta":{"stream":"a"},"n":\#($0)}"# }.joined(separator: ",") + ",7]"
        let outcome = try await intake(log, check: OddNumbers()).store(Array(body.utf8))
        #expect(outcome.events.map(\.index) == [0, 1, 2, 3, 4])
        #expect(outcome.stored == 2)
        #expect(outcome.refusals.map(\.description) == ["n is even", "n is even", "An event must be a JSON object."])
        let block = try await log.read(TopicPartition("a", 0), from: 0, limit: ReadLimit())
        #expect(try block.records.map { try JSONValue($0.value)["n"] } == [1, 3])
    }

    @Test func whatACheckDoesNotSpeakOfIsNotStored() async throws {
        let log = MemoryLog(topics: ["a": 1])
        let outcome = try await intake(log, check: Silent()).store(Self.event)
        #expect(outcome.stored == 0 && outcome.refusals == [.internalFailure])
    }

    private final class Told: Sendable {
        let errors = Mutex<[LogError]>([])
    }

    /// Has something against events with an even number.
    private struct OddNumbers: EventCheck {
        func refusals(of events: [CheckedEvent]) async -> [IntakeError?] {
            await Task.yield()
            return events.map { checked in
                let document = checked.event.document
                let number = document.integer(document.value(at: ["n"])) ?? 0
                return number % 2 == 0 ? .invalidEvent("n is even") : nil
            }
        }
    }

    private struct Silent: EventCheck {
        func refusals(of events: [CheckedEvent]) async -> [IntakeError?] { [] }
    }
}

import EventStreamsClient
import HTTPClient
import JSON
import Synchronization
import TestSupport
import Testing

@testable import Clients

/// An intake that keeps what it is sent.
private final class Intake: Sendable {
    private let numbers = Mutex<[Int64]>([])
    var stored: [Int64] { numbers.withLock { $0 } }

    func store(_ body: [UInt8]) -> ScriptedServer.Step {
        guard let document = try? JSONDocument(body) else { return .answer(400) }
        let found = document.elements(of: 0).compactMap { document.integer(document.member("n", of: $0)) }
        numbers.withLock { $0 += found }
        let entries = found.indices.map { "{\"index\":\($0),\"status\":201}" }
        return .answer(201, "{\"status\":201,\"events\":[\(entries.joined(separator: ","))]}")
    }
}

@Suite(.timeLimit(.minutes(1))) struct ProduceCommandTests {
    private static func lines(_ range: ClosedRange<Int>) -> String {
        range.map { "{\"n\":\($0)}\n" }.joined()
    }

    @Test func filesAreSentInOrderInBatches() async throws {
        let intake = Intake()
        let server = try ScriptedServer { _, request in [intake.store(request.body)] }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let files = [
            directory.file("a", Self.lines(1...5)), directory.file("b", "\r\n" + Self.lines(6...7) + "{\"n\":8}"),
        ]
        let recorded = RecordedEnvironment()
        let options = ProduceOptions(
            url: server.url + "/v1/events", files: files, producer: ProducerOptions(batchEvents: 2))
        #expect(await ProduceCommand(options, recorded.environment).run() == 0)
        #expect(intake.stored == Array(1...8))
        #expect(server.requests.count == 5)
        #expect(server.requests[0].line == "POST /v1/events HTTP/1.1")
        #expect(server.requests[0].headers["content-type"] == "application/json")
        #expect(recorded.sentences.last?.hasPrefix("8 events stored (56 B), 0 refused") == true)
    }

    @Test func badLinesAreToldAndTheRestGoesOn() async throws {
        let intake = Intake()
        let server = try ScriptedServer { _, request in [intake.store(request.body)] }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let long = "{\"n\":4,\"x\":\"" + String(repeating: "x", count: 200_000) + "\"}\n"
        let file = directory.file("a", Self.lines(1...1) + "nonsense\n[1]\n" + long + Self.lines(5...5))
        let recorded = RecordedEnvironment()
        let options = ProduceOptions(url: server.url, files: [file], producer: ProducerOptions(eventLimit: 1000))
        #expect(await ProduceCommand(options, recorded.environment).run() == 1)
        #expect(intake.stored == [1, 5])
        #expect(recorded.sentences.count { $0.hasPrefix("\(file) line 2 was refused: not JSON") } == 1)
        #expect(recorded.sentences.contains("\(file) line 3 was refused: not a JSON object"))
        #expect(recorded.sentences.contains("\(file) line 4 was refused: longer than 1000 bytes"))
    }

    @Test func troubleIsWaitedOutAndNothingIsLostOrDoubled() async throws {
        let intake = Intake()
        let server = try ScriptedServer { number, request in
            switch number {
            case 0: [.answer(503, headers: ["Retry-After: 2"])]
            case 1: [.close]
            case 2: [.send("HTTP/1.1 201 X\r\nContent-Le"), .close]
            case 3: [.answer(429)]
            default: [intake.store(request.body)]
            }
        }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let recorded = RecordedEnvironment()
        let options = ProduceOptions(url: server.url, files: [directory.file("a", Self.lines(1...3))])
        #expect(await ProduceCommand(options, recorded.environment).run() == 0)
        #expect(intake.stored == [1, 2, 3])
        // libcurl itself sends again, at once, when a kept connection turns out to be closed.
        #expect(server.requests.count == 5)
        #expect(recorded.waits == [2062, 500, 1000])
    }

    @Test func aRerunGoesOnWhereTheLastGaveUp() async throws {
        let intake = Intake()
        let isUp = Mutex(true)
        let server = try ScriptedServer { number, request in
            if number == 2 { isUp.withLock { $0 = false } }
            return isUp.withLock { $0 } ? [intake.store(request.body)] : [.answer(503)]
        }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let files = [directory.file("a", Self.lines(1...3)), directory.file("b", Self.lines(4...9))]
        let state = directory.path + "/state"
        let recorded = RecordedEnvironment()
        let options = ProduceOptions(
            url: server.url, files: files, stateFile: state, producer: ProducerOptions(batchEvents: 3, patience: 5))
        #expect(await ProduceCommand(options, recorded.environment).run() == 1)
        #expect(intake.stored == Array(1...6))
        #expect(recorded.sentences.last?.hasPrefix("gave up at \(files[1]) line 4: ") == true)
        #expect(directory.text("state")?.contains("\"line\":3") == true)
        isUp.withLock { $0 = true }
        #expect(await ProduceCommand(options, RecordedEnvironment().environment).run() == 0)
        #expect(intake.stored == Array(1...9))
        #expect(await ProduceCommand(options, RecordedEnvironment().environment).run() == 0)
        #expect(intake.stored == Array(1...9))
        #expect(directory.names == ["a", "b", "state"])
    }

    @Test func whatMayBeStoredIsSentWithTheSameIDByARerun() async throws {
        let server = try ScriptedServer { _, _ in [.answer(503)] }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let file = directory.file("a", Self.lines(1...2))
        let options = ProduceOptions(
            url: server.url, files: [file], stateFile: directory.path + "/state", producer: ProducerOptions(patience: 0)
        )
        for _ in 0..<2 { #expect(await ProduceCommand(options, RecordedEnvironment().environment).run() == 1) }
        var other = options
        other.stateFile = directory.path + "/other"
        #expect(await ProduceCommand(other, RecordedEnvironment().environment).run() == 1)
        let bodies = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies.count == 3 && bodies[0] == bodies[1] && bodies[0] != bodies[2])
        #expect(Set(bodies[0].split(separator: "\"").filter { $0.count == 36 }).count == 2)
    }

    @Test func idsOfLinesDifferByFileLineAndSeed() {
        var ids = Set<String>()
        for seed in [0, 1, UInt64.max] {
            for file in ["a", "b", ""] {
                for line in [1, 2, 3, Int64.max] { ids.insert(LineID.text(seed: seed, file: file, line: line)) }
            }
        }
        #expect(ids.count == 36)
        #expect(ids.allSatisfy { $0.count == 36 && Array($0)[14] == "4" })
    }

    @Test func whatWasStoredOfABatchGivenUpIsNotSentAgain() async throws {
        let isUp = Mutex(false)
        let intake = Intake()
        let server = try ScriptedServer { number, request in
            if isUp.withLock({ $0 }) { return [intake.store(request.body)] }
            let entries = [201, 503, 201].enumerated().map { "{\"index\":\($0.offset),\"status\":\($0.element)}" }
            return [number == 0 ? .answer(207, "{\"events\":[\(entries.joined(separator: ","))]}") : .answer(503)]
        }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let file = directory.file("a", Self.lines(1...3))
        let options = ProduceOptions(
            url: server.url, files: [file], stateFile: directory.path + "/state", producer: ProducerOptions(patience: 5)
        )
        #expect(await ProduceCommand(options, RecordedEnvironment().environment).run() == 1)
        isUp.withLock { $0 = true }
        #expect(await ProduceCommand(options, RecordedEnvironment().environment).run() == 0)
        #expect(intake.stored == [2])
    }

    @Test func aFileThatChangedIsNotGoneOnWith() async throws {
        let intake = Intake()
        let server = try ScriptedServer { _, request in [intake.store(request.body)] }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let file = directory.file("a", Self.lines(1...3))
        let options = ProduceOptions(url: server.url, files: [file], stateFile: directory.path + "/state")
        #expect(await ProduceCommand(options, RecordedEnvironment().environment).run() == 0)
        for text in [Self.lines(7...9), Self.lines(1...1)] {
            _ = directory.file("a", text)
            let recorded = RecordedEnvironment()
            #expect(await ProduceCommand(options, recorded.environment).run() == 2)
            #expect(recorded.sentences.last?.contains("changed") == true)
        }
        #expect(intake.stored == [1, 2, 3])
        var other = options
        other.files = [directory.file("b", Self.lines(1...1))]
        #expect(await ProduceCommand(other, RecordedEnvironment().environment).run() == 2)
    }

    @Test func gzipIsKnownWithoutBeingTold() async throws {
        let intake = Intake()
        let server = try ScriptedServer { _, request in [intake.store(request.body)] }
        defer { server.stop() }
        let directory = TemporaryDirectory()
        let recorded = RecordedEnvironment()
        let good = ProduceOptions(url: server.url, files: [directory.file("a.gz", Self.gzip + Self.gzip)])
        #expect(await ProduceCommand(good, recorded.environment).run() == 0)
        #expect(intake.stored == [1, 2, 1, 2])
        let cut = ProduceOptions(url: server.url, files: [directory.file("b.gz", Self.gzip + Self.gzip.dropLast(9))])
        #expect(await ProduceCommand(cut, recorded.environment).run() == 1)
        #expect(intake.stored.count >= 6)
        #expect(recorded.sentences.last?.contains("ends too early") == true)
    }

    /// `printf '{"n":1}\n{"n":2}\n' | gzip -n`
    private static let gzip: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xAB, 0x56, 0xCA, 0x53, 0xB2, 0x32,
        0xAC, 0xE5, 0xAA, 0x06, 0xD1, 0x46, 0xB5, 0x5C, 0x00, 0x45, 0xC6, 0x98, 0xBE, 0x10, 0x00, 0x00,
        0x00,
    ]

    @Test func misuseIsToldAndSendsNothing() async throws {
        let recorded = RecordedEnvironment()
        for options in [
            ProduceOptions(url: "http://127.0.0.1:1", files: []),
            ProduceOptions(url: "http://127.0.0.1:1", files: ["-", "-"]),
            ProduceOptions(url: "http://127.0.0.1:1", files: ["a"], producer: ProducerOptions(batchEvents: 0)),
        ] { #expect(await ProduceCommand(options, recorded.environment).run() == 2) }
        #expect(recorded.sentences.count == 3)
        let missing = ProduceOptions(url: "http://127.0.0.1:1", files: ["/nowhere/at/all"])
        #expect(await ProduceCommand(missing, recorded.environment).run() == 1)
        #expect(recorded.sentences.last == "/nowhere/at/all can't be read: no such file or directory (open)")
    }
}

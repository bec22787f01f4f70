import JSON
import Testing

@testable import Clients
@testable import HTTPClient

@Suite(.timeLimit(.minutes(1))) struct DoctorCommandTests {
    private static func verdicts(_ recorded: RecordedEnvironment) throws -> [String: String] {
        let report = try JSONValue(Array((recorded.lines.first ?? "").utf8))
        return (report["findings"]?.array ?? []).reduce(into: [:]) { found, finding in
            found[finding["check"]?.string ?? ""] = finding["verdict"]?.string
        }
    }

    /// Goes on behind the number that an id is.
    private static func stream(_ last: Int) -> String {
        (last + 1...last + 20).map { "id: \($0)\ndata: {\"n\":\($0)}\n\n" }.joined()
    }

    private static func run(_ script: @escaping ScriptedServer.Script) async throws -> (Int32, [String: String]) {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        let recorded = RecordedEnvironment(step: 20)
        let code = await DoctorCommand(
            DoctorOptions(url: server.url + "/a", seconds: 1, isJSON: true), recorded.environment, screen: nil
        ).run()
        return (code, try verdicts(recorded))
    }

    @Test func aServerThatHeedsIdsIsResumed() async throws {
        let (_, verdicts) = try await Self.run { _, request in
            guard request.line.hasPrefix("GET") else {
                return [
                    .answer(
                        200, headers: ["Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: last-event-id"])
                ]
            }
            return [.streamHead, .send(Self.stream(Int(request.headers["last-event-id"] ?? "") ?? 0)), .awaitClose]
        }
        #expect(verdicts["resume"] == "good" && verdicts["cors"] == "good" && verdicts["connection"] == "good")
    }

    @Test func aProxyThatDropsTheIdIsFound() async throws {
        let (code, verdicts) = try await Self.run { _, request in
            request.line.hasPrefix("GET") ? [.streamHead, .send(Self.stream(0)), .awaitClose] : [.answer(200)]
        }
        #expect(verdicts["resume"] == "bad" && verdicts["cors"] == "warning" && code == 1)
    }

    @Test func aServerThatIsAwayIsTheOnlyFinding() async throws {
        let server = try ScriptedServer { _, _ in [] }
        let url = server.url
        server.stop()
        let recorded = RecordedEnvironment()
        let options = DoctorOptions(url: url, seconds: 1)
        #expect(await DoctorCommand(options, recorded.environment, screen: nil).run() == 1)
        #expect(recorded.lines.first?.hasPrefix("bad      connection    could not connect to 127.0.0.1") == true)
        let wrong = DoctorOptions(url: "nonsense", seconds: 1)
        #expect(await DoctorCommand(wrong, recorded.environment, screen: nil).run() == 2)
    }

    @Test func aCertificatesDateIsReadAsOpenSSLPrintsIt() {
        #expect(CertificateDate.parse("Nov  6 08:49:37 1994 GMT") == 784_111_777)
        #expect(CertificateDate.parse("Nov 27 21:06:20 2026 GMT") == 1_795_813_580)
        for wrong in ["", "Nov 6 08:49:37 1994", "Foo 6 08:49:37 1994 GMT", "Nov 66 08:49:37 1994 GMT", "x x x x GMT"] {
            #expect(CertificateDate.parse(wrong) == nil)
        }
    }
}

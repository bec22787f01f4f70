import Endpoints
import HTTPClient
import JSON
import Server
import Status
import Synchronization
import System
import TestSupport
import Testing

/// `/v2/status` of a service that runs.
@Suite(.timeLimit(.minutes(2))) struct StatusTests {
    private func json(_ answer: HTTPClientResponse) throws -> JSONValue { try JSONValue(answer.body) }

    @Test func theStatusIsThereAtOnceAndNamesEveryStream() async throws {
        let live = try await LiveService.start()
        let answer = try await live.get("/v2/status")
        let document = try json(answer)
        #expect(answer.head.status == 200 && document["status"] == "ok")
        #expect(document["streams"]?.array?.map { $0["name"] } == ["other", "pages"])
        #expect(document["history"]?["kept"] == "memory")
        #expect(try json(try await live.get("/v2/status/pages"))["status"] == "empty")
        #expect(try await live.get("/v2/status/nothing").head.status == 404)
        await live.stop()
    }

    @Test func thoseWhoHaveTheDocumentAreToldSo() async throws {
        let live = try await LiveService.start()
        let tag = try #require(try await live.get("/v2/status").head["etag"])
        let again = try await live.get("/v2/status", headers: [HTTPClientField("If-None-Match", tag)])
        #expect(again.head.status == 304 && again.body.isEmpty && again.head["vary"]?.contains("Accept") == true)
        await live.stop()
    }

    @Test func peopleGetAPageWithTheSamePolicyAsTheOther() async throws {
        let temporary = TemporaryDirectory()
        let directory = temporary.path
        try SmallFile.replace("\(directory)/status.html", with: Array("<p>status</p>".utf8))
        let live = try await LiveService.start { $0.files = StaticFiles(directory: directory) }
        let page = try await live.get("/v2/status", headers: [HTTPClientField("Accept", "text/html,*/*;q=0.8")])
        #expect(page.head["content-type"] == "text/html; charset=utf-8" && page.body == Array("<p>status</p>".utf8))
        #expect(page.head["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self';") == true)
        #expect(page.head["vary"] == "Accept")
        #expect(try await live.get("/v2/status").head["content-type"] == "application/json; charset=utf-8")
        await live.stop()
        #expect(temporary.names == ["status.html"])
    }

    @Test func theHistoryOutlivesTheProcessAndADamagedFileStopsNoStart() async throws {
        let temporary = TemporaryDirectory()
        let directory = temporary.path
        let path = "\(directory)/status"
        let told = Mutex<[String]>([])
        func start() async throws -> LiveService {
            try await LiveService.start {
                $0.statusDirectory = directory
                $0.reportStatusFile = { text in told.withLock { $0.append(text) } }
            }
        }
        func kinds(_ live: LiveService) async throws -> [String?]? {
            try json(try await live.get("/v2/status"))["incidents"]?.array?.map { $0["kind"]?.string }
        }
        let first = try await start()
        await first.stop()
        let kept = try #require(try SmallFile.read(path))
        #expect(StatusFile(kept)?.hasEnded == true)
        let second = try await start()
        #expect(try await kinds(second) == ["started", "started"])
        await second.stop()
        try SmallFile.replace(path, with: Array(kept.dropLast()))
        let third = try await start()
        #expect(try await kinds(third) == ["started"])
        await third.stop()
        #expect(told.withLock { $0 } == ["it is damaged, or of a later version"])
        // A directory that is not there keeps nothing, and is told of when the server stops.
        let live = try await LiveService.start {
            $0.statusDirectory = directory + "/missing"
            $0.reportStatusFile = { text in told.withLock { $0.append(text) } }
        }
        await live.stop()
        #expect(told.withLock { $0.last?.hasPrefix("it can't be written") } == true)
        #expect(temporary.names == ["status"])
    }
}

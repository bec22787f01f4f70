import Endpoints
import EventFormats
import EventLog
import HTTP
import History
import JSON
import System
import TestSupport
import Testing

@Suite struct StreamRequestTests {
    static let now: Int64 = 1_795_255_200_000

    private func request(
        _ query: String = "", path: String = "recentchange", id: String? = nil, accept: String? = nil,
        mode: String? = nil
    ) throws(Problem) -> StreamRequest {
        let source = StreamRequest.Source(
            path: path, query: query, accept: accept, lastEventIDs: id.map { [Array($0.utf8)] } ?? [], fetchMode: mode)
        return try StreamRequest(source, now: Self.now)
    }

    private func problem(_ query: String, path: String = "a", id: String? = nil, accept: String? = nil) throws
        -> Problem
    {
        do {
            _ = try request(query, path: path, id: id, accept: accept)
        } catch {
            return error
        }
        throw Unrefused(query: query)
    }

    private struct Unrefused: Error { var query: String }

    @Test func withoutParametersItIsLiveWithTheDefaults() throws {
        let request = try request()
        #expect(request.streams == ["recentchange"])
        #expect(request.start == .live)
        #expect(request.until == nil && request.limit == nil)
        #expect(request.mediaType == .eventStream && request.ids == .json && !request.includesCanary)
        #expect(request.heartbeat == nil)
    }

    @Test func readsEveryParameter() throws {
        let request = try request(
            "since=PT1H&until=2026-11-22&limit=5&format=ndjson&ids=compact&canary=true&heartbeat=60")
        #expect(request.start == .since(Self.now - 3_600_000))
        #expect(request.until == 1_795_305_600_000)
        #expect(request.limit == 5 && request.mediaType == .ndjson && request.ids == .compact)
        #expect(request.includesCanary && request.heartbeat == 60)
        #expect(try self.request("last=10000").start == .last(10_000))
    }

    @Test(arguments: [
        ("a,b", ["a", "b"]), ("a%2Cb", ["a", "b"]), ("a,,b,", ["a", "b"]), ("a,b,a", ["a", "b"]), ("a/", ["a"]),
        ("%61", ["a"]), ("a+b", ["a+b"]), ("a%2Fb", ["a/b"]), ("%C3%A9", ["é"]),
    ])
    func thePathIsDecodedAndThenSplit(path: String, names: [String]) throws {
        #expect(try request(path: path).streams == names)
    }

    @Test(arguments: ["", ",", "/", "%2C%2C", "%", "%FF", "a%2"])
    func refusesAPathWithoutNamesOrWithInvalidEncoding(path: String) throws {
        #expect(try problem("", path: path).type == .badRequest)
    }

    @Test func theHeaderBeatsTheQueryAndAnIdBeatsSince() throws {
        let (header, query) = (#"["h"]"#, "%22q%22")
        func id(_ topic: String, since: Int64? = nil) -> StartPoint {
            .id(RequestedCursor([RequestedPosition(topic: topic)]), since: since)
        }
        #expect(try request("since=0&cursor=\(query)", id: header).start == id("h", since: 0))
        #expect(try request("since=0&cursor=\(query)").start == id("q", since: 0))
        #expect(try request("lastEventId=\(query)").start == id("q"))
        #expect(try request("last=3", id: header).start == id("h"))
        #expect(try request("since=0").start == .since(0))
        #expect(try request("since=").start == .live)
    }

    @Test(
        arguments: [
            ("sinse=1", .invalidParameter, "since"), ("lastEventID=x", .invalidParameter, "lastEventId"),
            ("zzz=1", .invalidParameter, "Known: since"), ("since=1&since=2", .invalidParameter, "more than once"),
            ("since=1&last=2", .invalidParameter, "one of them"),
            ("cursor=1&lastEventId=1", .invalidParameter, "one of them"),
            ("last=0", .invalidParameter, "from 1 to 10000"), ("last=10001", .invalidParameter, "from 1 to 10000"),
            ("last=-1", .invalidParameter, "from 1 to 10000"), ("last=", .invalidParameter, "from 1 to 10000"),
            ("limit=0", .invalidParameter, "from 1 up"), ("limit=99999999999999999999", .invalidParameter, "from 1 up"),
            ("limit=1.0", .invalidParameter, "from 1 up"), ("heartbeat=0", .invalidParameter, "from 1 to 60"),
            ("heartbeat=61", .invalidParameter, "from 1 to 60"), ("canary=yes", .invalidParameter, "true or false"),
            ("canary", .invalidParameter, "true or false"), ("format=json", .invalidParameter, "sse or ndjson"),
            ("ids=short", .invalidParameter, "json or compact"), ("since=tomorrow", .invalidTimestamp, "PT1H"),
            ("until=2026-02-30", .invalidTimestamp, "until"), ("cursor=", .invalidLastEventID, "empty"),
            ("filter=bot%20%3D%3D", .invalidFilter, "column"),
            ("fields=title,", .invalidParameter, "a field's name at column 7"),
            ("match.=enwiki", .invalidFilter, "match."),
            ("shard=", .invalidParameter, "i/n"), ("shard=1", .invalidParameter, "0 ≤ i < n ≤ 64"),
            ("shard=2/2", .invalidParameter, "i/n"), ("shard=0/0", .invalidParameter, "i/n"),
            ("shard=-1/2", .invalidParameter, "i/n"), ("shard=0/65", .invalidParameter, "i/n"),
            ("shard=0/2/3", .invalidParameter, "i/n"), ("shard=0/999999999999999999999", .invalidParameter, "i/n"),
            ("shard=%2B0/2", .invalidParameter, "i/n"), ("shard=0/2&shard=1/2", .invalidParameter, "shard"),
            ("a=%", .badRequest, "percent"),
        ] as [(String, ProblemType, String)])
    func refusesAndSaysWhatIsAllowed(query: String, type: ProblemType, detail: String) throws {
        let problem = try problem(query)
        #expect(problem.type == type)
        #expect(problem.detail.contains(detail), "\(problem.detail)")
        let name = query.prefix { $0 != "=" }
        if type == .invalidParameter { #expect(problem.detail.contains(name) || query.contains("&")) }
    }

    @Test func theIdIsBoundedAndNeverSilentlyDropped() throws {
        #expect(try problem("", id: "").type == .invalidLastEventID)
        #expect(try problem("", id: String(repeating: "a", count: 16 * 1024 + 1)).type == .invalidLastEventID)
        let longest = #"["a""# + String(repeating: " ", count: 16 * 1024 - 5) + "]"
        #expect(try request("", id: longest).start == .id(RequestedCursor([RequestedPosition(topic: "a")]), since: nil))
    }

    @Test func twoIdsAreOneTooMany() {
        let id = Array(#"["a"]"#.utf8)
        let source = StreamRequest.Source(path: "a", lastEventIDs: [id, id])
        #expect(throws: Problem.self) { try StreamRequest(source, now: Self.now) }
        let problem = #expect(throws: Problem.self) { try StreamRequest(source, now: Self.now) }
        #expect(problem?.type == .invalidLastEventID && problem?.detail.contains("2 fields") == true)
    }

    @Test func aCompactIdIsReadByTheTopicsOfTheStreamsAsked() throws {
        var text: [UInt8] = []
        let encoder = CursorEncoder([TopicPartition("dc.a", 0)], isWhole: true)
        encoder.append([Position(offset: 5, timestamp: 6)], form: .compact, to: &text)
        let source = StreamRequest.Source(path: "a", lastEventIDs: [text])
        let request = try StreamRequest(source, now: Self.now) { names in names.map { "dc.\($0)" } }
        let entry = RequestedPosition(topic: "dc.a", partition: 0, place: .at(5), timestamp: 6)
        #expect(request.start == .id(RequestedCursor([entry], isWhole: true), since: nil))
    }

    @Test func namesAreBounded() throws {
        let names = (0..<257).map { "s\($0)" }
        #expect(try problem("", path: names.joined(separator: ",")).type == .badRequest)
        #expect(try request(path: names.dropLast().joined(separator: ",")).streams.count == 256)
    }

    @Test func acceptThatExcludesAllIs406() throws {
        let problem = try problem("", accept: "text/event-stream;q=0")
        #expect(problem.status == 406 && problem.detail.contains("text/event-stream"))
        #expect(try request("format=sse", accept: "text/event-stream;q=0").mediaType == .eventStream)
    }

    @Test func anEventSourceIsKnownByFetchModeAndAccept() throws {
        func isEventSource(_ accept: String?, mode: String?) -> Bool {
            StreamRequest.Source(path: "a", accept: accept, fetchMode: mode).isEventSource
        }
        #expect(isEventSource("text/event-stream", mode: "cors"))
        #expect(!isEventSource("text/event-stream", mode: nil))
        #expect(!isEventSource("text/event-stream;q=0", mode: "cors"))
        #expect(!isEventSource("*/*", mode: "cors"))
        #expect(!isEventSource(nil, mode: "navigate"))
    }

    @Test func anEventSourceThatComesBackWithAFinalIDHasHadAll() throws {
        func isFulfilled(
            _ query: String, id: String? = #"[{"topic":"a","partition":0,"offset":3,"final":true}]"#,
            mode: String? = "cors"
        ) throws -> Bool {
            try request(query, path: "a", id: id, accept: "text/event-stream", mode: mode).isFulfilled
        }
        #expect(try isFulfilled("limit=3"))
        #expect(try isFulfilled("until=2020-01-01"))
        #expect(try !isFulfilled(""), "it asks for no end now")
        #expect(try !isFulfilled("limit=3", id: #"[{"topic":"a","partition":0,"offset":3}]"#))
        #expect(try !isFulfilled("limit=3", mode: nil), "others take one part after the other")
        let first =
            "limit=3&lastEventId=%5B%7B%22topic%22:%22a%22,%22partition%22:0,%22offset%22:3,%22final%22:true%7D%5D"
        #expect(try !isFulfilled(first, id: nil), "it was told to go on there")
    }

    @Test func reflectedInputIsShortAndPlain() throws {
        let problem = try problem("since=" + String(repeating: "%0A%E2%80%AE%22", count: 1000))
        #expect(problem.detail.utf8.count < 600)
        #expect(!problem.detail.contains("\n") && !problem.detail.unicodeScalars.contains("\u{202E}"))
        #expect(try self.problem(String(repeating: "x", count: 5000) + "=").detail.utf8.count < 600)
    }

    @Test func anyRequestIsReadOrRefusedWithAProblem() {
        var generator = SeededGenerator(seed: 5)
        let pieces = [
            "since=", "until=", "last=", "limit=", "cursor=", "&", "PT1H", "1", "0", "2026-11-21", "ids=json",
            "format=sse", "%", "41",
        ]
        for _ in 0..<10_000 {
            let query = generator.text(of: pieces, upTo: 12)
            let path = generator.text(of: ["a", ",", "%2C", "%", "/", "b"], upTo: 6)
            do {
                #expect(try !request(query, path: path).streams.isEmpty)
            } catch {
                #expect(error.status == 400)
            }
        }
    }
}

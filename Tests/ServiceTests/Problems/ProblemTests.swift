import Bytes
import Catalogue
import Endpoints
import EventFormats
import HTTP
import HTTPServer
import JSON
import Server
import Testing

@Suite struct ProblemTests {
    static let occurrence = Problem.Occurrence(method: "GET", uri: "/v2/stream/a?since=x", instance: "urn:uuid:0")

    private static func refused(_ refusal: Refusal) -> Problem {
        Problem(ProblemType(rawValue: refusal.type) ?? .badRequest, refusal.detail)
    }

    static let all: [Problem] = [
        .badRequest("The query isn't UTF-8."),
        .invalidParameter("last", value: "0", allowed: "a whole number from 1 to 10000"),
        .invalidTimestamp("since", value: "x", reason: "it isn't a time"), Problem(LastEventIDError.unknownForm),
        Problem(
            .invalidFilter, "The filter has an error at character 7: expected an operator.",
            members: [.init("position", 7), .init("expected", "an operator")]),
        Problem(.invalidEvent, "The event has no meta.stream."),
        .notFound(path: "/x"), .notFound(path: "/x", at: .intake), .notFound(path: "/x", at: .admin),
        Problem(UnknownStreams(["recentchang", "b"], nearest: ["recentchange"])),
        Problem(.forbidden, "Send a User-Agent that says who you are and how to reach you."),
        .topicNotAvailable(["x"], available: ["eqiad.a", "codfw.a"]),
        .methodNotAllowed("PUT", allow: ["GET", "HEAD", "OPTIONS"]),
        .notAcceptable("image/png", available: ["text/event-stream", "application/x-ndjson"]),
        Problem(.requestTimeout, "The request wasn't complete within 10 seconds. Send it again."),
        .contentTooLarge(what: "The event", limit: 1_048_576), refused(.targetTooLong),
        .unsupportedMediaType("text/csv", supported: "application/json"), refused(.headTooLarge),
        .tooManyConnections(limit: 2, use: 2, retryAfter: 10),
        .tooManyEvents("events", perSecond: 5, retryAfter: 3), .internalError,
        .unavailable("The log can't be reached.", retryAfter: 5),
        refused(.unknownExpectation), refused(.unknownMethod), refused(.unknownVersion),
        .overloaded("This server has all of its 10 connections in use.", retryAfter: 5), .draining(retryAfter: 1),
    ]

    @Test func documentsAreAsTheyWereKept() throws {
        #expect(Set(Self.all.map(\.type)) == Set(ProblemType.allCases))
        var text = ""
        for problem in Self.all {
            let answer = problem.answer(Self.occurrence)
            text += "\(answer.status)\n" + answer.headers.fields.map { "\($0.name): \($0.value)\n" }.joined()
            text += "\n" + String(decoding: answer.body, as: UTF8.self) + "\n"
        }
        try Golden.expect(text, matches: "problems.txt")
    }

    @Test(arguments: all)
    func everyDocumentHasTheStandardAndTheLegacyMembers(problem: Problem) throws {
        let answer = problem.answer(Self.occurrence)
        let document = try JSONValue(answer.body)
        #expect(document["type"]?.string == problem.type.rawValue)
        #expect(document["title"]?.string == problem.type.title)
        #expect(document["status"]?.integer == Int64(answer.status))
        #expect(document["detail"]?.string == problem.detail)
        #expect(document["instance"] == "urn:uuid:0")
        #expect(document["method"] == "GET")
        #expect(document["uri"] == "/v2/stream/a?since=x")
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.headers["access-control-allow-origin"] == "*")
        #expect((answer.headers["retry-after"] != nil) == problem.isTemporary)
        #expect((answer.headers["allow"] != nil) == (answer.status == 405))
    }

    @Test func ownMembersNeverTakeTheStandardOnesPlace() throws {
        let problem = Problem(.badRequest, "d", members: [.init("status", 200), .init("limit", 3)])
        let document = try JSONValue(problem.answer(Self.occurrence).body)
        #expect(document["status"] == 400)
        #expect(document["limit"] == 3)
    }

    @Test func whatTheClientSentIsBoundedAndCannotEscape() throws {
        let hostile = String(repeating: "\"\r\nSet-Cookie: a=b\u{0}\u{7F}\u{85}\u{2028}\u{202E}<script>é", count: 500)
        let occurrence = Problem.Occurrence(method: hostile, uri: hostile, instance: hostile)
        let problems: [Problem] = [
            .invalidParameter("last", value: hostile, allowed: "a number"), .notFound(path: hostile),
            Problem(UnknownStreams(Array(repeating: hostile, count: 300), nearest: [])),
            .methodNotAllowed(hostile, allow: ["GET"]), .notAcceptable(hostile, available: ["a/b"]),
            .topicNotAvailable(Array(repeating: hostile, count: 300), available: []),
        ]
        for problem in problems {
            let answer = problem.answer(occurrence)
            #expect(answer.body.count < 8000)
            // One line: every line break in it is escaped or gone.
            #expect(answer.body.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            let detail = try #require(try JSONValue(answer.body)["detail"]?.string)
            #expect(
                detail.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && $0 != "\u{2028}" && $0 != "\u{202E}" && $0 != "\u{85}"
                })
            #expect(answer.headers.fields.allSatisfy { !$0.value.utf8.contains(0x0A) && !$0.value.utf8.contains(0x0D) })
        }
    }

    @Test func anExcerptIsCutBetweenCharacters() {
        #expect(Excerpt.of("abc", limit: 3) == "abc")
        #expect(Excerpt.of("abcd", limit: 3) == "abc…")
        #expect(Excerpt.of("aéé", limit: 4) == "aé…")
        #expect(Excerpt.of("a\nb") == "a\u{FFFD}b")
    }

    @Test func aHeaderValueStaysOnOneLine() {
        #expect(Headers.Field("A", "x\r\nB: y\u{0}").value == "x  B: y ")
    }

    @Test func theStreamHasTheHeadersOfTheContract() {
        let headers = Headers.stream(.eventStream)
        #expect(headers["Content-Type"] == "text/event-stream; charset=utf-8")
        #expect(headers["Cache-Control"] == "no-cache, no-store, no-transform")
        #expect(headers["X-Accel-Buffering"] == "no")
        #expect(headers["Content-Length"] == nil)
        #expect(headers["Vary"] == "Accept-Encoding")
        #expect(headers["Content-Encoding"] == nil)
        #expect(Headers.stream(.ndjson, isGzip: true)["Content-Encoding"] == "gzip")
        #expect(headers["X-Content-Type-Options"] == "nosniff")
        #expect(Headers.stream(.json)["Content-Type"] == "application/json; charset=utf-8")
        #expect(Headers.stream(.ndjson)["Content-Type"] == "application/x-ndjson")
    }

    @Test func optionsAreAnsweredWithoutABody() {
        let answer = Answer.options(methods: ["GET", "HEAD", "OPTIONS"])
        #expect(answer.status == 204 && answer.body.isEmpty && answer.headers["content-length"] == nil)
        #expect(answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS")
        #expect(answer.headers["access-control-max-age"] == "86400")
        let allowed = answer.headers["access-control-allow-headers"]
        #expect(allowed == "accept, cache-control, last-event-id, content-type, x-requested-with, idempotency-key")
    }

    @Test(arguments: Refusal.allCases)
    func whatTheServerRefusesHasATypeOfItsStatus(refusal: Refusal) {
        #expect(ProblemType(rawValue: refusal.type)?.status == refusal.status)
    }

    @Test func redirectsSayWhere() {
        let answer = Answer.redirect(status: 303, to: "/v2/ui/")
        #expect(answer.status == 303 && answer.headers["location"] == "/v2/ui/")
    }

    @Test(arguments: [
        ("recentchang", ["recentchange", "mediawiki.recentchange"]),
        ("RecentChange", ["recentchange", "mediawiki.recentchange"]),
        ("recent-change", ["recentchange"]), ("page_create", ["page-create"]),
        ("mediawiki.recentchagne", ["mediawiki.recentchange"]),
        ("x", []), ("", []),
    ])
    func theNearestNamesAreFound(name: String, nearest: [String]) {
        let known = ["mediawiki.recentchange", "recentchange", "page-create", "test"]
        #expect(Array(Nearest.names(to: name, among: known).prefix(2)) == nearest)
    }

    @Test func aVeryLongNameIsNotCompared() {
        let known = [String(repeating: "a", count: 64)]
        #expect(Nearest.names(to: String(repeating: "a", count: 64), among: known) == known)
        // As near as others that are found, and longer than any name needs to be.
        for count in [65, 66, 100_000] {
            #expect(Nearest.names(to: String(repeating: "a", count: count), among: known).isEmpty)
        }
    }
}

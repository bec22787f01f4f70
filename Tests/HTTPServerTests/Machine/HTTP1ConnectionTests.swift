import HTTP
import Testing

@testable import HTTPServer

@Suite struct HTTP1ConnectionTests {
    private let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func aRequestIsAnsweredAndTheConnectionWaitsForAnother() {
        var line = HTTP1Transcript()
        #expect(line.receive("GET /a HT") == "wait")
        #expect(line.receive("TP/1.1\r\nHost: x\r\n\r\n") == "handle GET /a")
        #expect(!line.connection.wantsInput)
        #expect(line.respond("hi") == "send")
        #expect(line.output == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\n\r\nhi")
        #expect(line.send(10) == "send")
        #expect(line.send() == "wait")
        #expect(line.connection.isBetweenRequests && line.connection.wantsInput)
        #expect(line.receive(get) == "handle GET /a")
        #expect(line.connection.requests == 2)
    }

    @Test func aRequestThatCameEarlyWaitsForTheAnswerBeforeIt() {
        var line = HTTP1Transcript()
        #expect(line.receive(get + "GET /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c") == "handle GET /a")
        #expect(line.respond("") == "send")
        #expect(!line.connection.hasInput)
        #expect(line.send() == "wait")
        #expect(line.connection.hasInput)
        #expect(line.readOn() == "handle GET /b")
        #expect(line.respond("") == "send")
        #expect(line.send() == "wait")
        #expect(line.readOn() == "wait")
        #expect(line.receive(" HTTP/1.1\r\nHost: x\r\n\r\n") == "handle GET /c")
    }

    @Test func theFirstRequestsTimeBeginsWithTheConnectionAndALaterOnesWithItsFirstByte() {
        var line = HTTP1Transcript()
        line.now = 3_000
        #expect(line.receive("GET") == "wait")
        #expect(line.connection.deadline == 10_000)
        #expect(line.receive(" /a HTTP/1.1\r\nHost: x\r\n\r\n") == "handle GET /a")
        #expect(line.connection.deadline == HTTP1Connection.noDeadline)
        #expect(line.respond("") == "send")
        #expect(line.connection.deadline == 3_000 + 30_000)
        #expect(line.send() == "wait")
        #expect(line.connection.deadline == 3_000 + 75_000)
        line.now = 50_000
        #expect(line.receive("G") == "wait")
        #expect(line.connection.deadline == 60_000)
    }

    @Test func aSilentConnectionIsClosedAndALateRequestIsTold() {
        var silent = HTTP1Transcript()
        #expect(silent.expire() == "end sending")
        #expect(silent.expire() == "close: finished")
        var late = HTTP1Transcript()
        #expect(late.receive("GET /a") == "wait")
        #expect(late.expire() == "refuse head_timeout")
        #expect(late.refuse(status: 408) == "send")
        #expect(late.output.contains("Connection: close\r\n"))
        #expect(late.send() == "end sending")
        #expect(late.receiveEnd() == "close: finished")
        var body = HTTP1Transcript()
        #expect(body.receive("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab") == "wait")
        #expect(body.connection.deadline == 30_000)
        #expect(body.connection.bodyBytes == 2)
        #expect(body.expire() == "refuse body_timeout")
    }

    @Test func whoWaitsForContinueIsToldSoUnlessTheBodyIsThere() {
        let head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        var line = HTTP1Transcript()
        #expect(line.receive(head) == "send")
        #expect(line.output == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(line.send(3) == "send")
        // The rest of the word and the answer go out in order.
        #expect(line.receive("ab") == "handle POST /a 2")
        #expect(line.respond("") == "send")
        #expect(line.output.hasPrefix("P/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
        var eager = HTTP1Transcript()
        #expect(eager.receive(head + "ab") == "handle POST /a 2")
    }

    @Test func aStreamsBytesGoToTheWireOnceItsHeadIsSent() {
        var line = HTTP1Transcript()
        #expect(line.receive(get) == "handle GET /a")
        #expect(line.startStream(first: "3\r\n:ok\r\n") == .chunked)
        #expect(
            line.output
                == "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n:ok\r\n")
        #expect(line.connection.openDoor() == .shut)
        #expect(line.send(5) == "send")
        #expect(line.becomeWritable() == "send")
        #expect(line.send() == "tell writable")
        #expect(line.connection.openDoor() == .open)
        #expect(line.becomeWritable() == "wait")
        line.connection.stalled()
        #expect(line.becomeWritable() == "tell writable")
        #expect(line.becomeWritable() == "wait")
        #expect(line.finishStream() == "end sending")
        #expect(line.connection.openDoor() == .none)
        #expect(line.receiveEnd() == "close: finished")
    }

    @Test func aStreamThatEndsBeforeItsHeadIsSentEndsAfterIt() {
        var line = HTTP1Transcript()
        #expect(line.receive(get) == "handle GET /a")
        #expect(line.startStream() == .chunked)
        #expect(line.finishStream() == "wait")
        #expect(line.send() == "end sending")
        var head = HTTP1Transcript()
        #expect(head.receive("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n") == "handle HEAD /a")
        #expect(head.startStream(first: "body") == .chunked)
        #expect(!head.output.contains("body"))
        #expect(head.send() == "end sending")
        var old = HTTP1Transcript()
        #expect(old.receive("GET /a HTTP/1.0\r\n\r\n") == "handle GET /a")
        #expect(old.startStream() == .untilClose)
        #expect(!old.output.contains("chunked"))
    }

    @Test func theEndOfAStreamsClientIsToldOnceAndNothingIsReadAfterIt() {
        var line = HTTP1Transcript()
        #expect(line.receive(get) == "handle GET /a")
        _ = line.startStream()
        #expect(line.send() == "wait")
        #expect(line.connection.wantsInput)
        #expect(line.receiveEnd() == "tell that the peer ended")
        #expect(!line.connection.wantsInput)
        #expect(line.connection.openDoor() == .open)
    }

    @Test func aStreamsClientHasLittleToSay() {
        var limits = HTTPLimits()
        limits.discardedBytes = 10
        var line = HTTP1Transcript(limits: limits)
        #expect(line.receive(get) == "handle GET /a")
        _ = line.startStream()
        #expect(line.send() == "wait")
        #expect(line.receive("1234567890") == "wait")
        #expect(line.receive("1") == "close: too_much_input")
    }

    @Test(arguments: [
        ("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Headers(), false),
        ("GET /a HTTP/1.0\r\n\r\n", Headers(), false),
        ("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", Headers([Headers.Field("connection", "Close")]), false),
        ("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", Headers(), true),
    ]) func theLastAnswerSaysSoAndTheClientsEndIsAwaited(_ request: String, _ headers: Headers, _ isLast: Bool) {
        var line = HTTP1Transcript()
        #expect(line.receive(request) == "handle GET /a")
        #expect(line.respond("", headers: headers, isLast: isLast) == "send")
        #expect(line.output.contains("Connection: close\r\n"))
        #expect(line.send() == "end sending")
        #expect(line.receive("ignored") == "wait")
        #expect(line.expire() == "close: finished")
    }

    @Test func aConnectionThatIsRefusedIsReadFirst() {
        var line = HTTP1Transcript(refusing: .tooManyConnections)
        #expect(line.receive("GET /a") == "wait")
        #expect(line.receive(" HTTP/1.1\r\nHost: x\r\n\r\n") == "refuse too_many_connections")
        #expect(line.refuse(status: 503) == "send")
        #expect(line.send() == "end sending")
        var silent = HTTP1Transcript(refusing: .tooManyConnections)
        #expect(silent.connection.deadline == 2_000)
        #expect(silent.expire() == "refuse too_many_connections")
        var withBody = HTTP1Transcript(refusing: .tooManyConnections)
        #expect(
            withBody.receive("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                == "refuse too_many_connections")
    }

    @Test func aBodyThatIsRefusedIsReadOnForAWhile() {
        var limits = HTTPLimits()
        limits.discardedBytes = 10
        limits.refusedBodyBytes = 20
        var line = HTTP1Transcript(limits: limits)
        #expect(line.receive("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n") == "refuse body_too_large")
        #expect(line.refuse(status: 413, drainsBody: true) == "send")
        #expect(line.send() == "end sending")
        #expect(line.connection.deadline == limits.refusedBodyMilliseconds)
        #expect(line.receive("12345678901234567890") == "wait")
        #expect(line.receive("1") == "close: finished")
    }

    @Test func anAnswerThatNobodyTakesIsGivenUp() {
        var line = HTTP1Transcript()
        #expect(line.receive(get) == "handle GET /a")
        #expect(line.respond("hi") == "send")
        line.now = 20_000
        #expect(line.send(1) == "send")
        #expect(line.connection.deadline == 50_000)
        #expect(line.expire() == "reset: peer_gone")
    }

    @Test func aServerThatStopsKeepsNoConnectionForAnotherRequest() {
        var idle = HTTP1Transcript()
        #expect(idle.drain() == "end sending")
        var reading = HTTP1Transcript()
        #expect(reading.receive("GET") == "wait")
        #expect(reading.drain() == "wait")
        #expect(reading.receive(" /a HTTP/1.1\r\nHost: x\r\n\r\n") == "handle GET /a")
        var answering = HTTP1Transcript()
        #expect(answering.receive(get) == "handle GET /a")
        #expect(answering.respond("") == "send")
        #expect(answering.drain() == "wait")
        #expect(answering.send() == "end sending")
    }

    @Test func callsThatComeTooLateDoNothing() {
        var line = HTTP1Transcript()
        #expect(line.respond("") == "wait")
        #expect(line.startStream() == nil)
        #expect(line.finishStream() == "wait")
        #expect(line.connection.openDoor() == .none)
        #expect(line.receive(get) == "handle GET /a")
        #expect(line.respond("") == "send")
        #expect(line.respond("again") == "wait")
        #expect(!line.output.contains("again"))
    }

    @Test func aConnectionThatBeginsAsHTTP2IsHandedOnHoweverItIsCut() {
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        var whole = HTTP1Transcript()
        #expect(whole.receive(preface + "more") == "switch to HTTP/2 28")
        for cut in 1..<preface.utf8.count {
            let (front, back) = (preface.utf8.prefix(cut), preface.utf8.dropFirst(cut))
            var line = HTTP1Transcript()
            #expect(line.receive(String(decoding: front, as: UTF8.self)) == "wait")
            #expect(line.connection.wantsInput && line.connection.deadline == 10_000)
            #expect(line.receive(String(decoding: back, as: UTF8.self)) == "switch to HTTP/2 24")
        }
        var other = HTTP1Transcript()
        #expect(other.receive("P") == "wait")
        #expect(other.receive("OST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\na") == "handle POST /a 1")
        var broken = HTTP1Transcript()
        #expect(broken.receive("PRI * HTTP/2.0\r\n\r\nSN") == "refuse unknown_method")
        var late = HTTP1Transcript()
        #expect(late.receive(get) == "handle GET /a")
        _ = late.respond("")
        _ = late.send()
        #expect(late.receive(preface) == "refuse unknown_method")
    }
}

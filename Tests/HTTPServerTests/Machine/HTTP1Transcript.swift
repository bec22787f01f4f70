import HTTP

@testable import HTTPServer

/// A connection without a socket: what happens to it, and in words what it wants done.
struct HTTP1Transcript {
    var connection: HTTP1Connection
    var rules: HTTP1Connection.Rules
    var now: Int64 = 0

    init(refusing refusal: Refusal? = nil, maximumBodyBytes: Int = 100, limits: HTTPLimits = HTTPLimits()) {
        rules = HTTP1Connection.Rules(limits: limits, maximumBodyBytes: maximumBodyBytes)
        connection = HTTP1Connection(refusing: refusal, rules, now: 0)
    }

    mutating func receive(_ text: String) -> String {
        words(connection.receive(Array(text.utf8).span, rules, now: now))
    }

    mutating func readOn() -> String { words(connection.readOn(rules, now: now)) }
    mutating func receiveEnd() -> String { words(connection.receiveEnd()) }
    mutating func becomeWritable() -> String { words(connection.becomeWritable()) }
    mutating func finishStream() -> String { words(connection.finishStream(rules, now: now)) }
    mutating func drain() -> String { words(connection.drain(rules, now: now)) }

    mutating func respond(_ body: String, headers: Headers = Headers(), isLast: Bool = false) -> String {
        let answer = Answer(status: 200, headers: headers, body: Array(body.utf8))
        return words(connection.respond(answer, date: "D", isLast: isLast, rules, now: now))
    }

    mutating func refuse(status: Int, drainsBody: Bool = false) -> String {
        words(connection.answer(refused: Answer(status: status), date: "D", drainsBody: drainsBody, rules, now: now))
    }

    mutating func startStream(first: String = "") -> StreamFraming? {
        connection.startStream(status: 200, Headers(), first: Array(first.utf8), date: "D")?.framing
    }

    /// The wire takes so many bytes; nil: all.
    mutating func send(_ count: Int? = nil) -> String {
        words(connection.sent(count ?? connection.unsent, rules, now: now))
    }

    /// The time is when the connection wants it to be.
    mutating func expire() -> String {
        now = connection.deadline
        return words(connection.expire(rules, now: now))
    }

    var output: String {
        // The bytes are copied before the call returns.
        unsafe connection.withOutput { unsafe String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func words(_ action: HTTP1Connection.Action) -> String {
        switch action {
        case .wait: "wait"
        case .send: "send"
        case .handle(let request):
            "handle \(request.method) \(request.target)" + (request.body.isEmpty ? "" : " \(request.body.count)")
        case .refuse(let refusal, _): "refuse \(refusal.rawValue)"
        case .switchToHTTP2(let bytes, let refusal):
            "switch to HTTP/2 \(bytes.count)" + (refusal.map { " refusing \($0.rawValue)" } ?? "")
        case .tellWritable: "tell writable"
        case .tellPeerEnded: "tell that the peer ended"
        case .endSending: "end sending"
        case .close(let reason): "close: \(reason.rawValue)"
        case .reset(let reason): "reset: \(reason.rawValue)"
        }
    }
}

internal import HTTP

/// One HTTP/1.1 connection as a state machine (RFC 9112): what happened in, what is to be done out. It makes no system
/// call and knows no clock.
///
///     idle ── bytes ──▶ reading ── request ──▶ handling ── respond ──▶ answering ── sent ──▶ idle, or ending
///                          └─── refused ─────────────────────────────────▲
///                                             handling ── startStream ─▶ opening ── sent ──▶ streaming ─▶ ending
///
/// Each call returns the one thing to do next. A request that came while another is answered waits: for as long as
/// `wantsInput` is false nothing is read, and the client's window shuts. Times are monotonic milliseconds.
struct HTTP1Connection {
    /// Stands where nothing is due.
    static let noDeadline = Int64.max

    /// What holds for the connections of a listener.
    struct Rules: Sendable {
        var limits: HTTPLimits
        /// Of one request.
        var maximumBodyBytes: Int
    }

    private var state: State
    /// When `expire` is due.
    private(set) var deadline: Int64
    /// Requests that the handler was given.
    private(set) var requests: UInt32 = 0

    /// Stands where there is no connection.
    init() {
        state = .idle
        deadline = Self.noDeadline
    }

    /// A connection that was just accepted.
    ///
    /// - Parameter refusal: the answer to whatever is asked; nil: the handler answers.
    init(refusing refusal: Refusal? = nil, _ rules: Rules, now: Int64) {
        if let refusal {
            state = .reading(Reading(rules, refusal: refusal))
            deadline = now + rules.limits.refusalMilliseconds
        } else {
            state = .idle
            deadline = now + rules.limits.headMilliseconds
        }
    }

    /// TLS was agreed on: the time for the request begins.
    mutating func beginAfterTLS(_ limits: HTTPLimits, now: Int64) {
        deadline = now + (refusal == nil ? limits.headMilliseconds : limits.refusalMilliseconds)
    }

    /// Another protocol was agreed on before a byte came; the refusal that it is to tell.
    mutating func takeOver() -> Refusal? {
        let refusal = refusal
        state = .idle
        deadline = Self.noDeadline
        return refusal
    }

    /// The wire has something to do first, until this time: to agree on TLS, or to send what it has taken.
    mutating func waitForWire(until time: Int64) { deadline = time }

    /// All was said; what is left is to send it.
    var isEnding: Bool { if case .ending = state { true } else { false } }

    // MARK: Where it stands

    /// Bytes from the client are taken, or thrown away.
    var wantsInput: Bool {
        switch state {
        case .idle, .sniffing, .reading, .ending: true
        case .handling, .answering: false
        case .opening(let opening): !opening.body.hasPeerEnded
        case .streaming(let streaming): !streaming.hasPeerEnded
        }
    }

    /// Bytes that came before wait to be read: `readOn`.
    var hasInput: Bool {
        if case .reading(let reading) = state { !reading.input.isEmpty } else { false }
    }

    /// It waits for a request of which nothing has come.
    var isBetweenRequests: Bool {
        switch state {
        case .idle: true
        case .reading(let reading):
            reading.refusal == nil && reading.input.isEmpty && reading.reader.progress == .nothing
        default: false
        }
    }

    /// Why whatever is asked first gets no answer but this; nil: it is answered.
    var refusal: Refusal? { if case .reading(let reading) = state { reading.refusal } else { nil } }

    /// The handler owes an answer.
    var isHandling: Bool { if case .handling = state { true } else { false } }

    var isStreaming: Bool {
        switch state {
        case .streaming, .opening: true
        default: false
        }
    }

    /// It gives an answer whose bytes the client has not all taken.
    var isAnswering: Bool { if case .answering = state { true } else { false } }

    /// Bytes of the present request's body that were read.
    var bodyBytes: Int { if case .reading(let reading) = state { reading.reader.bodyBytes } else { 0 } }

    /// Bytes of the present request's body that a budget counts.
    var heldBody: Int {
        get {
            switch state {
            case .reading(let reading): reading.heldBody
            case .handling(let handling): handling.heldBody
            default: 0
            }
        }
        set {
            switch state {
            case .reading(let reading): reading.heldBody = newValue
            case .handling(let handling): handling.heldBody = newValue
            default: break
            }
        }
    }

    /// Method and target of the request being read, as far as they came.
    var line: (method: String?, target: String?) {
        if case .reading(let reading) = state { reading.reader.line } else { (nil, nil) }
    }

    // MARK: From the client

    /// Bytes came.
    mutating func receive(_ bytes: Span<UInt8>, _ rules: Rules, now: Int64) -> Action {
        let limits = rules.limits
        switch state {
        case .idle:
            // The first request's time began with the connection.
            if requests > 0 {
                deadline = now + limits.headMilliseconds
            } else if Self.mayBePreface(bytes) {
                return sniff(Sniffing(refusing: nil), bytes, rules, now)
            }
            return readFirst(bytes, Reading(rules), rules, now)
        case .sniffing(let sniffing): return sniff(sniffing, bytes, rules, now)
        case .reading(let reading):
            if let refusal = reading.refusal, reading.reader.progress == .nothing, Self.mayBePreface(bytes) {
                return sniff(Sniffing(refusing: refusal), bytes, rules, now)
            }
            return read(bytes, reading, limits, now)
        case .opening(let opening):
            opening.body.discarded += UInt32(clamping: bytes.count)
            return opening.body.discarded > limits.discardedBytes ? .close(.tooMuchInput) : .wait
        case .streaming(var streaming):
            streaming.discarded += UInt32(clamping: bytes.count)
            state = .streaming(streaming)
            return streaming.discarded > limits.discardedBytes ? .close(.tooMuchInput) : .wait
        case .ending(var ending):
            ending.discarded += UInt32(clamping: bytes.count)
            state = .ending(ending)
            let most = ending.drainsBody ? limits.refusedBodyBytes : limits.discardedBytes
            return ending.discarded > most ? .close(.finished) : .wait
        case .handling, .answering: return .wait
        }
    }

    private mutating func readFirst(
        _ bytes: Span<UInt8>, _ reading: Reading, _ rules: Rules, _ now: Int64
    ) -> Action {
        state = .reading(reading)
        return read(bytes, reading, rules.limits, now)
    }

    /// HTTP/2 by prior knowledge begins with these bytes (RFC 9113, section 3.4), which no HTTP/1.1 request does.
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private static func mayBePreface(_ bytes: Span<UInt8>) -> Bool {
        bytes.count > 0 && bytes[0] == preface[0] && (bytes.count == 1 || bytes[1] == preface[1])
    }

    private mutating func sniff(
        _ sniffing: Sniffing, _ bytes: Span<UInt8>, _ rules: Rules, _ now: Int64
    ) -> Action {
        // Copied before the span ends.
        sniffing.bytes += unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
        let all = sniffing.bytes
        if all.starts(with: Self.preface) {
            state = .idle
            deadline = Self.noDeadline
            return .switchToHTTP2(all, refusing: sniffing.refusal)
        }
        if Self.preface.starts(with: all) {
            state = .sniffing(sniffing)
            return .wait
        }
        return readFirst(all.span, Reading(rules, refusal: sniffing.refusal), rules, now)
    }

    /// Reads what came before, if `hasInput`.
    mutating func readOn(_ rules: Rules, now: Int64) -> Action {
        guard case .reading(let reading) = state else { return .wait }
        let input = reading.input
        reading.input = []
        return read(input.span, reading, rules.limits, now)
    }

    private mutating func read(_ bytes: Span<UInt8>, _ reading: Reading, _ limits: HTTPLimits, _ now: Int64) -> Action {
        var position = 0
        while true {
            let before = reading.reader.progress
            switch reading.reader.read(bytes, at: &position) {
            case nil:
                guard reading.reader.progress == .body else { return .wait }
                if let refusal = reading.refusal { return .refuse(refusal, nil) }
                if before != .body { deadline = now + limits.bodyMilliseconds }
                return .wait
            case .continueExpected:
                if let refusal = reading.refusal { return .refuse(refusal, nil) }
                deadline = now + limits.bodyMilliseconds
                // Some of the body is here already: nobody waits for the word (RFC 9110, section 10.1.1).
                if position < bytes.count { continue }
                reading.outbox += "HTTP/1.1 100 Continue\r\n\r\n".utf8
                return .send
            case .request(let request):
                if let refusal = reading.refusal { return .refuse(refusal, request) }
                let rest = bytes.extracting(position...)
                // Copied before the span ends.
                let input = unsafe rest.withUnsafeBufferPointer { unsafe Array($0) }
                state = .handling(Handling(request, input: input, after: reading))
                deadline = Self.noDeadline
                requests &+= 1
                return .handle(request)
            case .refused(let refusal): return .refuse(refusal, nil)
            }
        }
    }

    /// The client has ended its side.
    mutating func receiveEnd() -> Action {
        switch state {
        case .idle, .sniffing, .reading: return .close(.peerGone)
        case .handling, .answering: return .wait
        case .opening(let opening):
            opening.body.hasPeerEnded = true
            return .tellPeerEnded
        case .streaming(var streaming):
            streaming.hasPeerEnded = true
            state = .streaming(streaming)
            return .tellPeerEnded
        case .ending: return .close(.finished)
        }
    }

    /// The connection is gone.
    func vanish() -> Action {
        if case .ending = state { .close(.finished) } else { .close(.peerGone) }
    }

    // MARK: To the client

    /// Calls `body` with the bytes to send. They are valid until it returns. Nil: there are none.
    func withOutput<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let outbox, !outbox.isEmpty else { return nil }
        return unsafe outbox.withBytes(body)
    }

    /// How many bytes wait to be sent.
    var unsent: Int { outbox?.count ?? 0 }

    /// How many of the bytes that wait to be sent a budget counts.
    var heldOutput: Int {
        get { outbox?.held ?? 0 }
        set { outbox?.held = newValue }
    }

    private var outbox: Outbox? {
        get {
            switch state {
            case .reading(let reading): reading.outbox
            case .handling(let handling): handling.outbox
            case .answering(let answering): answering.outbox
            case .opening(let opening): opening.outbox
            case .idle, .sniffing, .streaming, .ending: nil
            }
        }
        set {
            guard let newValue else { return }
            switch state {
            case .reading(let reading): reading.outbox = newValue
            case .handling(let handling): handling.outbox = newValue
            case .answering(let answering): answering.outbox = newValue
            case .opening(let opening): opening.outbox = newValue
            case .idle, .sniffing, .streaming, .ending: break
            }
        }
    }

    /// The wire took so many bytes of the output.
    mutating func sent(_ count: Int, _ rules: Rules, now: Int64) -> Action {
        switch state {
        case .reading(let reading):
            reading.outbox.remove(count)
            return reading.outbox.isEmpty ? .wait : .send
        case .handling(let handling):
            handling.outbox.remove(count)
            return handling.outbox.isEmpty ? .wait : .send
        case .answering(let answering):
            answering.outbox.remove(count)
            deadline = now + rules.limits.writeStallMilliseconds
            return answering.outbox.isEmpty ? endAnswer(answering, rules, now) : .send
        case .opening(let opening):
            opening.outbox.remove(count)
            guard opening.outbox.isEmpty else { return .send }
            if opening.isOver { return end(Ending(isStream: true), rules.limits, now) }
            var streaming = opening.body
            streaming.wantsWritable = false
            state = .streaming(streaming)
            return opening.body.wantsWritable ? .tellWritable : .wait
        case .idle, .sniffing, .streaming, .ending: return .wait
        }
    }

    private mutating func endAnswer(_ answering: Answering, _ rules: Rules, _ now: Int64) -> Action {
        guard let input = answering.next else {
            return end(Ending(isStream: false, drainsBody: answering.drainsBody), rules.limits, now)
        }
        if input.isEmpty {
            state = .idle
            deadline = now + rules.limits.idleMilliseconds
        } else {
            state = .reading(Reading(rules, input: input))
            deadline = now + rules.limits.headMilliseconds
        }
        return .wait
    }

    /// The wire takes bytes again.
    mutating func becomeWritable() -> Action {
        if let outbox, !outbox.isEmpty { return .send }
        guard case .streaming(var streaming) = state, streaming.wantsWritable else { return .wait }
        streaming.wantsWritable = false
        state = .streaming(streaming)
        return .tellWritable
    }

    // MARK: The handler's calls

    /// The handler answers as a whole. A `HEAD` request gets the head alone.
    ///
    /// - Parameter isLast: the connection takes no more requests, whatever the client wants.
    mutating func respond(_ answer: Answer, date: String, isLast: Bool, _ rules: Rules, now: Int64) -> Action {
        guard case .handling(let handling) = state else { return .wait }
        let keepsAlive =
            handling.keepsAlive && !isLast && Int(requests) < rules.limits.requestsPerConnection
            && !answer.headers.fields.contains {
                equalsIgnoringCase($0.name.utf8, "connection") && equalsIgnoringCase($0.value.utf8, "close")
            }
        var outbox = handling.outbox
        var head = ResponseHead(status: answer.status, date: date)
        head.add(answer)
        if !keepsAlive {
            head.add("Connection", "close")
        } else if handling.minorVersion == 0 {
            head.add("Connection", "keep-alive")
        }
        outbox += head.ended()
        if handling.method != "HEAD", !HTTPStatus.isBodyless(answer.status) { outbox += answer.body }
        return send(Answering(outbox, next: keepsAlive ? handling.input : nil), rules.limits, now)
    }

    /// The answer to a request that is refused. The connection ends with it.
    ///
    /// - Parameter drainsBody: the client may still be sending a body.
    mutating func answer(
        refused answer: Answer, date: String, drainsBody: Bool, _ rules: Rules, now: Int64
    ) -> Action {
        var outbox = outbox ?? Outbox()
        var head = ResponseHead(status: answer.status, date: date)
        head.add(answer)
        head.add("Connection", "close")
        outbox += head.ended()
        outbox += answer.body
        return send(Answering(outbox, next: nil, drainsBody: drainsBody), rules.limits, now)
    }

    private mutating func send(_ answering: Answering, _ limits: HTTPLimits, _ now: Int64) -> Action {
        state = .answering(answering)
        deadline = now + limits.writeStallMilliseconds
        return .send
    }

    /// The handler begins a stream. The answer to a `HEAD` request is the head alone, and the stream is over at once.
    ///
    /// - Parameter first: the beginning of the body, in the framing that is returned.
    /// - Returns: nil where no request waits for an answer.
    mutating func startStream(
        status: Int, _ headers: Headers, first: [UInt8], date: String
    ) -> (framing: StreamFraming, request: Handling)? {
        guard case .handling(let handling) = state else { return nil }
        let framing: StreamFraming = handling.minorVersion >= 1 ? .chunked : .untilClose
        var outbox = handling.outbox
        var head = ResponseHead(status: status, date: date)
        head.add(headers)
        if framing == .chunked { head.add("Transfer-Encoding", "chunked") }
        head.add("Connection", "close")
        outbox += head.ended()
        let isHead = handling.method == "HEAD"
        if !isHead { outbox += first }
        state = .opening(Opening(outbox, isOver: isHead))
        deadline = Self.noDeadline
        return (framing, handling)
    }

    /// Where bytes of a stream may go.
    enum StreamDoor {
        /// To the wire.
        case open
        /// Nowhere yet: the handler is told when.
        case shut
        /// There is no stream.
        case none
    }

    /// The handler has bytes of a stream to send.
    mutating func openDoor() -> StreamDoor {
        switch state {
        case .streaming: return .open
        case .opening(let opening):
            opening.body.wantsWritable = true
            return .shut
        default: return .none
        }
    }

    /// The wire did not take all of a stream's bytes.
    mutating func stalled() {
        guard case .streaming(var streaming) = state else { return }
        streaming.wantsWritable = true
        state = .streaming(streaming)
    }

    /// The handler has written the last of a stream.
    mutating func finishStream(_ rules: Rules, now: Int64) -> Action {
        switch state {
        case .streaming: return end(Ending(isStream: true), rules.limits, now)
        case .opening(let opening):
            opening.isOver = true
            return .wait
        default: return .wait
        }
    }

    // MARK: The end

    private mutating func end(_ ending: Ending, _ limits: HTTPLimits, _ now: Int64) -> Action {
        state = .ending(ending)
        deadline = now + (ending.drainsBody ? limits.refusedBodyMilliseconds : limits.lingerMilliseconds)
        return .endSending
    }

    /// Another protocol has had the connection, and is done.
    mutating func linger(_ rules: Rules, now: Int64) -> Action {
        end(Ending(isStream: false), rules.limits, now)
    }

    /// The connection is not kept for another request.
    mutating func drain(_ rules: Rules, now: Int64) -> Action {
        if case .answering(let answering) = state { answering.next = nil }
        guard isBetweenRequests else { return .wait }
        return end(Ending(isStream: false), rules.limits, now)
    }

    /// The deadline has passed.
    mutating func expire(_ rules: Rules, now: Int64) -> Action {
        deadline = Self.noDeadline
        switch state {
        case .idle: return end(Ending(isStream: false), rules.limits, now)
        case .sniffing(let sniffing): return .refuse(sniffing.refusal ?? .headTimeout, nil)
        case .reading(let reading):
            if let refusal = reading.refusal { return .refuse(refusal, nil) }
            switch reading.reader.progress {
            case .nothing: return end(Ending(isStream: false), rules.limits, now)
            case .head: return .refuse(.headTimeout, nil)
            case .body: return .refuse(.bodyTimeout, nil)
            }
        case .answering: return .reset(.peerGone)
        case .ending: return .close(.finished)
        case .handling, .opening, .streaming: return .wait
        }
    }
}

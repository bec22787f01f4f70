internal import Compression
internal import EventFormats
internal import HTTPClient
internal import JSON

/// Follows one stream over any number of connections: what to do next, by what came. Pure.
struct Following: Sendable {
    enum Input: Sendable {
        case opened(HTTPClientHead)
        /// An answer without a stream, with its body.
        case refused(ServerProblem)
        case bytes([UInt8])
        /// Nothing came for a while.
        case idle
        /// The body ended as it should.
        case ended
        case failed(HTTPClientError)
        /// The body can't be unpacked, or ends before its coding does.
        case damaged(GzipError)
    }

    enum Action: Hashable, Sendable {
        case read
        case show(StreamElement)
        /// Let the connection go, wait, and connect with the last id.
        case reconnect(StreamReconnect)
        /// It is over: as it was asked for, or for a reason.
        case finish(ClientError?)
    }

    private(set) var lastEventID: [UInt8]
    /// Whether to ask for gzip: until some came damaged, which may be for good.
    private(set) var acceptsGzip: Bool
    private var parser: EventStreamParser
    private var backoff = Backoff(first: 1000)
    private var lastHeard: Int64 = 0
    private var retry: Int64?
    /// Of this connection.
    private var hasRetry = false
    private var hasEvent = false
    private var hasError = false
    /// The connection before ended as an ending stream does.
    private var isConfirming = false
    private var isOver = false
    private let ends: Bool
    private let watchdog: Int64

    /// - Parameters:
    ///   - ends: whether the stream was asked to end by itself (`until`).
    ///   - gzip: whether to ask for it at first.
    ///   - watchdog: milliseconds without a byte after which to connect anew.
    init(lastEventID: [UInt8] = [], ends: Bool = false, gzip: Bool = true, watchdog: Int64 = 60_000) {
        self.lastEventID = lastEventID
        acceptsGzip = gzip
        parser = EventStreamParser(lastEventID: lastEventID)
        self.ends = ends
        self.watchdog = watchdog
    }

    /// - Parameters:
    ///   - now: milliseconds of any clock.
    ///   - chance: at least 0 and less than 1.
    mutating func take(_ input: Input, now: Int64, chance: Double) -> [Action] {
        switch input {
        case .opened(let head): return open(head, now)
        case .refused(let problem): return refuse(problem, chance)
        case .bytes(let bytes):
            lastHeard = now
            return read(bytes, chance)
        case .idle:
            guard now - lastHeard >= watchdog else { return [.read] }
            return lose("nothing came for \(watchdog / 1000) s", chance)
        case .ended: return end(chance)
        case .damaged(.truncated): return lose("the server broke the stream off", chance)
        case .damaged(let error):
            acceptsGzip = false
            return lose("the compressed stream can't be read: \(error)", chance)
        case .failed(.cancelled): return finish(nil)
        case .failed(let error): return error.isTemporary ? lose("\(error)", chance) : finish(.unusable("\(error)"))
        }
    }

    private mutating func open(_ head: HTTPClientHead, _ now: Int64) -> [Action] {
        lastHeard = now
        (hasRetry, hasEvent, hasError) = (false, false, false)
        parser = EventStreamParser(lastEventID: lastEventID)
        let type = head["content-type"]?.lowercased() ?? "no type"
        guard type.hasPrefix("text/event-stream") else {
            return finish(
                .unusable("the server answers with \(type), not with an event stream; is the URL a stream's?"))
        }
        if case .other(let coding) = StreamBody.coding(head) {
            return finish(.unusable("the server answers in the coding \(coding), which was not asked for"))
        }
        return [.read]
    }

    private mutating func refuse(_ problem: ServerProblem, _ chance: Double) -> [Action] {
        switch problem.status {
        // No content tells a client not to come back: WHATWG HTML, section 9.2.
        case 204: finish(nil)
        case 408, 429, 500...599: lose("\(problem)", chance, retryAfter: problem.retryAfter)
        default: finish(.refused(problem))
        }
    }

    private mutating func read(_ bytes: [UInt8], _ chance: Double) -> [Action] {
        var items: [EventStreamItem] = []
        var failure: EventStreamError?
        do { try parser.push(bytes.span, into: &items) } catch { failure = error }
        var actions: [Action] = []
        for item in items {
            switch item {
            case .comment: break
            case .retry(let milliseconds):
                retry = milliseconds
                hasRetry = true
            case .progress(let id):
                lastEventID = id
                actions.append(.show(.progress(id: Self.text(id))))
            case .event(let event):
                actions += take(event, chance)
                if isOver { return actions }
            }
        }
        if let failure { return actions + finish(.unusable("\(failure)")) }
        return actions + [.read]
    }

    private mutating func take(_ event: ReceivedEvent, _ chance: Double) -> [Action] {
        switch event.type {
        case "error":
            let problem = ServerProblem(document: event.data)
            let isFinal = (400..<500).contains(problem.status) && problem.status != 408 && problem.status != 429
            hasError = true
            // The end of the body follows; what comes then is as after any end.
            if isFinal { return finish(.ended(problem)) }
            return [.show(.problem(problem))]
        case "gap":
            lastEventID = event.lastEventID
            return [.show(.gap(StreamGap(event.data, id: Self.text(lastEventID))))]
        case "notice": return [.show(.notice(StreamNotice(event.data)))]
        default:
            lastEventID = event.lastEventID
            hasEvent = true
            backoff.reset()
            // A JSON text has line breaks only between its tokens, where spaces do as well.
            let data = event.data.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
            return [.show(.event(StreamEvent(data: data, id: Self.text(lastEventID))))]
        }
    }

    private mutating func end(_ chance: Double) -> [Action] {
        parser.finish()
        if ends, !hasError {
            // A server that stops ends its streams in order too. Where it says when to come back, the end is believed
            // when asking on after the last id brings nothing but the end again.
            if !hasRetry || (isConfirming && !hasEvent) { return finish(nil) }
            isConfirming = true
            let wait = min(max(retry ?? 0, 0), 1000)
            return [.reconnect(StreamReconnect(reason: nil, wait: wait, isFailure: false))]
        }
        guard hasRetry, let retry else { return lose("the server ended the stream", chance) }
        let wait = min(max(retry, 0), 3_600_000)
        return [
            .reconnect(StreamReconnect(reason: "the server ended the stream", wait: wait, isFailure: false))
        ]
    }

    private mutating func lose(_ reason: String, _ chance: Double, retryAfter: Int64? = nil) -> [Action] {
        parser.finish()
        isConfirming = false
        let wait = backoff.next(chance: chance, retryAfter: retryAfter)
        return [.reconnect(StreamReconnect(reason: reason, wait: wait, isFailure: true))]
    }

    private mutating func finish(_ failure: ClientError?) -> [Action] {
        isOver = true
        return [.finish(failure)]
    }

    private static func text(_ id: [UInt8]) -> String { String(decoding: id, as: UTF8.self) }
}

public import HTTP
internal import Reactor
internal import System
internal import Time

/// The result of a write to a stream.
public enum WriteResult: Sendable, Equatable {
    /// The kernel took so many bytes. If that is less than all, `streamIsWritable` follows when it takes more.
    case accepted(Int)
    /// The exchange is no stream any more. `exchangeDidEnd` follows, or has been called.
    case closed
}

/// The exchanges of one event loop and the connections that carry them. Not Sendable: it stays on its loop, with the
/// handler that was given it.
///
/// What a connection does is decided by its state machine (`HTTP1Connection`); here is done what it says, and told what
/// came of it. Events are edge-triggered and each connection is registered once, for reading and writing: no system call
/// is spent on changing that. An identifier of an exchange that is over is no error in any call here; the call then does
/// nothing.
public final class HTTPExchanges {
    let loop: EventLoop
    let options: HTTPServerOptions
    let load: LoopLoad
    /// Who may connect, by listener.
    let admissions: [Admission]
    let bodies: [BodyBudget]
    /// What holds for requests, by listener.
    let rules: [HTTP1Connection.Rules]
    /// The connections.
    var slab = Slab(vacant: Connection())
    var exchanges = Slab(vacant: Exchange.vacant)
    /// Those that speak HTTP/2, at their connections' own places.
    var http2Connections: ContiguousArray<HTTP2Connection?> = []
    /// Connections with output of this turn.
    var queuedOutput: ContiguousArray<SlabKey> = []
    var spareOutputs = SpareOutputs()
    private var nextCheck: Int64 = 0
    /// Where every connection's bytes are read to, one after the other.
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    /// What the handler is to be told: first of connections that others wait for.
    private var promptDeliveries = Queue<Delivery>()
    private var deliveries = Queue<Delivery>()
    var held: HeldAnswers
    private var lines = RequestLines()
    /// Connections to go on with in the next turn: work no event will announce.
    var queued: ContiguousArray<SlabKey> = []
    var earliestDeadline = HTTP1Connection.noDeadline
    var date = DateField()
    /// By listener; nil: it has no TLS.
    let gates: [HandshakeGate?]
    var handshakes = HandshakeQueue()
    /// The clients of connections that a proxy has named, by the connection's place.
    var proxied: [Int: SocketAddress] = [:]
    /// Nil: no connection of this loop had TLS.
    var tlsMemory: TLSMemory?
    /// The server stops: no connection is kept for another request.
    var isDraining = false

    /// What happened on this loop so far.
    public internal(set) var counters = HTTPCounters()

    init(
        loop: EventLoop, options: HTTPServerOptions, load: LoopLoad, admissions: [Admission], bodies: [BodyBudget],
        gates: [HandshakeGate?]
    ) {
        held = HeldAnswers(
            maximum: options.limits.heldAnswerBytes, maximumPerAddress: options.limits.heldAnswerBytesPerAddress)
        rules = options.listeners.map {
            HTTP1Connection.Rules(limits: options.limits, maximumBodyBytes: $0.maximumBodyBytes)
        }
        self.bodies = bodies
        self.gates = gates
        self.loop = loop
        self.options = options
        self.load = load
        self.admissions = admissions
    }

    /// The time on the server's clock. Monotonic milliseconds.
    public func now() -> Int64 { options.clock.now() }

    /// How many connections there are, in whatever state.
    var count: Int { slab.count }

    /// The place of an exchange's connection; nil: the exchange has ended.
    private func connection(of exchange: ExchangeID) -> Int? {
        exchanges.index(of: exchange.key).flatMap { exchanges[$0].connection }
    }

    /// The present exchange of a connection.
    func exchangeID(_ index: Int) -> ExchangeID? {
        slab[index].exchange.flatMap { exchanges.key(at: $0) }.map(ExchangeID.init)
    }

    // MARK: Answers

    /// Answers a request as a whole. `HEAD` requests get the head alone.
    public func respond(_ exchange: ExchangeID, _ answer: Answer) {
        guard let place = exchanges.index(of: exchange.key), let index = exchanges[place].connection else { return }
        let answer = withTLSFields(answer, index)
        if let connection = http2(index) { return respond(index, connection, place, answer) }
        guard slab[index].http1.isHandling else { return }
        giveBackBody(index)
        slab[index].exchange = nil
        exchanges.remove(at: place)
        let (rules, now) = (rules(index), now())
        let action = slab[index].http1.respond(
            answer, date: date.now(), isLast: isDraining, rules, now: now)
        perform(action, index)
    }

    /// Begins a stream: sends the head, and `first` as the beginning of the body in the same packet. From here on the
    /// handler writes the body's bytes, in the framing that is returned. With HTTP/1.1 the connection ends with the stream.
    /// The answer to a `HEAD` request is its head alone, and the stream is over at once.
    @discardableResult
    public func startStream(
        _ exchange: ExchangeID, status: Int, headers: Headers, first: [UInt8] = []
    ) -> StreamFraming {
        guard let place = exchanges.index(of: exchange.key), let index = exchanges[place].connection else {
            return .chunked
        }
        let headers = withTLSFields(headers, index)
        if let connection = http2(index) {
            startStream(index, connection, place, status: status, headers: headers, first: first)
            return .frames
        }
        guard
            let (framing, request) = slab[index].http1.startStream(
                status: status, headers, first: first, date: date.now())
        else { return .chunked }
        if let bytes = options.streamUnsentBytes { slab[index].wire.limitUnsent(bytes) }
        counters.streams += 1
        giveBackBody(index)
        beginStream(place, request.method, request.target, status: status)
        perform(.send, index)
        return framing
    }

    private func withTLSFields(_ headers: Headers, _ index: Int) -> Headers {
        guard let fields = options.listeners[Int(slab[index].listener)].tls?.fields, !fields.fields.isEmpty,
            slab[index].wire.tls != nil
        else { return headers }
        return headers + fields
    }

    func withTLSFields(_ answer: Answer, _ index: Int) -> Answer {
        var answer = answer
        answer.headers = withTLSFields(answer.headers, index)
        return answer
    }

    func beginStream(_ place: Int, _ method: String, _ target: String, status: Int) {
        exchanges[place].beginStream(lines.line(method, target, status: status), now: now())
    }

    // MARK: Streams

    /// Bytes of a stream that were handed to the kernel so far, its head included; 0: it is over.
    public func bytesSent(_ exchange: ExchangeID) -> Int {
        exchanges.index(of: exchange.key).map { exchanges[$0].bytesSent } ?? 0
    }

    /// Hands bytes of a stream to the kernel, in one system call; with HTTP/2 to the connection's output, which is sent at the
    /// end of the turn.
    public func write(_ exchange: ExchangeID, _ bytes: UnsafeRawBufferPointer) -> WriteResult {
        guard let place = exchanges.index(of: exchange.key), let index = exchanges[place].connection else {
            return .closed
        }
        if let connection = http2(index) { return unsafe write(bytes, index, connection, place) }
        guard unsafe !bytes.isEmpty else { return slab[index].http1.isStreaming ? .accepted(0) : .closed }
        switch slab[index].http1.openDoor() {
        case .open: break
        case .shut: return .accepted(0)
        case .none: return .closed
        }
        // The bytes are the caller's for the time of this call, and the kernel copies them.
        switch unsafe slab[index].wire.send(bytes) {
        case .bytes(let count):
            counters.bytesSent += count
            exchanges[place].sent(count)
            if count < bytes.count { slab[index].http1.stalled() }
            return .accepted(count)
        case .waits(let direction):
            slab[index].http1.stalled()
            if direction == .readable { slab[index].flags.insert(.sendWaitsForReadable) }
            return .accepted(0)
        case .ended, .failed, .nothingYet:
            perform(slab[index].http1.vanish(), index)
            return .closed
        }
    }

    /// Bytes of a stream that the client has not acknowledged.
    public func unsentBytes(_ exchange: ExchangeID) -> Int {
        guard let index = connection(of: exchange) else { return 0 }
        let bytes = slab[index].wire.unsentBytes
        // The streams of a connection share its socket.
        return http2(index).map { bytes / max(1, $0.streamCount) } ?? bytes
    }

    /// Ends a stream after the bytes written so far (with HTTP/1.1 the last of them are the last chunk, `0\r\n\r\n`).
    /// `exchangeDidEnd` follows when the client has closed too, or after a short while.
    public func finishStream(_ exchange: ExchangeID) {
        guard let place = exchanges.index(of: exchange.key), let index = exchanges[place].connection else { return }
        if let connection = http2(index) { return finishStream(index, connection, place) }
        let (rules, now) = (rules(index), now())
        perform(slab[index].http1.finishStream(rules, now: now), index)
    }

    /// Ends an exchange now; what the client has not taken yet is thrown away. `exchangeDidEnd` follows.
    public func abort(_ exchange: ExchangeID) {
        guard let place = exchanges.index(of: exchange.key), let index = exchanges[place].connection else { return }
        if let connection = http2(index) { return abort(index, connection, place) }
        perform(.reset(.aborted), index)
    }

    // MARK: Deliveries

    /// The next thing to tell the handler.
    func nextDelivery() -> Delivery? {
        while let delivery = promptDeliveries.popFirst() ?? deliveries.popFirst() {
            switch delivery {
            // The handler may have ended the stream since.
            case .writable(let exchange) where !isStream(exchange): continue
            case .closed(let exchange, _):
                // Nobody gets its place before the handler knows.
                if let place = exchanges.index(of: exchange.key) { exchanges.remove(at: place) }
                return delivery
            default: return delivery
            }
        }
        return nil
    }

    /// Connections have something to send that waits for the next turn.
    var hasQueuedOutput: Bool { !queuedOutput.isEmpty }

    /// Something is left to tell the handler.
    var hasDeliveries: Bool { !promptDeliveries.isEmpty || !deliveries.isEmpty }

    private func isStream(_ exchange: ExchangeID) -> Bool {
        connection(of: exchange).map { slab[$0].flags.contains(.isHTTP2) || slab[$0].http1.isStreaming } ?? false
    }

    /// Whether a second has gone by since the HTTP/2 connections were looked at.
    func isCheckDue(now: Int64) -> Bool {
        guard now >= nextCheck else { return false }
        nextCheck = now + 1000
        return true
    }

    func deliver(_ delivery: Delivery, from index: Int) {
        if options.listeners[Int(slab[index].listener)].isPrompt {
            promptDeliveries.append(delivery)
        } else {
            deliveries.append(delivery)
        }
    }
}

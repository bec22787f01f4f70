internal import Reactor

/// What a write to a stream came to.
public enum WriteResult: Sendable, Equatable {
    /// The kernel took so many bytes. If that is less than all, `streamIsWritable` follows when it takes more.
    case accepted(Int)
    /// The connection is no stream any more. `exchangeDidEnd` follows, or has been called.
    case closed
}

/// The connections of one event loop. Not Sendable: it stays on its loop, with the handler that was given it.
///
/// Events are edge-triggered and each connection is registered once, for reading and writing: no system call is spent
/// on changing that. An identifier of a connection that is gone is no error in any call here; the call then does
/// nothing.
public final class HTTPExchanges {
    let loop: EventLoop
    let options: HTTPServerOptions
    let load: LoopLoad
    /// Who may connect, by listener.
    let admissions: [Admission]
    var slab = Slab(vacant: Connection())
    /// Where every connection's bytes are read to, one after the other.
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    /// What the handler is to be told: first of connections that others wait for.
    private var promptDeliveries = DeliveryQueue()
    private var deliveries = DeliveryQueue()
    var held: HeldAnswers
    let bodies: [BodyBudget]
    var records = StreamRecords()
    /// Connections to go on with in the next turn: work no event will announce.
    var queued: ContiguousArray<SlabKey> = []
    var earliestDeadline = Connection.noDeadline
    var date = DateField()
    /// The server stops: no connection is kept for another request.
    var isDraining = false

    /// What happened on this loop so far.
    public internal(set) var counters = HTTPCounters()

    init(
        loop: EventLoop, options: HTTPServerOptions, load: LoopLoad, admissions: [Admission], bodies: [BodyBudget]
    ) {
        held = HeldAnswers(
            maximum: options.limits.heldAnswerBytes, maximumPerAddress: options.limits.heldAnswerBytesPerAddress)
        self.bodies = bodies
        self.loop = loop
        self.options = options
        self.load = load
        self.admissions = admissions
    }

    /// The time on the server's clock. Monotonic milliseconds.
    public func now() -> Int64 { options.clock.now() }

    /// How many connections there are, in whatever state.
    public var count: Int { slab.count }

    // MARK: Answers

    /// Answers a request as a whole. `HEAD` requests get the head alone.
    public func respond(_ connection: ExchangeID, _ response: HTTPResponse) {
        guard let index = slab.index(of: connection.key), slab[index].phase == .handling,
            let exchange = slab[index].exchange
        else { return }
        slab[index].flags.remove(.owesClose)
        giveBackBody(index)
        exchange.keepsAlive =
            exchange.keepsAlive && !isDraining && Int(slab[index].requests) < options.limits.requestsPerConnection
            && !response.headers.contains { name, value in
                equalsIgnoringCase(ArraySlice(name.utf8), "connection")
                    && equalsIgnoringCase(ArraySlice(value.utf8), "close")
            }
        answer(index, exchange, response)
    }

    /// Begins a stream: sends the head, and `first` as the beginning of the body in the same packet. From here on the
    /// handler writes the body's bytes, in the framing that is returned. The connection ends with the stream. The
    /// answer to a `HEAD` request is its head alone, and the stream is over at once.
    @discardableResult
    public func startStream(
        _ connection: ExchangeID, status: Int, headers: [(String, String)], first: [UInt8] = []
    ) -> StreamFraming {
        guard let index = slab.index(of: connection.key), slab[index].phase == .handling,
            let exchange = slab[index].exchange
        else { return .chunked }
        let framing: StreamFraming = exchange.minorVersion >= 1 ? .chunked : .untilClose
        var head = ResponseHead(status: status, date: date.now())
        head.add(headers)
        if framing == .chunked { head.add("Transfer-Encoding", "chunked") }
        head.add("Connection", "close")
        head.end()
        exchange.output += head.bytes
        if exchange.isHead {
            slab[index].flags.insert(.finishesAfterHead)
        } else {
            exchange.output += first
        }
        exchange.input = []
        exchange.inputStart = 0
        if let bytes = options.streamUnsentBytes { slab[index].wire.limitUnsent(bytes) }
        slab[index].phase = .streaming
        slab[index].deadline = Connection.noDeadline
        counters.streams += 1
        giveBackBody(index)
        records.begin(index, exchange.method, exchange.target, status: status, now: now())
        flush(index)
        if slab.index(of: connection.key) == index, slab[index].flags.contains(.readable) { goOnLater(index) }
        return framing
    }

    // MARK: Streams

    /// Hands bytes of a stream to the kernel, in one system call.
    public func write(_ connection: ExchangeID, _ bytes: UnsafeRawBufferPointer) -> WriteResult {
        guard let index = slab.index(of: connection.key), slab[index].phase == .streaming else { return .closed }
        guard unsafe !bytes.isEmpty else { return .accepted(0) }
        guard slab[index].exchange == nil else {
            // The head is still on its way.
            slab[index].flags.insert(.wantsWritable)
            return .accepted(0)
        }
        // The bytes are the caller's for the time of this call, and the kernel copies them.
        switch unsafe slab[index].wire.send(bytes) {
        case .bytes(let count):
            counters.bytesSent += count
            records.sent(index, count)
            if count < bytes.count { slab[index].flags.insert(.wantsWritable) }
            return .accepted(count)
        case .wouldBlock, .ended:
            slab[index].flags.insert(.wantsWritable)
            return .accepted(0)
        case .failed:
            close(index, .peerGone)
            return .closed
        }
    }

    /// Bytes of a stream that the client has not acknowledged.
    public func unsentBytes(_ connection: ExchangeID) -> Int {
        guard let index = slab.index(of: connection.key) else { return 0 }
        return slab[index].wire.unsentBytes
    }

    /// Ends a stream after the bytes written so far (with HTTP/1.1 the last of them are the last chunk, `0\r\n\r\n`).
    /// `exchangeDidEnd` follows when the client has closed too, or after a short while.
    public func finishStream(_ connection: ExchangeID) {
        guard let index = slab.index(of: connection.key), slab[index].phase == .streaming else { return }
        if slab[index].exchange == nil {
            linger(index, .finishing)
        } else {
            slab[index].flags.insert(.finishesAfterHead)
        }
    }

    /// Ends a connection now; what the client has not taken yet is thrown away. `exchangeDidEnd` follows.
    public func abort(_ connection: ExchangeID) {
        guard let index = slab.index(of: connection.key) else { return }
        reset(index, .aborted)
    }

    // MARK: Deliveries

    /// The next thing to tell the handler.
    func nextDelivery() -> Delivery? {
        while let delivery = promptDeliveries.removeFirst() ?? deliveries.removeFirst() {
            // The handler may have ended the stream since.
            if case .writable(let exchange) = delivery, !isStream(exchange) { continue }
            return delivery
        }
        return nil
    }

    /// Something is left to tell the handler.
    var hasDeliveries: Bool { !promptDeliveries.isEmpty || !deliveries.isEmpty }

    private func isStream(_ connection: ExchangeID) -> Bool {
        slab.index(of: connection.key).map { slab[$0].phase == .streaming } ?? false
    }

    func deliver(_ delivery: Delivery, from index: Int) {
        let listener = Int(slab[index].listener)
        let isPrompt = options.listeners.indices.contains(listener) && options.listeners[listener].isPrompt
        if isPrompt { promptDeliveries.append(delivery) } else { deliveries.append(delivery) }
    }

    func identifier(_ index: Int) -> ExchangeID? { slab.key(at: index).map(ExchangeID.init) }
}

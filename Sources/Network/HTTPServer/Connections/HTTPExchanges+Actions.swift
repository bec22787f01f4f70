internal import HTTP
internal import Reactor
internal import TLS

/// Does what the connections' state machines say.
extension HTTPExchanges {
    /// What holds for the requests of a connection.
    func rules(_ index: Int) -> HTTP1Connection.Rules { rules[Int(slab[index].listener)] }

    /// Does what is to be done, and what comes of it, until nothing is.
    func perform(_ action: HTTP1Connection.Action, _ index: Int) {
        var action = action
        while true {
            switch action {
            case .wait:
                noteDeadline(index)
                return goOnLater(index)
            case .send:
                guard let next = send(index) else { return }
                action = next
            case .handle(let request): return hand(request, index)
            case .switchToHTTP2(let bytes, let refusal): return beginHTTP2(index, bytes, refusing: refusal)
            case .refuse(let refusal, let request): action = refuse(index, refusal, request)
            case .tellWritable: return tell(index) { .writable($0) }
            case .tellPeerEnded: return tell(index) { .peerEnded($0) }
            case .endSending:
                // Closing at once could answer bytes the client still sends with a reset, which may take from it what it
                // has not read yet.
                slab[index].wire.shutDownWriting()
                if slab[index].flags.contains(.hasPeerEnded) { slab[index].flags.insert(.mayRead) }
                action = .wait
            case .close(let reason): return close(index, reason)
            case .reset(let reason):
                // The kernel too forgets the bytes nobody takes.
                slab[index].wire.resetOnClose()
                return close(index, reason)
            }
        }
    }

    private func tell(_ index: Int, _ delivery: (ExchangeID) -> Delivery) {
        if let id = exchangeID(index) { deliver(delivery(id), from: index) }
        goOnLater(index)
    }

    /// Sends what waits, as far as the socket takes it.
    ///
    /// - Returns: what to do then; nil: the connection is gone.
    private func send(_ index: Int) -> HTTP1Connection.Action? {
        let (rules, wire, key) = (rules(index), slab[index].wire, slab.key(at: index))
        let heldBefore = slab[index].http1.heldOutput
        var action = HTTP1Connection.Action.wait
        // The bytes stay where they are for the time of the call, and the kernel copies them.
        switch unsafe slab[index].http1.withOutput({ unsafe wire.send($0) }) {
        case .bytes(let count):
            counters.bytesSent += count
            if let place = slab[index].exchange { exchanges[place].sent(count) }
            action = slab[index].http1.sent(count, rules, now: now())
        case .waits(let direction):
            if direction == .readable { slab[index].flags.insert(.sendWaitsForReadable) }
        case .ended, .failed, .nothingYet: return slab[index].http1.vanish()
        case nil: break
        }
        hold(index, heldBefore)
        return key.flatMap(slab.index(of:)) == nil ? nil : action
    }

    /// Counts what the client has not taken, and gives up an answer when that is too much.
    private func hold(_ index: Int, _ heldBefore: Int) {
        let bytes = slab[index].http1.unsent
        let delta = bytes - heldBefore
        guard delta != 0 else { return }
        slab[index].http1.heldOutput = bytes
        switch held.change(slab[index].countedPeer, by: delta) {
        case .fits: break
        case .addressHoldsTooMuch: giveUpAnswer(index)
        case .tooMuchInAll:
            let holders = slab.indices.filter { slab[$0].http1.isAnswering }
            giveUpAnswer(
                holders.min { slab[$0].http1.deadline < slab[$1].http1.deadline } ?? index)
        }
    }

    private func giveUpAnswer(_ index: Int) {
        counters.answersGivenUp += 1
        perform(.reset(.peerGone), index)
    }

    private func hand(_ request: HTTPRequest, _ index: Int) {
        var request = request
        request.peer = client(index)
        request.listener = Int(slab[index].listener)
        request.transport = transport(index)
        let key = exchanges.insert(Exchange(on: index))
        slab[index].exchange = Int(key.index)
        counters.requests += 1
        deliver(.request(request, ExchangeID(key: key)), from: index)
    }

    /// Answers in the server's own name, after which the connection ends.
    private func refuse(
        _ index: Int, _ refusal: Refusal, _ request: HTTPRequest?
    ) -> HTTP1Connection.Action {
        let line = slab[index].http1.line
        let answer = refusalAnswer(
            index, refusal, method: request?.method ?? line.method, target: request?.target ?? line.target,
            headers: request?.headers)
        giveBackBody(index)
        return slab[index].http1.answer(
            refused: answer, date: date.now(),
            drainsBody: refusal == .bodyTooLarge || refusal == .bodiesTooLarge, rules(index), now: now())
    }

    /// The answer to a request that the server refuses, counted and noted.
    func refusalAnswer(
        _ index: Int, _ refusal: Refusal, method: String?, target: String?, headers: HTTPHeaders?
    ) -> Answer {
        counters.refused[refusal, default: 0] += 1
        let refused = RefusedRequest(
            refusal, listener: Int(slab[index].listener), method: method, target: target, headers: headers,
            peer: client(index))
        let answer = withTLSFields(options.refusalAnswer(refused), index)
        let facts = ExchangeFacts(
            peer: slab[index].peer, method: refused.method ?? "", target: refused.target ?? "",
            status: answer.status, milliseconds: 0, bytesSent: answer.body.count, reason: refusal.rawValue,
            transport: transport(index))
        deliver(.noted(facts), from: index)
        return answer
    }

    /// How a connection's requests come.
    func transport(_ index: Int) -> Transport {
        Transport(isHTTP2: slab[index].flags.contains(.isHTTP2), tls: slab[index].wire.tls?.version)
    }

    /// The memory of the request's body is free again.
    func giveBackBody(_ index: Int) {
        let bytes = slab[index].http1.heldBody
        if bytes > 0 { bodies[Int(slab[index].listener)].giveBack(bytes) }
        slab[index].http1.heldBody = 0
    }
}

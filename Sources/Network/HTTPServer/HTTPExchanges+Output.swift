internal import Reactor

/// What goes to the clients, and how connections end.
extension HTTPExchanges {
    /// Sends an answer of the server's own and ends the connection.
    func refuse(_ index: Int, _ refusal: Refusal, _ request: HTTPRequest? = nil) {
        counters.refused[refusal, default: 0] += 1
        let line = slab[index].exchange?.reader.line
        let refused = RefusedRequest(
            refusal, listener: Int(slab[index].listener), method: request?.method ?? line?.method,
            target: request?.target ?? line?.target, headers: request?.headers,
            peer: slab[index].wire.peer)
        let response = options.refusalAnswer(refused)
        giveBackBody(index)
        // What is left of a body is taken and thrown away, or its client would not come to read the answer.
        if refusal == .bodyTooLarge || refusal == .bodiesTooLarge { slab[index].flags.insert(.drainsBody) }
        let facts = ExchangeFacts(
            peer: slab[index].peer, method: refused.method ?? "", target: refused.target ?? "",
            status: response.status, milliseconds: 0, bytesSent: response.body.count, reason: refusal.rawValue)
        deliver(.noted(facts), from: index)
        let exchange = slab[index].exchange ?? Exchange(reader: RequestReader())
        slab[index].exchange = exchange
        exchange.keepsAlive = false
        exchange.isHead = false
        answer(index, exchange, response)
    }

    func answer(_ index: Int, _ exchange: Exchange, _ response: HTTPResponse) {
        var head = ResponseHead(status: response.status, date: date.now())
        head.add(response.headers)
        if !HTTPStatus.isBodyless(response.status) { head.add("Content-Length", "\(response.body.count)") }
        if !exchange.keepsAlive {
            head.add("Connection", "close")
        } else if exchange.minorVersion == 0 {
            head.add("Connection", "keep-alive")
        }
        head.end()
        exchange.output += head.bytes
        if !exchange.isHead, !HTTPStatus.isBodyless(response.status) { exchange.output += response.body }
        slab[index].phase = .answering
        setDeadline(index, after: options.limits.writeStallMilliseconds)
        flush(index)
    }

    func becomeWritable(_ index: Int) {
        if slab[index].exchange?.hasOutput == true {
            flush(index)
        } else if slab[index].phase == .streaming, slab[index].flags.contains(.wantsWritable) {
            slab[index].flags.remove(.wantsWritable)
            if let connection = identifier(index) { deliver(.writable(connection), from: index) }
        }
    }

    /// Sends what is waiting, as far as the socket takes it.
    func flush(_ index: Int) {
        guard let exchange = slab[index].exchange else { return }
        while exchange.hasOutput {
            let start = exchange.outputStart
            let wire = slab[index].wire
            // The output is not touched during the call, and the kernel copies it.
            let transfer = unsafe exchange.output.withUnsafeBytes {
                unsafe wire.send(UnsafeRawBufferPointer(rebasing: $0[start...]))
            }
            switch transfer {
            case .bytes(let count):
                counters.bytesSent += count
                if slab[index].phase == .streaming { records.sent(index, count) }
                exchange.outputStart += count
                if slab[index].phase == .answering { setDeadline(index, after: options.limits.writeStallMilliseconds) }
            case .wouldBlock, .ended:
                hold(index, exchange)
                return
            case .failed:
                close(index, .peerGone)
                return
            }
        }
        exchange.output = []
        exchange.outputStart = 0
        hold(index, exchange)
        flushed(index, exchange)
    }

    /// Counts what the client has not taken, and gives up an answer when that is too much.
    private func hold(_ index: Int, _ exchange: Exchange) {
        let bytes = exchange.output.count - exchange.outputStart
        let delta = bytes - exchange.heldBytes
        guard delta != 0 else { return }
        exchange.heldBytes = bytes
        switch held.change(slab[index].flags.contains(.isCounted) ? slab[index].peer : nil, by: delta) {
        case .fits: break
        case .addressHoldsTooMuch: giveUpAnswer(index)
        case .tooMuchInAll:
            let holders = slab.indices.filter { slab[$0].phase == .answering && slab[$0].exchange?.hasOutput == true }
            giveUpAnswer(holders.min { slab[$0].deadline < slab[$1].deadline } ?? index)
        }
    }

    private func giveUpAnswer(_ index: Int) {
        counters.answersGivenUp += 1
        reset(index, .peerGone)
    }

    /// The memory of the request's body is free again.
    func giveBackBody(_ index: Int) {
        guard let exchange = slab[index].exchange, exchange.bodyBytes > 0 else { return }
        bodies[Int(slab[index].listener)].giveBack(exchange.bodyBytes)
        exchange.bodyBytes = 0
    }

    private func flushed(_ index: Int, _ exchange: Exchange) {
        switch slab[index].phase {
        case .answering where exchange.keepsAlive && !isDraining:
            slab[index].phase = .reading
            setDeadline(index, after: options.limits.idleMilliseconds)
            if exchange.hasInput {
                setDeadline(index, after: options.limits.headMilliseconds)
                goOnLater(index)
            } else {
                slab[index].exchange = nil
                if slab[index].flags.contains(.readable) { goOnLater(index) }
            }
        case .answering: linger(index, .lingering)
        case .streaming:
            slab[index].exchange = nil
            if slab[index].flags.contains(.finishesAfterHead) {
                linger(index, .finishing)
            } else {
                becomeWritable(index)
            }
        case .reading, .handling, .finishing, .lingering: break
        }
    }

    // MARK: Ends

    /// Says that nothing follows, and waits a little for the client to say the same. Closing at once could answer bytes
    /// the client still sends with a reset, which may take from it what it has not read yet (RFC 9112, section 9.6).
    func linger(_ index: Int, _ phase: Connection.Phase) {
        slab[index].exchange = nil
        slab[index].phase = phase
        slab[index].flags.remove(.wantsWritable)
        let limits = options.limits
        setDeadline(
            index,
            after: slab[index].flags.contains(.drainsBody) ? limits.refusedBodyMilliseconds : limits.lingerMilliseconds)
        slab[index].wire.shutDownWriting()
        if slab[index].flags.contains(.readable) || slab[index].flags.contains(.peerEnded) {
            slab[index].flags.insert(.readable)
            goOnLater(index)
        }
    }

    /// The connection is gone: the one place where a connection's state dies.
    func close(_ index: Int, _ reason: EndReason) {
        slab[index].wire.close()
        if slab[index].flags.contains(.owesClose), let connection = identifier(index) {
            counters.ended[reason, default: 0] += 1
            deliver(.closed(connection, reason), from: index)
        }
        if let record = records.end(index), let line = record.line {
            let facts = ExchangeFacts(
                peer: slab[index].peer, method: line.method, target: line.target, status: line.status,
                milliseconds: now() - record.startedAt, bytesSent: record.bytesSent, reason: reason.rawValue)
            deliver(.noted(facts), from: index)
        }
        counters.connectionsClosed += 1
        giveBackBody(index)
        if let exchange = slab[index].exchange, exchange.heldBytes > 0 {
            _ = held.change(slab[index].flags.contains(.isCounted) ? slab[index].peer : nil, by: -exchange.heldBytes)
        }
        giveBack(index)
        slab.remove(at: index)
    }

    /// What a connection counts for is free again.
    func giveBack(_ index: Int) {
        load.remove()
        let (flags, listener) = (slab[index].flags, Int(slab[index].listener))
        guard admissions.indices.contains(listener) else { return }
        admissions[listener].giveBack(
            Admission.Share(
                peer: flags.contains(.isCounted) ? slab[index].peer : nil, isRefused: flags.contains(.isRefused)))
    }

    /// Closes with a reset, so that the kernel too forgets the bytes nobody takes.
    func reset(_ index: Int, _ reason: EndReason) {
        slab[index].wire.resetOnClose()
        close(index, reason)
    }

    /// Ends all connections.
    func closeAll() { for index in slab.indices where slab.key(at: index) != nil { close(index, .shutdown) } }

    /// No connection waits for another request from here on.
    func drain() {
        isDraining = true
        for index in slab.indices where slab.key(at: index) != nil && isBetweenRequests(index) {
            linger(index, .lingering)
        }
    }

    /// Closes connections of a listener that wait for a request, to make room for others: as many as there are too many
    /// of, and some more, so that this is not looked at for each that comes. Those that were idle for longest first;
    /// those that have not sent a byte yet last, and only if they had a second to.
    ///
    /// Returns whether there was one.
    @discardableResult
    func shedIdle(_ listener: Int) -> Bool {
        let admission = admissions[listener]
        guard admission.excess > 0 else { return true }
        let silentLimit = options.clock.now() + options.limits.headMilliseconds - 1_000
        var idle: [(isSilent: Bool, deadline: Int64, index: Int)] = []
        for index in slab.indices where slab.key(at: index) != nil && Int(slab[index].listener) == listener {
            guard isBetweenRequests(index), !slab[index].flags.contains(.isRefused) else { continue }
            let isSilent = slab[index].requests == 0
            guard !isSilent || slab[index].deadline <= silentLimit else { continue }
            idle.append((isSilent, slab[index].deadline, index))
        }
        idle.sort { $0.isSilent != $1.isSilent ? $1.isSilent : $0.deadline < $1.deadline }
        let wanted = admission.excess + (admission.limits.connections ?? 0) / 20
        for entry in idle.prefix(wanted) {
            counters.shed += 1
            close(entry.index, .finished)
        }
        return !idle.isEmpty
    }

    private func isBetweenRequests(_ index: Int) -> Bool {
        slab[index].phase == .reading && (slab[index].exchange?.reader.progress ?? .nothing) == .nothing
            && slab[index].exchange?.hasInput != true
    }

    // MARK: Time

    func setDeadline(_ index: Int, after milliseconds: Int64) {
        let deadline = options.clock.now() + milliseconds
        slab[index].deadline = deadline
        earliestDeadline = min(earliestDeadline, deadline)
    }

    /// Ends what has taken too long. Costs nothing while no deadline has passed.
    func expire(now: Int64) {
        guard now >= earliestDeadline else { return }
        for index in slab.indices where slab[index].deadline <= now { expire(index) }
        earliestDeadline = slab.indices.reduce(Connection.noDeadline) { min($0, slab[$1].deadline) }
    }

    private func expire(_ index: Int) {
        slab[index].deadline = Connection.noDeadline
        if slab[index].phase == .reading, let refusal = slab[index].exchange?.refusal {
            return refuse(index, refusal)
        }
        switch slab[index].phase {
        case .reading:
            switch slab[index].exchange?.reader.progress ?? .nothing {
            case .nothing: linger(index, .lingering)
            case .head: refuse(index, .headTimeout)
            case .body: refuse(index, .bodyTimeout)
            }
        case .answering:
            counters.stalledAnswers += 1
            reset(index, .peerGone)
        case .finishing, .lingering: close(index, .finished)
        case .handling, .streaming: break
        }
    }
}

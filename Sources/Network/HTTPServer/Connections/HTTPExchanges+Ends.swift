internal import HTTP2
internal import Reactor

/// How connections end.
extension HTTPExchanges {
    /// The connection is gone: the one place where a connection's state dies.
    ///
    /// - Parameter outcome: of its TLS handshake, if that is not over; nil: the connection tells.
    func close(_ index: Int, _ reason: EndReason, handshake outcome: HandshakeOutcome? = nil) {
        if slab[index].wire.isHandshaking {
            counters.tls.handshakes[outcome ?? (slab[index].wire.hasFailed ? .failed : .gone), default: 0] += 1
        }
        slab[index].wire.close()
        if let place = slab[index].exchange, let id = exchangeID(index) {
            end(id, place, index, reason)
        }
        if let connection = http2(index) { endCalls(index, connection, reason) }
        counters.connectionsClosed += 1
        giveBackBody(index)
        let heldBytes = slab[index].http1.heldOutput
        if heldBytes > 0 { _ = held.change(slab[index].countedPeer, by: -heldBytes) }
        giveBack(index)
        proxied[index] = nil
        slab.remove(at: index)
    }

    /// An exchange has ended; its handler hears of it.
    func end(_ id: ExchangeID, _ place: Int, _ index: Int, _ reason: EndReason) {
        counters.ended[reason, default: 0] += 1
        var facts = exchanges[place].end(slab[index].peer, reason, transport(index), now: now())
        facts?.exchange = id
        deliver(.closed(id, reason), from: index)
        if let facts { deliver(.noted(facts), from: index) }
    }

    /// What a connection counts for is free again.
    func giveBack(_ index: Int) {
        load.remove()
        admissions[Int(slab[index].listener)].giveBack(
            Admission.Share(peer: slab[index].countedPeer, isRefused: slab[index].flags.contains(.isRefused)))
    }

    var places: some Sequence<Int> { slab.indices.lazy.filter { self.slab.key(at: $0) != nil } }

    /// Ends all connections.
    func closeAll() { for index in places { close(index, .shutdown) } }

    /// No connection waits for another request from here on.
    func drain() {
        isDraining = true
        let now = now()
        for index in places {
            if let connection = http2(index) {
                connection.leave(now: now)
                sendHTTP2(index, connection)
            } else {
                perform(slab[index].http1.drain(rules(index), now: now), index)
            }
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
        let silentLimit = now() + options.limits.headMilliseconds - 1_000
        var idle: [(isSilent: Bool, deadline: Int64, index: Int)] = []
        for index in places where admissions[Int(slab[index].listener)] === admission {
            let connection = http2(index)
            guard connection.map({ $0.session.streamCount == 0 }) ?? slab[index].http1.isBetweenRequests else {
                continue
            }
            let (isSilent, deadline) = (
                connection == nil && slab[index].http1.requests == 0,
                connection?.idleSince.map { $0 + options.limits.idleMilliseconds } ?? slab[index].http1.deadline
            )
            if !isSilent || deadline <= silentLimit { idle.append((isSilent, deadline, index)) }
        }
        idle.sort { $0.isSilent != $1.isSilent ? $1.isSilent : $0.deadline < $1.deadline }
        let wanted = admission.excess + (admission.limits.connections ?? 0) / 20
        for entry in idle.prefix(wanted) {
            counters.shed += 1
            // A client of HTTP/2 hears that a request of this moment was not looked at, and may be made again.
            if let connection = http2(entry.index) {
                connection.end()
                let key = slab.key(at: entry.index)
                sendHTTP2(entry.index, connection)
                guard key.flatMap(slab.index(of:)) != nil else { continue }
            }
            close(entry.index, .finished)
        }
        return !idle.isEmpty
    }

    // MARK: Time

    func noteDeadline(_ index: Int) { earliestDeadline = min(earliestDeadline, slab[index].http1.deadline) }

    /// Ends what has taken too long. Costs nothing while no deadline has passed.
    func expire(now: Int64) {
        if !http2Connections.isEmpty, isCheckDue(now: now) { checkHTTP2(now: now) }
        guard now >= earliestDeadline else { return }
        for index in places where slab[index].http1.deadline <= now {
            if slab[index].wire.isHandshaking {
                close(index, .finished, handshake: .timeout)
                continue
            }
            // A slow client may take longer to be sent the rest than the server waits for its end.
            if slab[index].http1.isEnding, slab[index].wire.hasMoved() {
                slab[index].http1.waitForWire(until: now + options.limits.writeStallMilliseconds)
                continue
            }
            if slab[index].http1.isAnswering { counters.stalledAnswers += 1 }
            perform(slab[index].http1.expire(rules(index), now: now), index)
        }
        earliestDeadline = slab.indices.reduce(HTTP1Connection.noDeadline) {
            min($0, slab[$1].http1.deadline)
        }
    }
}

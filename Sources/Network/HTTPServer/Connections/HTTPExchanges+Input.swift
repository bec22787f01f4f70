internal import Reactor

/// Input from the clients.
extension HTTPExchanges {
    /// Takes on an accepted connection. With a refusal its request gets that answer and nothing else.
    func adopt(_ arrival: AcceptedConnection) {
        let now = now()
        var connection = Connection()
        guard let wire = wire(of: arrival) else {
            Socket.close(arrival.descriptor)
            load.remove()
            admissions[arrival.listener].giveBack(arrival.share)
            counters.dropped += 1
            return
        }
        connection.wire = wire
        connection.listener = UInt8(truncatingIfNeeded: arrival.listener)
        if let peer = arrival.peer {
            connection.peer = peer
            if arrival.isCounted { connection.flags.insert(.isCounted) }
        }
        if arrival.refusal != nil { connection.flags.insert(.isRefused) }
        if arrival.hasProxyHeader { connection.flags.insert(.awaitsProxyHeader) }
        // The answer to one that is refused depends on who asks: a browser's stream is refused in another way than a
        // program's request.
        connection.http1 = HTTP1Connection(refusing: arrival.refusal, rules[arrival.listener], now: now)
        if wire.isHandshaking { connection.http1.waitForWire(until: now + options.limits.handshakeMilliseconds) }
        let key = slab.insert(connection)
        let index = Int(key.index)
        do throws(SystemError) {
            try loop.register(
                arrival.descriptor, key: key, for: [.readable, .writable, .peerEnded, .edgeTriggered],
                isPatient: !options.listeners[arrival.listener].isPrompt)
        } catch {
            Socket.close(arrival.descriptor)
            giveBack(index)
            slab.remove(at: index)
            counters.dropped += 1
            return
        }
        counters.connectionsOpened += 1
        noteDeadline(index)
    }

    /// Something happened to a connection.
    func ready(_ key: SlabKey, _ readiness: Readiness) {
        guard let index = slab.index(of: key) else {
            counters.staleEvents += 1
            return
        }
        guard readiness.isDisjoint(with: .broken) else { return perform(slab[index].http1.vanish(), index) }
        let isReadable = !readiness.isDisjoint(with: [.readable, .peerEnded])
        var isWritable = readiness.contains(.writable)
        if readiness.contains(.peerEnded) { slab[index].flags.insert(.hasPeerEnded) }
        if isReadable || isWritable && slab[index].flags.contains(.readWaitsForWritable) {
            slab[index].flags.remove(.readWaitsForWritable)
            slab[index].flags.insert(.mayRead)
            read(index)
            guard slab.index(of: key) != nil else { return }
        }
        if isReadable, slab[index].flags.contains(.sendWaitsForReadable) { isWritable = true }
        if isWritable {
            slab[index].flags.remove(.sendWaitsForReadable)
            guard slab[index].wire.flush() else { return }
            if let connection = http2(index) { return sendHTTP2(index, connection) }
            perform(slab[index].http1.becomeWritable(), index)
        }
    }

    /// Goes on with connections whose input was left for this turn.
    ///
    /// - Parameter deadline: when the turn has taken long enough; the rest waits for the next.
    func goOn(until deadline: Int64) {
        guard !queued.isEmpty else { return }
        let keys = queued
        queued.removeAll(keepingCapacity: true)
        for (number, key) in keys.enumerated() {
            if number > 0, number % 16 == 0, now() >= deadline {
                // In front of those that were added meanwhile: everybody's turn comes.
                queued = ContiguousArray(keys[number...]) + queued
                return
            }
            guard let index = slab.index(of: key) else { continue }
            slab[index].flags.remove(.isQueued)
            read(index)
        }
    }

    /// Has the connection read in the next turn, if there is something to read for it.
    func goOnLater(_ index: Int) {
        guard
            slab[index].http1.hasInput || slab[index].flags.contains(.mayRead) && wantsInput(index),
            !slab[index].flags.contains(.isQueued), let key = slab.key(at: index)
        else { return }
        slab[index].flags.insert(.isQueued)
        if slab[index].wire.isHandshaking { handshakes.append(key) } else { queued.append(key) }
    }

    private func wantsInput(_ index: Int) -> Bool { http2(index)?.wantsInput ?? slab[index].http1.wantsInput }

    /// Reads once: what came before, or from the wire.
    func read(_ index: Int) {
        if slab[index].flags.contains(.awaitsProxyHeader) { return readProxyHeader(index) }
        if slab[index].wire.isHandshaking { return goOnLater(index) }
        if slab[index].http1.hasInput {
            return take(slab[index].http1.readOn(rules(index), now: now()), index)
        }
        readWire(index)
    }

    /// Reads once from the wire into the shared buffer.
    func readWire(_ index: Int) {
        let (rules, now) = (rules(index), now())
        guard slab[index].flags.contains(.mayRead), wantsInput(index) else { return }
        let wire = slab[index].wire
        let isHandshaking = wire.isHandshaking
        // The buffer is this loop's own, and nothing else reads to it before the bytes were taken.
        let transfer = unsafe buffer.withUnsafeMutableBytes { unsafe wire.read(into: $0) }
        if isHandshaking, let facts = wire.tls {
            let key = slab.key(at: index)
            beginAfterTLS(index, facts)
            guard key.flatMap(slab.index(of:)) != nil else { return }
        }
        switch transfer {
        case .bytes(let count):
            counters.bytesReceived += count
            // A short read has emptied the socket, but for the end of the client's side.
            if count < buffer.count, !wire.hasMore, !slab[index].flags.contains(.hasPeerEnded) {
                slab[index].flags.remove(.mayRead)
            }
            // A second reference, not a copy: it is gone before the buffer is read into again.
            let input = buffer
            if slab[index].flags.contains(.isHTTP2) { return receiveHTTP2(index, input.span.extracting(0..<count)) }
            take(slab[index].http1.receive(input.span.extracting(0..<count), rules, now: now), index)
        case .waits(let direction):
            slab[index].flags.remove(.mayRead)
            if direction == .writable { slab[index].flags.insert(.readWaitsForWritable) }
        case .ended:
            slab[index].flags.remove(.mayRead)
            slab[index].flags.insert(.hasPeerEnded)
            // Over HTTP/2 a client that is done says so in a frame.
            perform(slab[index].flags.contains(.isHTTP2) ? .close(.peerGone) : slab[index].http1.receiveEnd(), index)
        case .nothingYet: goOnLater(index)
        case .failed: perform(slab[index].http1.vanish(), index)
        }
    }

    /// Does what the bytes of a request came to, if there is memory for its body.
    private func take(_ action: HTTP1Connection.Action, _ index: Int) {
        var request: HTTPRequest?
        if case .handle(let whole) = action { request = whole }
        let count = request?.body.count ?? slab[index].http1.bodyBytes
        let more = count - slab[index].http1.heldBody
        if more > 0 {
            guard bodies[Int(slab[index].listener)].take(more) else {
                return perform(.refuse(.bodiesTooLarge, request), index)
            }
            slab[index].http1.heldBody = count
        }
        perform(action, index)
    }
}

internal import Reactor

/// What comes from the clients.
extension HTTPExchanges {
    /// Takes on an accepted connection. With a refusal its request gets that answer and nothing else.
    func adopt(_ arrival: AcceptedConnection) {
        let (descriptor, listener) = (arrival.descriptor, arrival.listener)
        var connection = Connection()
        connection.wire = .plain(descriptor)
        connection.listener = UInt8(truncatingIfNeeded: listener)
        if let peer = arrival.peer {
            connection.peer = peer
            if arrival.isCounted { connection.flags.insert(.isCounted) }
        }
        if arrival.refusal != nil { connection.flags.insert(.isRefused) }
        let key = slab.insert(connection)
        let index = Int(key.index)
        do throws(SystemError) {
            let isPrompt = options.listeners.indices.contains(listener) && options.listeners[listener].isPrompt
            try loop.register(
                descriptor, key: key, for: [.readable, .writable, .peerEnded, .edgeTriggered], isPatient: !isPrompt)
        } catch {
            Socket.close(descriptor)
            giveBack(index)
            slab.remove(at: index)
            counters.dropped += 1
            return
        }
        counters.connectionsOpened += 1
        if let refusal = arrival.refusal {
            // The answer depends on who asks: a browser's stream is refused in another way than a program's request.
            begin(index).refusal = refusal
            setDeadline(index, after: options.limits.refusalMilliseconds)
        } else {
            setDeadline(index, after: options.limits.headMilliseconds)
        }
    }

    /// Something happened to a connection.
    func ready(_ key: SlabKey, _ readiness: Readiness) {
        guard let index = slab.index(of: key) else {
            counters.staleEvents += 1
            return
        }
        guard readiness.isDisjoint(with: .broken) else {
            close(index, slab[index].phase == .finishing ? .finished : .peerGone)
            return
        }
        if readiness.contains(.peerEnded) { slab[index].flags.insert(.peerEnded) }
        // The end of the client's side comes with every later event; a stream's handler is told of it once.
        if !readiness.isDisjoint(with: [.readable, .peerEnded]), !slab[index].flags.contains(.peerEndTold) {
            slab[index].flags.insert(.readable)
            read(index)
        }
        if readiness.contains(.writable), slab.index(of: key) != nil { becomeWritable(index) }
    }

    /// Goes on with connections whose input was left for this turn.
    ///
    /// - Parameter deadline: when the turn has taken long enough; the rest waits for the next.
    func goOn(until deadline: Int64) {
        guard !queued.isEmpty else { return }
        let keys = queued
        queued.removeAll(keepingCapacity: true)
        for (number, key) in keys.enumerated() {
            if number > 0, number % 16 == 0, options.clock.now() >= deadline {
                // In front of those that were added meanwhile: everybody's turn comes.
                queued = ContiguousArray(keys[number...]) + queued
                return
            }
            guard let index = slab.index(of: key) else { continue }
            slab[index].flags.remove(.isQueued)
            read(index)
        }
    }

    func goOnLater(_ index: Int) {
        guard !slab[index].flags.contains(.isQueued), let key = slab.key(at: index) else { return }
        slab[index].flags.insert(.isQueued)
        queued.append(key)
    }

    /// Reads once, as the connection's phase wants it.
    private func read(_ index: Int) {
        switch slab[index].phase {
        case .reading: readRequest(index)
        case .handling, .answering: break  // The next request waits where it is.
        case .streaming, .finishing, .lingering: discard(index)
        }
    }

    private func readRequest(_ index: Int) {
        if let exchange = slab[index].exchange, exchange.hasInput {
            let input = exchange.input
            var position = exchange.inputStart
            exchange.input = []
            exchange.inputStart = 0
            parse(index, exchange, input.span, &position)
            if position < input.count, case .handling = slab[index].phase {
                exchange.input = input
                exchange.inputStart = position
            }
        } else {
            guard let count = receive(index) else { return }
            if count == 0 {
                close(index, .peerGone)
                return
            }
            let exchange = slab[index].exchange ?? begin(index)
            var position = 0
            // A second reference, not a copy: it is gone before the buffer is read into again.
            let input = buffer
            parse(index, exchange, input.span.extracting(0..<count), &position)
            if position < count, case .handling = slab[index].phase {
                exchange.input = Array(input[position..<count])
            }
        }
        if slab[index].wire.isOpen, slab[index].phase == .reading, slab[index].flags.contains(.readable) {
            goOnLater(index)
        }
    }

    /// Reads into the shared buffer. Zero: the client has ended its side. Nil: nothing to do, or the connection is
    /// gone.
    private func receive(_ index: Int) -> Int? {
        guard slab[index].flags.contains(.readable) else { return nil }
        let wire = slab[index].wire
        // The buffer is this loop's own, and nothing else reads to it before the bytes were taken.
        switch unsafe buffer.withUnsafeMutableBytes({ unsafe wire.read(into: $0) }) {
        case .bytes(let count):
            counters.bytesReceived += count
            // A short read has emptied the socket, but for the end of the client's side.
            if count < buffer.count, !wire.hasBufferedBytes, !slab[index].flags.contains(.peerEnded) {
                slab[index].flags.remove(.readable)
            }
            return count
        case .ended:
            slab[index].flags.remove(.readable)
            slab[index].flags.insert(.peerEnded)
            return 0
        case .wouldBlock:
            slab[index].flags.remove(.readable)
            return nil
        case .failed:
            close(index, slab[index].phase == .finishing ? .finished : .peerGone)
            return nil
        }
    }

    /// The first byte of a request came.
    private func begin(_ index: Int) -> Exchange {
        let listener = Int(slab[index].listener)
        let maximum = listener < options.listeners.count ? options.listeners[listener].maximumBodyBytes : 0
        let exchange = Exchange(reader: RequestReader(limits: options.limits, maximumBodyBytes: maximum))
        slab[index].exchange = exchange
        // The first request's time began with the connection.
        if slab[index].requests > 0 { setDeadline(index, after: options.limits.headMilliseconds) }
        return exchange
    }

    private func parse(_ index: Int, _ exchange: Exchange, _ bytes: Span<UInt8>, _ position: inout Int) {
        while true {
            let before = exchange.reader.progress
            let event = exchange.reader.read(bytes, at: &position)
            guard holdBody(index, exchange, event) else {
                refuse(index, .bodiesTooLarge)
                return
            }
            switch event {
            case nil:
                if let refusal = exchange.refusal, exchange.reader.progress == .body {
                    refuse(index, refusal)
                } else if exchange.reader.progress == .body, before != .body {
                    setDeadline(index, after: options.limits.bodyMilliseconds)
                }
                return
            case .continueExpected where exchange.refusal != nil:
                refuse(index, exchange.refusal ?? .tooManyConnections)
                return
            case .continueExpected:
                setDeadline(index, after: options.limits.bodyMilliseconds)
                // Some of the body is here already: nobody waits for the word (RFC 9110, section 10.1.1).
                if position < bytes.count { continue }
                exchange.output += "HTTP/1.1 100 Continue\r\n\r\n".utf8
                guard let key = slab.key(at: index) else { return }
                flush(index)
                if slab.index(of: key) == nil { return }
            case .request(var request):
                if let refusal = exchange.refusal {
                    refuse(index, refusal, request)
                    return
                }
                request.peer = slab[index].wire.peer
                request.listener = Int(slab[index].listener)
                exchange.isHead = request.method == "HEAD"
                exchange.method = request.method
                exchange.target = request.target
                exchange.minorVersion = request.minorVersion
                exchange.keepsAlive = request.allowsKeepAlive
                slab[index].requests &+= 1
                slab[index].phase = .handling
                slab[index].deadline = Connection.noDeadline
                slab[index].flags.insert(.owesClose)
                counters.requests += 1
                if let connection = identifier(index) { deliver(.request(request, connection), from: index) }
                return
            case .refused(let refusal):
                refuse(index, refusal)
                return
            }
        }
    }

    /// Counts the bytes of the body that are here by now; false when there is no memory for them.
    private func holdBody(_ index: Int, _ exchange: Exchange, _ event: RequestReader.Event?) -> Bool {
        var count = exchange.reader.bodyBytes
        if case .request(let request) = event { count = request.body.count }
        let listener = Int(slab[index].listener)
        guard count > exchange.bodyBytes, bodies.indices.contains(listener) else { return true }
        guard bodies[listener].take(count - exchange.bodyBytes) else { return false }
        exchange.bodyBytes = count
        return true
    }

    /// Throws away what the client says to a stream or after an error, within a bound.
    private func discard(_ index: Int) {
        guard let count = receive(index) else { return }
        if count == 0 {
            if slab[index].phase == .streaming {
                slab[index].flags.insert(.peerEndTold)
                if let connection = identifier(index) { deliver(.peerEnded(connection), from: index) }
            } else {
                close(index, .finished)
            }
            return
        }
        slab[index].discarded += UInt32(count)
        let limits = options.limits
        let most = slab[index].flags.contains(.drainsBody) ? limits.refusedBodyBytes : limits.discardedBytes
        if Int(slab[index].discarded) > most {
            close(index, slab[index].phase == .finishing ? .finished : .tooMuchInput)
        } else if slab[index].flags.contains(.readable) {
            goOnLater(index)
        }
    }
}

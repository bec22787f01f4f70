internal import HTTP2
internal import Reactor
internal import TLS
internal import Time

/// Clients that share connections: each is a stream of HTTP/2.
extension LoadRun {
    /// Over HTTP/2 the keys of descriptors are places in `connections`, and not in `clients`.
    func takeConnectionEvents(_ events: ReadyEvents, _ now: Int64) {
        for place in 0..<events.count {
            let (key, readiness) = events[place]
            let number = Int(key.index)
            guard number < connections.count, let connection = connections[number] else { continue }
            if connection.isConnected {
                read(number, connection, now)
            } else {
                finishConnecting(number, connection, readiness)
            }
            guard connections[number] != nil else { continue }
            send(number, connection, now)
        }
    }

    // MARK: Opening

    /// Gives a client a place on a connection, if need be on a new one.
    func place(_ index: Int) {
        if let number = connections.lastIndex(where: { $0.map(hasRoom) ?? false }), let connection = connections[number]
        {
            return place(index, number, connection)
        }
        let number = connections.count
        let source = target.sources.isEmpty ? nil : target.sources[number % target.sources.count]
        do {
            let descriptor = try Socket.connect(to: target.address, from: source)
            do {
                let connection = try LoadConnection(descriptor)
                if tally.measuresLatency { try Socket.noteArrivals(descriptor) }
                try loop.register(descriptor, key: key(number), for: [.readable, .writable])
                connections.append(connection)
                outcome.connections += 1
                place(index, number, connection)
            } catch {
                Socket.close(descriptor)
                throw error
            }
        } catch {
            fail(index, (error as? SystemError).map(Self.name) ?? "no_memory")
        }
    }

    private func hasRoom(_ connection: LoadConnection) -> Bool {
        connection.goAway == nil
            && connection.clients < min(streamLimit, connection.isReady ? connection.session.streamLimit : .max)
    }

    private func place(_ index: Int, _ number: Int, _ connection: LoadConnection) {
        clients[index].connection = number
        connection.clients += 1
        guard connection.isReady else { return connection.waiting.append(index) }
        request(index, connection)
        // It may be that this connection's events are being taken now. What fails here fails again when it is read.
        try? flush(number, connection)
    }

    private func request(_ index: Int, _ connection: LoadConnection) {
        guard let head = target.head else { return }
        do throws(HTTP2Error) {
            clients[index].streamID = try connection.session.request(head, number: index)
            clients[index].phase = .waiting
        } catch {
            lose(index, StreamFault(error))
        }
    }

    private func finishConnecting(_ number: Int, _ connection: LoadConnection, _ readiness: Readiness) {
        if let error = Socket.connectError(connection.descriptor) {
            for index in clientsOf(number) { fail(index, Self.name(error)) }
            return
        }
        guard let tls else {
            if readiness.contains(.writable) { connection.isConnected = true }
            return
        }
        guard let session = connection.tls?.session else {
            guard readiness.contains(.writable) else { return }
            guard let session = tls.begin(connection.descriptor) else { return lose(connection: number, .notHTTP2) }
            connection.tls = (tls, session)
            // Until both sides have agreed there is nothing to send.
            connection.watchesRoom = false
            try? loop.modify(connection.descriptor, key: key(number), for: .readable)
            return
        }
        read(number, connection, MonotonicClock.system.now())
        if !session.isHandshaking { connection.isConnected = true }
    }

    /// The server has said how many streams it allows: those who waited for it make their requests.
    private func begin(_ connection: LoadConnection) {
        connection.isReady = true
        streamLimit = min(streamLimit, connection.session.streamLimit)
        let waiting = connection.waiting.filter { clients[$0].phase == .connecting }
        connection.waiting = []
        for index in waiting.prefix(streamLimit) { request(index, connection) }
        for index in waiting.dropFirst(streamLimit) {
            guard streamLimit > 0 else {
                lose(index, .noStreams)
                continue
            }
            connection.clients -= 1
            clients[index].connection = -1
            place(index)
        }
    }

    // MARK: Reading and sending

    private func read(_ number: Int, _ connection: LoadConnection, _ now: Int64) {
        // Out of the actor while it is used, so that the actor may be changed meanwhile.
        var arrived: [UInt8] = []
        swap(&arrived, &buffer)
        defer { swap(&arrived, &buffer) }
        switch receive(connection.descriptor, connection.tls?.session, into: &arrived) {
        case .bytes(let count):
            var fault: StreamFault?
            do { try connection.session.receive(arrived.span.extracting(0..<count)) } catch {
                fault = StreamFault(error)
            }
            takeEvents(number, connection, arrived.span.extracting(0..<count), now)
            if let fault { lose(connection: number, fault) }
        case .wouldBlock: break
        case .ended, .failed: lose(connection: number, Self.end(of: connection))
        }
    }

    /// Why clients whose connection is at its end got no more.
    private static func end(of connection: LoadConnection) -> StreamFault {
        connection.isReady ? connection.goAway.map(StreamFault.goAway) ?? .brokenOff : .notHTTP2
    }

    private func send(_ number: Int, _ connection: LoadConnection, _ now: Int64) {
        guard connection.isConnected else { return }
        var fault: StreamFault?
        do throws(StreamFault) { try flush(number, connection) } catch { fault = error }
        takeEvents(number, connection, Span(), now)
        if fault == .brokenOff || fault == nil && connection.session.isOver { fault = Self.end(of: connection) }
        if let fault { lose(connection: number, fault) }
    }

    private func flush(_ number: Int, _ connection: LoadConnection) throws(StreamFault) {
        try connection.send()
        guard connection.watchesRoom != connection.hasOutput else { return }
        connection.watchesRoom = connection.hasOutput
        do throws(SystemError) {
            let readiness: Readiness = connection.hasOutput ? [.readable, .writable] : .readable
            try loop.modify(connection.descriptor, key: key(number), for: readiness)
        } catch {
            throw .brokenOff
        }
    }

    private func takeEvents(_ number: Int, _ connection: LoadConnection, _ bytes: Span<UInt8>, _ now: Int64) {
        var place = 0
        // Taking one may bring more.
        while place < connection.session.events.count {
            take(connection.session.events[place], number, connection, bytes, now)
            place += 1
        }
        connection.session.removeEvents()
    }

    private func take(
        _ event: HTTP2ClientSession.Event, _ number: Int, _ connection: LoadConnection, _ bytes: Span<UInt8>,
        _ now: Int64
    ) {
        switch event {
        case .data(let index, let range):
            guard isHere(index, number) else { break }
            do throws(StreamFault) {
                try clients[index].stream.take(bytes.extracting(range), &tally)
            } catch {
                lose(index, error)
            }
        case .ready: begin(connection)
        case .head(let index, let status, let coding):
            guard isHere(index, number) else { break }
            lastAnswer = now
            do throws(StreamFault) {
                try clients[index].stream.begin(AnswerHead(status: status, isGzip: coding == .gzip))
                beginStreaming(index)
            } catch {
                lose(index, error)
            }
        case .end(let index): if isHere(index, number) { finish(index) }
        case .reset(let index, let code): if isHere(index, number) { lose(index, .reset(code)) }
        case .goAway(let code):
            connection.goAway = code
            for index in connection.waiting where isHere(index, number) { lose(index, .goAway(code)) }
        }
    }

    // MARK: Closing

    private func isHere(_ index: Int, _ number: Int) -> Bool {
        clients[index].connection == number && clients[index].phase != .gone
    }

    private func clientsOf(_ number: Int) -> [Int] { clients.indices.filter { isHere($0, number) } }

    private func lose(connection number: Int, _ fault: StreamFault) {
        for index in clientsOf(number) { lose(index, fault) }
    }

    /// A client wants no more of its stream. Who is the last on a connection closes it.
    func leave(_ index: Int) {
        let number = clients[index].connection
        guard number >= 0, let connection = connections[number] else { return }
        clients[index].connection = -1
        if clients[index].streamID > 0 { connection.session.cancel(clients[index].streamID) }
        connection.clients -= 1
        guard connection.clients == 0 else { return }
        Socket.close(connection.descriptor)
        connections[number] = nil
    }
}

internal import HTTP
internal import HTTP2
internal import Reactor

/// Connections that speak HTTP/2: many exchanges each.
extension HTTPExchanges {
    func http2(_ index: Int) -> HTTP2Connection? {
        slab[index].flags.contains(.isHTTP2) ? http2Connections[index] : nil
    }

    // MARK: From the client

    /// The connection speaks HTTP/2, as its first bytes say, or what TLS has agreed on.
    ///
    /// - Parameter refusal: why its requests get no answer but this; nil: they are answered.
    func beginHTTP2(_ index: Int, _ bytes: [UInt8], refusing refusal: Refusal?) {
        while http2Connections.count <= index { http2Connections.append(nil) }
        var limits = options.http2
        limits.bodyBytes = rules(index).maximumBodyBytes
        limits.headBytes = options.limits.headBytes
        limits.fields = options.limits.fields
        limits.refusedBodyBytes = options.limits.refusedBodyBytes
        do throws(HTTP2Error) {
            http2Connections[index] = try HTTP2Connection(limits, refusing: refusal, now: now())
        } catch {
            return close(index, .aborted)
        }
        slab[index].flags.insert(.isHTTP2)
        counters.http2Connections += 1
        receiveHTTP2(index, bytes.span)
    }

    func receiveHTTP2(_ index: Int, _ bytes: Span<UInt8>) {
        guard let connection = http2(index) else { return }
        connection.receive(bytes, now: now())
        takeEvents(index, connection)
        holdBodies(index, connection)
        sendLater(index, connection)
        goOnLater(index)
    }

    /// Tells the handler what happened.
    private func takeEvents(_ index: Int, _ connection: HTTP2Connection) {
        guard !connection.session.events.isEmpty else { return }
        for event in connection.session.events {
            switch event {
            case .request(let stream, let request): take(index, connection, stream, request)
            case .refused(let stream, let refusal, let request):
                let refusal: Refusal =
                    switch refusal {
                    case .headTooLarge: .headTooLarge
                    case .tooManyFields: .tooManyFields
                    case .bodyTooLarge: .bodyTooLarge
                    }
                refuse(index, connection, stream, refusal, request)
            case .writable(let stream):
                if let place = connection.place(of: stream), let key = exchanges.key(at: place) {
                    deliver(.writable(ExchangeID(key: key)), from: index)
                }
            case .closed(_, let code, let tag):
                if let tag { endCall(index, connection, Int(tag), code == .noError ? .finished : .peerGone) }
            }
        }
        connection.session.removeEvents()
    }

    private func take(_ index: Int, _ connection: HTTP2Connection, _ stream: Int32, _ received: HTTP2Request) {
        // It may have been reset in the bytes that came with it.
        guard connection.session.hasStream(stream) else { return }
        if let refusal = connection.refusal {
            refuse(index, connection, stream, refusal, received)
            return connection.end()
        }
        var request: HTTPRequest
        do throws(Refusal) {
            request = try HTTPRequest(received, limits: options.limits)
        } catch {
            return refuse(index, connection, stream, error, received)
        }
        request.peer = client(index)
        request.listener = Int(slab[index].listener)
        request.transport = transport(index)
        guard bodies[request.listener].take(request.body.count) else {
            return refuse(index, connection, stream, .bodiesTooLarge, received)
        }
        let key = exchanges.insert(Exchange(on: index))
        connection.add(request, on: stream, place: Int(key.index))
        counters.requests += 1
        deliver(.request(request, ExchangeID(key: key)), from: index)
    }

    private func refuse(
        _ index: Int, _ connection: HTTP2Connection, _ stream: Int32, _ refusal: Refusal, _ request: HTTP2Request?
    ) {
        let answer = refusalAnswer(
            index, refusal, method: request?.method, target: request.map { String($0.path.prefix(500)) },
            headers: request?.headers)
        connection.noteOutput()
        connection.session.respond(
            stream, status: answer.status, fields: fields(answer.headers, length: answer.body.count),
            body: request?.method == "HEAD" ? nil : answer.body)
    }

    /// Counts the bodies that are still coming, and refuses them when there is no memory for them.
    private func holdBodies(_ index: Int, _ connection: HTTP2Connection) {
        let budget = bodies[Int(slab[index].listener)]
        let more = connection.session.bodyBytes - connection.heldBody
        if more > 0, !budget.take(more) {
            for stream in connection.session.incomplete(since: .max) {
                refuse(index, connection, stream, .bodiesTooLarge, nil)
            }
            budget.giveBack(connection.heldBody - connection.session.bodyBytes)
        } else if more < 0 {
            budget.giveBack(-more)
        }
        connection.heldBody = connection.session.bodyBytes
    }

    // MARK: The handler's calls

    func respond(_ index: Int, _ connection: HTTP2Connection, _ place: Int, _ answer: Answer) {
        guard let stream = connection.stream(of: place) else { return }
        let question = connection.takeQuestion(place)
        connection.forget(stream)
        bodies[Int(slab[index].listener)].giveBack(question?.bodyBytes ?? 0)
        exchanges.remove(at: place)
        let hasBody = question?.method != "HEAD" && !HTTPStatus.isBodyless(answer.status)
        connection.session.respond(
            stream, status: answer.status,
            fields: fields(answer.headers, length: HTTPStatus.isBodyless(answer.status) ? nil : answer.body.count),
            body: hasBody ? answer.body : nil)
        sendLater(index, connection)
    }

    func startStream(
        _ index: Int, _ connection: HTTP2Connection, _ place: Int, status: Int, headers: Headers, first: [UInt8]
    ) {
        guard let stream = connection.stream(of: place), let question = connection.takeQuestion(place) else { return }
        bodies[Int(slab[index].listener)].giveBack(question.bodyBytes)
        counters.streams += 1
        beginStream(place, question.method, question.target, status: status)
        if question.method == "HEAD" {
            connection.session.respond(stream, status: status, fields: fields(headers, length: nil), body: nil)
        } else {
            connection.session.startStream(stream, status: status, fields: fields(headers, length: nil))
            if !first.isEmpty {
                // The bytes stay where they are for the time of the call.
                _ = unsafe first.withUnsafeBytes { unsafe write($0, index, connection, place) }
            }
        }
        sendLater(index, connection)
    }

    func write(
        _ bytes: UnsafeRawBufferPointer, _ index: Int, _ connection: HTTP2Connection, _ place: Int
    ) -> WriteResult {
        guard let stream = connection.stream(of: place) else { return .closed }
        let sendsAtOnce = connection.sendsAtOnce
        // Sent in the midst of a turn only where there is too much for one system call.
        if !connection.hasRoom(for: bytes.count), connection.blockedSince == nil { _ = sendOutput(index, connection) }
        if connection.output.isEmpty { connection.takeRoom(spareOutputs.take()) }
        let count = unsafe connection.write(bytes, to: stream, now: now())
        exchanges[place].sent(count)
        takeEvents(index, connection)
        // Where this fails, it fails again at the end of the turn, and that ends the connection.
        if sendsAtOnce, connection.failure == nil { _ = sendOutput(index, connection) }
        if !connection.output.isEmpty || count < bytes.count || connection.failure != nil {
            queueOutput(index, connection)
        }
        if connection.output.isEmpty { spareOutputs.giveBack(connection.giveUpRoom()) }
        return .accepted(count)
    }

    func finishStream(_ index: Int, _ connection: HTTP2Connection, _ place: Int) {
        guard let stream = connection.stream(of: place) else { return }
        connection.session.finish(stream)
        sendLater(index, connection)
    }

    func abort(_ index: Int, _ connection: HTTP2Connection, _ place: Int) {
        guard let stream = connection.stream(of: place) else { return }
        connection.session.reset(stream, .cancel)
        endCall(index, connection, place, .aborted)
        sendLater(index, connection)
    }

    /// The fields of an answer as HTTP/2 has them.
    private func fields(_ headers: Headers, length: Int?) -> [(name: String, value: String)] {
        var fields = [(name: "date", value: date.now())]
        for field in headers.fields where !ResponseHead.isServers(field.name) {
            fields.append((field.name.lowercased(), field.value))
        }
        if let length { fields.append(("content-length", "\(length)")) }
        return fields
    }

    // MARK: To the client

    /// Sends at the end of the turn what the session was told to send, and what is written meanwhile.
    private func sendLater(_ index: Int, _ connection: HTTP2Connection) {
        connection.noteOutput()
        queueOutput(index, connection)
    }

    private func queueOutput(_ index: Int, _ connection: HTTP2Connection) {
        guard !connection.isQueued, let key = slab.key(at: index) else { return }
        connection.isQueued = true
        queuedOutput.append(key)
    }

    /// Sends what the turn has brought, one connection after the other.
    func sendQueued() {
        guard !queuedOutput.isEmpty else { return }
        let keys = queuedOutput
        queuedOutput.removeAll(keepingCapacity: true)
        for key in keys {
            guard let index = slab.index(of: key), let connection = http2(index) else { continue }
            connection.isQueued = false
            sendHTTP2(index, connection)
        }
    }

    /// Hands the output to the kernel in one system call.
    ///
    /// - Returns: whether the socket has taken some of it; nil: the connection is gone.
    private func sendOutput(_ index: Int, _ connection: HTTP2Connection) -> Bool? {
        guard !connection.output.isEmpty else { return true }
        let wire = slab[index].wire
        // The output is not touched during the call, and the kernel copies it.
        switch unsafe connection.output.withUnsafeBytes({ unsafe wire.send($0) }) {
        case .bytes(let count):
            counters.bytesSent += count
            connection.sent(count)
            connection.blockedSince = nil
            return true
        case .waits(let direction):
            if direction == .readable { slab[index].flags.insert(.sendWaitsForReadable) }
            if connection.blockedSince == nil { connection.blockedSince = now() }
            return false
        case .ended, .failed, .nothingYet: return nil
        }
    }

    /// Sends as much as the socket takes, within a bound: the others have something to send too.
    func sendHTTP2(_ index: Int, _ connection: HTTP2Connection) {
        if connection.output.isEmpty { connection.takeRoom(spareOutputs.take()) }
        defer { if connection.output.isEmpty { spareOutputs.giveBack(connection.giveUpRoom()) } }
        connection.fill(now: now())
        for _ in 0..<4 where !connection.output.isEmpty {
            guard let isMoving = sendOutput(index, connection) else { return close(index, .peerGone) }
            guard isMoving else { break }
            connection.fill(now: now())
        }
        takeEvents(index, connection)
        if connection.isOver, connection.output.isEmpty || connection.blockedSince != nil {
            return endHTTP2(index, connection)
        }
        let delta = connection.session.unframedBytes + connection.output.count - connection.heldBytes
        connection.heldBytes += delta
        if delta != 0, held.change(slab[index].countedPeer, by: delta) != .fits {
            counters.answersGivenUp += 1
            return perform(.reset(.peerGone), index)
        }
        if !connection.output.isEmpty, connection.blockedSince == nil { sendLater(index, connection) }
        goOnLater(index)
    }

    // MARK: Ends

    private func endCall(_ index: Int, _ connection: HTTP2Connection, _ place: Int, _ reason: EndReason) {
        guard let key = exchanges.key(at: place) else { return }
        bodies[Int(slab[index].listener)].giveBack(connection.takeQuestion(place)?.bodyBytes ?? 0)
        end(ExchangeID(key: key), place, index, reason)
    }

    /// All of a connection's exchanges end with it.
    func endCalls(_ index: Int, _ connection: HTTP2Connection, _ reason: EndReason) {
        for place in connection.places.sorted() { endCall(index, connection, place, reason) }
        bodies[Int(slab[index].listener)].giveBack(connection.heldBody)
        if connection.heldBytes > 0 { _ = held.change(slab[index].countedPeer, by: -connection.heldBytes) }
        http2Connections[index] = nil
        slab[index].flags.remove(.isHTTP2)
    }

    /// HTTP/2 is over on this connection: nothing follows, and the client's end is awaited.
    private func endHTTP2(_ index: Int, _ connection: HTTP2Connection) {
        if case .abuse(let kind) = connection.failure { counters.abuses[kind.rawValue, default: 0] += 1 }
        endCalls(index, connection, .peerGone)
        perform(slab[index].http1.linger(rules(index), now: now()), index)
    }

    /// About once a second: ends what takes too long.
    func checkHTTP2(now: Int64) {
        let limits = options.limits
        for index in places {
            guard let connection = http2(index) else { continue }
            if let since = connection.blockedSince, now - since >= limits.writeStallMilliseconds {
                counters.stalledAnswers += 1
                perform(.reset(.peerGone), index)
                continue
            }
            if connection.refusal != nil, let since = connection.idleSince, now - since >= limits.refusalMilliseconds {
                connection.end()
            }
            if let since = connection.session.headSince, now - since >= limits.headMilliseconds {
                counters.refused[.headTimeout, default: 0] += 1
                connection.end()
            }
            for stream in connection.session.incomplete(since: now - limits.bodyMilliseconds) {
                refuse(index, connection, stream, .bodyTimeout, nil)
            }
            for stream in connection.session.unfinished(
                since: now - limits.bodyMilliseconds - limits.refusedBodyMilliseconds)
            where connection.place(of: stream) == nil {
                connection.session.reset(stream, .noError)
            }
            for stream in connection.session.stalledAnswers(since: now - limits.writeStallMilliseconds) {
                counters.stalledAnswers += 1
                connection.session.reset(stream, .cancel)
            }
            if let since = connection.leavingSince {
                // The client has had the time to hear of it (RFC 9113, section 6.8).
                if now - since >= 1_000 { connection.end() }
            } else if let since = connection.idleSince, now - since >= limits.idleMilliseconds {
                connection.leave(now: now)
            }
            holdBodies(index, connection)
            sendLater(index, connection)
        }
    }
}

extension HTTP2Request {
    var headers: HTTPHeaders {
        HTTPHeaders(storage: storage, fields: fields.map { HTTPHeaders.Field(name: $0.name, value: $0.value) })
    }
}

extension HTTPRequest {
    /// - Throws: why the server refuses it by itself, though HTTP/2 allows it.
    init(_ request: HTTP2Request, limits: HTTPLimits) throws(Refusal) {
        guard RequestReader.methods.contains(request.method) else { throw .unknownMethod }
        guard request.path.utf8.count <= limits.targetBytes else { throw .targetTooLong }
        guard request.path.utf8.allSatisfy(Grammar.isTarget),
            var parts = RequestTarget(request.path, method: request.method)
        else { throw .badTarget }
        // Over HTTP/2 `:authority` names the host, or the field `Host` does.
        parts.host = nil
        self.init(
            method: request.method, target: request.path, parts, headers: request.headers, body: request.body)
        framing = .frames
        if let authority = request.authority { host = authority }
        guard let host, !host.isEmpty else { throw .missingHost }
        guard Grammar.isHost(ArraySlice(host.utf8)) else { throw .badHost }
    }
}

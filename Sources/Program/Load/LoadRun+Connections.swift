internal import Clients
internal import Glibc
internal import Reactor
internal import TLS

/// Opening and closing.
extension LoadRun {
    /// How many clients may be opened now.
    ///
    /// - Parameter time: milliseconds since the beginning.
    private func allowance(_ time: Int64) -> Int {
        let byRate = options.rate.map { Int(time) * $0 / 1000 + 1 } ?? .max
        return min(
            min(options.clients, byRate) - clients.count, options.waiting - unanswered,
            max(Self.openedPerTurn, options.waiting / 8))
    }

    /// Whether there is more to open at once.
    func mayOpen(_ time: Int64) -> Bool {
        (stage == .opening || stage == .warming || stage == .measuring) && allowance(time) > 0
    }

    func open(_ time: Int64) {
        for _ in 0..<max(0, allowance(time)) {
            let index = clients.count
            guard target.head == nil else {
                clients.append(LoadClient(descriptor: -1))
                unanswered += 1
                place(index)
                continue
            }
            let source = target.sources.isEmpty ? nil : target.sources[index % target.sources.count]
            var client = LoadClient(descriptor: -1)
            do throws(SystemError) {
                client.descriptor = try Socket.connect(to: target.address, from: source)
                clients.append(client)
                if tally.measuresLatency { try Socket.noteArrivals(client.descriptor) }
                try loop.register(client.descriptor, key: key(index), for: [.readable, .writable])
                unanswered += 1
            } catch {
                if client.descriptor >= 0 { Socket.close(client.descriptor) } else { clients.append(client) }
                clients[index].phase = .gone
                outcome.failures[Self.name(error), default: 0] += 1
            }
        }
    }

    func key(_ index: Int) -> SlabKey { SlabKey(index: UInt32(truncatingIfNeeded: index), generation: 0) }

    func finishConnecting(_ index: Int, _ readiness: Readiness) {
        let descriptor = clients[index].descriptor
        if let error = Socket.connectError(descriptor) { return fail(index, Self.name(error)) }
        guard readiness.contains(.writable) else { return }
        do throws(SystemError) {
            try loop.modify(descriptor, key: key(index), for: .readable)
        } catch {
            return fail(index, Self.name(error))
        }
        guard let tls else { return request(index) }
        guard let session = tls.begin(descriptor) else { return fail(index, "tls") }
        clients[index].tls = session
        clients[index].phase = .agreeing
    }

    /// Goes on with TLS, and asks when both sides have agreed.
    func agree(_ index: Int) {
        var arrived: [UInt8] = []
        swap(&arrived, &buffer)
        defer { swap(&arrived, &buffer) }
        switch receive(clients[index].descriptor, clients[index].tls, into: &arrived) {
        // No server speaks before it was asked.
        case .bytes, .ended, .failed: fail(index, "tls")
        case .wouldBlock: if clients[index].tls?.isHandshaking == false { request(index) }
        }
    }

    private func request(_ index: Int) {
        let (descriptor, tls, session) = (clients[index].descriptor, tls, clients[index].tls)
        // A new socket has room for a request; where it has not, the connection is no good.
        let sent = unsafe target.request.withUnsafeBytes {
            if let tls, let session { return unsafe tls.send(descriptor, session, $0) }
            return unsafe Socket.send(descriptor, $0)
        }
        guard sent == .bytes(target.request.count) else { return fail(index, "send") }
        clients[index].phase = .waiting
    }

    static func name(_ error: SystemError) -> String {
        switch error.number {
        case ECONNREFUSED: "connection_refused"
        case ETIMEDOUT: "timed_out"
        case EADDRNOTAVAIL: "no_port_left"
        case EMFILE, ENFILE: "no_descriptor_left"
        case ECONNRESET, EPIPE: "connection_reset"
        default: "\(error.call)_error_\(error.number)"
        }
    }

    /// A client gets no stream.
    func fail(_ index: Int, _ reason: String) {
        outcome.failures[reason, default: 0] += 1
        unanswered -= 1
        close(index)
    }

    /// A client's answer is no stream, or no good any more.
    func lose(_ index: Int, _ fault: StreamFault) {
        if outcome.failures[fault.name] == nil, outcome.broken[fault.name] == nil { environment.tell("\(fault)") }
        guard clients[index].phase == .streaming else { return fail(index, fault.name) }
        outcome.broken[fault.name, default: 0] += 1
        streaming -= 1
        close(index)
    }

    /// A client's answer, or its connection, has ended.
    func finish(_ index: Int) {
        do throws(StreamFault) {
            try clients[index].stream.finish()
        } catch {
            return lose(index, error)
        }
        outcome.ended += 1
        streaming -= 1
        close(index)
    }

    func giveUp() {
        for index in clients.indices where [.connecting, .agreeing, .waiting].contains(clients[index].phase) {
            fail(index, "no_answer")
        }
    }

    func close(_ index: Int) {
        clients[index].phase = .gone
        clients[index].tls = nil
        if target.head == nil { Socket.close(clients[index].descriptor) } else { leave(index) }
    }
}

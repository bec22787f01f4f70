internal import Admission
internal import Consumption
internal import Endpoints
internal import HTTP
internal import HTTPServer
internal import Reactor
internal import Streaming

// Records for the access log.
extension LoopHandler {
    /// A stream that has ended, until the server gives the facts of its exchange.
    struct EndedStream {
        var exchange: ExchangeID
        var address: AddressKey
        var consumer: Consumer
        var events = 0
        /// Why it was cut off, where it was.
        var eviction: EvictionReason?
    }

    func note(_ facts: ExchangeFacts) {
        let stream = ended.take()
        if let stream, stream.exchange == facts.exchange { count(facts.bytesSent, for: stream.consumer) }
        guard let report = state.options.reportAccess else { return }
        var record = AccessRecord(
            address: facts.peer, method: facts.method, target: facts.target, status: facts.status,
            milliseconds: facts.milliseconds, bytes: facts.bytesSent, reason: facts.reason,
            transport: facts.transport.description)
        if let exchange = facts.exchange {
            record.kind = .ended
            record.events = 0
            if let stream, stream.exchange == exchange {
                record.address = stream.address
                record.events = stream.events
                record.streams = stream.consumer.streams
                record.agent = stream.consumer.agent
                record.reason = stream.eviction?.rawValue ?? facts.reason
            }
        }
        report(record)
    }

    /// A stream that begins.
    func noteBegin(_ opening: Opening, _ consumer: Consumer) {
        countBegin(of: consumer)
        guard let report = state.options.reportAccess else { return }
        let target = String(decoding: opening.occurrence.uri.utf8.prefix(AccessRecord.targetBytes), as: UTF8.self)
        var record = AccessRecord(
            address: opening.address, method: opening.occurrence.method, target: target, status: 200, milliseconds: 0,
            bytes: 0, reason: "", transport: opening.transport.description)
        record.kind = .began
        record.streams = consumer.streams
        record.agent = consumer.agent
        record.filter = opening.subscription.filter.map { filter in
            String(decoding: "\(filter)".utf8.prefix(AccessRecord.targetBytes), as: UTF8.self)
        }
        report(record)
    }

    /// A request that this handler refuses. What the HTTP server refuses by itself comes with `note`.
    func noteRefusal(_ request: HTTPRequest, _ answer: Answer, _ reason: String) {
        noteRefusal(
            address(of: request), method: request.method, target: request.target, request.transport, answer, reason,
            agent: request.userAgent)
    }

    func noteRefusal(
        _ address: AddressKey, method: String, target: String, _ transport: Transport, _ answer: Answer,
        _ reason: String, agent: String = ""
    ) {
        guard let report = state.options.reportAccess else { return }
        let target = String(decoding: target.utf8.prefix(AccessRecord.targetBytes), as: UTF8.self)
        var record = AccessRecord(
            address: address, method: method, target: target, status: answer.status, milliseconds: 0,
            bytes: answer.body.count, reason: reason, transport: transport.description)
        record.agent = String(decoding: agent.utf8.prefix(ConsumerRegistry.agentBytes), as: UTF8.self)
        report(record)
    }

    func address(of request: HTTPRequest) -> AddressKey { AddressKey(client(of: request)) }

    /// The client of a request: the peer, or whom a trusted proxy names.
    private func client(of request: HTTPRequest) -> IPAddress {
        let peer = request.peer.map { IPAddress($0) } ?? IPAddress(v4: 0)
        guard let proxies = state.options.trustedProxies else { return peer }
        return proxies.client(
            peer: peer, clientIP: request.headers.joined("x-client-ip"),
            forwardedFor: request.headers.joined("x-forwarded-for"), forwarded: request.headers.joined("forwarded"))
    }

    /// Whom a request counts for, and what that one may have.
    func standing(of request: HTTPRequest, _ tiers: ClientTiers) -> ClientTiers.Standing {
        let client = client(of: request)
        if tiers.isEmpty { return tiers.standing(.init(address: client)) }
        let headers = request.headers
        return tiers.standing(
            .init(
                address: client, userAgent: request.userAgent,
                authorization: headers["authorization"]?.text, apiKey: headers["x-api-key"]?.text))
    }
}

extension HTTPRequest {
    /// As the client wrote it; empty: it said nothing.
    var userAgent: String { headers["user-agent"]?.description ?? "" }
}

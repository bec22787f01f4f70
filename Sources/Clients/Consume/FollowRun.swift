internal import HTTPClient

/// Does what `Following` says, for one stream.
struct FollowRun: Sendable {
    let url: String
    let options: ConsumeOptions
    let environment: ClientEnvironment
    let client: HTTPClient
    let ledger: ConsumeLedger

    enum Ending: Sendable {
        /// This stream is over.
        case stream
        /// All streams are: nothing more is to be printed.
        case all
        case failure(ClientFailure)
    }

    func run() async -> Ending {
        let id = ledger.id(of: url) ?? options.id ?? ""
        var following = Following(
            lastEventID: Array(id.utf8), ends: options.until != nil,
            watchdog: Int64(clamping: max(options.watchdog, 1)) * 1000)
        do {
            while true {
                if let ending = try await follow(&following) { return ending }
                ledger.countReconnect()
            }
        } catch {
            return .failure(error)
        }
    }

    /// One connection and the wait after it.
    private func follow(_ following: inout Following) async throws(ClientFailure) -> Ending? {
        var stream: HTTPBodyStream?
        var input = await connect(following.lastEventID, &stream)
        while true {
            let actions = following.take(input, now: environment.now(), chance: environment.random())
            for action in actions {
                switch action {
                case .read: break
                case .event(let data, let id):
                    if ledger.print(data, id: id, of: url) == .isOver { return .all }
                case .progress(let id): ledger.move(to: id, of: url)
                case .tell(let sentence, let isGap): ledger.tell(sentence, isGap: isGap)
                case .reconnect(let wait):
                    stream?.cancel()
                    try ledger.tick()
                    return await environment.sleep(wait) ? nil : .stream
                case .finish(let failure):
                    return failure.map { .failure(.stopped("\(url): \($0)")) } ?? .stream
                }
            }
            try ledger.tick()
            input = await read(stream)
        }
    }

    private var patience: Int64 { Int64(clamping: max(options.watchdog, 1)) * 1000 }

    private func connect(_ id: [UInt8], _ stream: inout HTTPBodyStream?) async -> Following.Input {
        var headers = [HTTPClientField("Accept", "text/event-stream"), HTTPClientField("Cache-Control", "no-cache")]
        if !id.isEmpty { headers.append(HTTPClientField("Last-Event-ID", String(decoding: id, as: UTF8.self))) }
        let request = HTTPClientRequest("GET", options.address(url), headers: headers + options.headers)
        do throws(HTTPClientError) {
            let opened = try await client.stream(request, timeout: patience)
            if opened.head.status == 200 {
                stream = opened
                return .opened(opened.head)
            }
            return .refused(ServerProblem(opened.head, await rest(of: opened)))
        } catch {
            return .failed(error)
        }
    }

    /// What a problem's body says; a server that doesn't end it is not waited for.
    private func rest(of stream: HTTPBodyStream) async -> [UInt8] {
        var body: [UInt8] = []
        while body.count < 65_536, case .bytes(let bytes)? = try? await stream.next(timeout: 5000) { body += bytes }
        return body
    }

    private func read(_ stream: HTTPBodyStream?) async -> Following.Input {
        guard let stream else { return .ended }
        let interval = options.statistics ? Int64(clamping: max(options.statisticsInterval, 1)) * 1000 : patience
        do throws(HTTPClientError) {
            switch try await stream.next(timeout: min(patience, interval)) {
            case .bytes(let bytes): return .bytes(bytes)
            case .idle: return .idle
            case .end: return .ended
            }
        } catch {
            return .failed(error)
        }
    }
}

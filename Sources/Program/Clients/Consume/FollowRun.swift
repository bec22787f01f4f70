internal import Compression
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
            lastEventID: Array(id.utf8), ends: options.until != nil, gzip: options.gzip,
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
        var body: StreamBody?
        var input = await connect(following, &body)
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
                    body?.stream.cancel()
                    try ledger.tick()
                    return await environment.sleep(wait) ? nil : .stream
                case .finish(let failure):
                    return failure.map { .failure(.stopped("\(url): \($0)")) } ?? .stream
                }
            }
            try ledger.tick()
            input = await read(body)
        }
    }

    private var patience: Int64 { Int64(clamping: max(options.watchdog, 1)) * 1000 }

    private func connect(_ following: Following, _ body: inout StreamBody?) async -> Following.Input {
        var headers = [HTTPClientField("Accept", "text/event-stream"), HTTPClientField("Cache-Control", "no-cache")]
        let id = following.lastEventID
        if following.acceptsGzip { headers.append(HTTPClientField("Accept-Encoding", "gzip")) }
        if !id.isEmpty { headers.append(HTTPClientField("Last-Event-ID", String(decoding: id, as: UTF8.self))) }
        let request = HTTPClientRequest("GET", options.address(url), headers: headers + options.headers)
        let stream: HTTPBodyStream
        do throws(HTTPClientError) {
            stream = try await client.stream(request, timeout: patience)
        } catch {
            return .failed(error)
        }
        let opened: StreamBody
        do throws(GzipError) { opened = try StreamBody(stream) } catch { return .damaged(error) }
        let head = opened.stream.head
        guard head.status == 200 else { return .refused(ServerProblem(head, await rest(of: opened))) }
        body = opened
        return .opened(head)
    }

    /// What a problem's body says; a server that doesn't end it is not waited for.
    private func rest(of body: StreamBody) async -> [UInt8] {
        var text: [UInt8] = []
        while text.count < 65_536, case .bytes(let bytes) = await body.next(timeout: 5000) { text += bytes }
        return text
    }

    private func read(_ body: StreamBody?) async -> Following.Input {
        guard let body else { return .ended }
        let interval = options.statistics ? Int64(clamping: max(options.statisticsInterval, 1)) * 1000 : patience
        return await body.next(timeout: min(patience, interval))
    }
}

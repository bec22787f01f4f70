internal import Compression
internal import HTTPClient

/// Does what `Following` says.
struct FollowRun {
    private let request: StreamRequest
    private let client: StreamsClient
    private let timing: ClientTiming
    private var following: Following
    private var body: StreamBody?
    private var phase = Phase.connecting
    /// What is to be given before more is read.
    private var waiting: ArraySlice<Following.Action> = []

    private enum Phase {
        case connecting
        /// Milliseconds before it connects.
        case pausing(Int64)
        case reading
        case over
    }

    init(_ request: StreamRequest, _ client: StreamsClient, _ timing: ClientTiming) {
        self.request = request
        self.client = client
        self.timing = timing
        following = Following(
            lastEventID: Array((request.id ?? "").utf8), ends: request.until != nil, gzip: request.gzip,
            watchdog: Self.milliseconds(request.silence))
    }

    nonisolated(nonsending) mutating func next() async throws(ClientError) -> StreamElement? {
        while true {
            if let action = waiting.popFirst() {
                switch action {
                case .read: continue
                case .show(let element): return element
                case .reconnect(let reconnect):
                    body?.stream.cancel()
                    body = nil
                    phase = .pausing(reconnect.wait)
                    return .reconnecting(reconnect)
                case .finish(let error):
                    end()
                    guard let error else { return nil }
                    throw error
                }
            }
            let input: Following.Input
            switch phase {
            case .over: return nil
            case .pausing(let wait):
                guard await timing.sleep(wait) else {
                    end()
                    return nil
                }
                phase = .connecting
                continue
            case .connecting:
                input = await connect()
                phase = .reading
            case .reading:
                input = await body?.next(timeout: patience) ?? .ended
            }
            waiting = following.take(input, now: timing.now(), chance: timing.random())[...]
            if request.pulse != nil, waiting.count == 1, waiting.first == .read { return .idle }
        }
    }

    private mutating func end() {
        waiting = []
        body?.stream.cancel()
        body = nil
        phase = .over
    }

    private var patience: Int64 {
        min(Self.milliseconds(request.silence), Int64(clamping: max(request.pulse ?? .max, 1)))
    }

    private static func milliseconds(_ seconds: Int) -> Int64 { Int64(clamping: min(max(seconds, 1), 1 << 40)) * 1000 }

    private nonisolated(nonsending) mutating func connect() async -> Following.Input {
        var headers = [HTTPClientField("Accept", "text/event-stream"), HTTPClientField("Cache-Control", "no-cache")]
        let id = following.lastEventID
        if following.acceptsGzip { headers.append(HTTPClientField("Accept-Encoding", "gzip")) }
        if !id.isEmpty { headers.append(HTTPClientField("Last-Event-ID", String(decoding: id, as: UTF8.self))) }
        let asked = HTTPClientRequest("GET", request.address, headers: headers + client.headers)
        let opened: StreamBody
        do throws(HTTPClientError) {
            let stream = try await client.http.stream(asked, timeout: Self.milliseconds(request.silence))
            do throws(GzipError) { opened = try StreamBody(stream) } catch { return .damaged(error) }
        } catch {
            return .failed(error)
        }
        let head = opened.stream.head
        guard head.status == 200 else { return .refused(ServerProblem(head, await Self.rest(of: opened))) }
        body = opened
        return .opened(head)
    }

    /// What a problem's body says; a server that doesn't end it is not waited for.
    private nonisolated(nonsending) static func rest(of body: StreamBody) async -> [UInt8] {
        var text: [UInt8] = []
        while text.count < 65_536, case .bytes(let bytes) = await body.next(timeout: 5000) { text += bytes }
        return text
    }
}

internal import HTTP2

extension FuzzTarget {
    /// What a client sends over HTTP/2: requests are told once, answers end what they answer, and nothing that is written is
    /// taken twice or beyond the output's room.
    static let http2Server = FuzzTarget("http2-server") { input throws(FuzzFinding) in
        for piece in [1, 7, max(input.count, 1)] {
            var run = Run()
            try run.take(HTTP2ServerSession.preface)
            for start in stride(from: 0, to: input.count, by: piece) where !run.isBroken {
                try run.take(Array(input[start..<min(start + piece, input.count)]))
            }
        }
    }

    /// One session whose handler answers by the stream's number: whole, as a stream, or not at all.
    private struct Run {
        private static let bodyLimit = 64
        private static let room = 4096

        private var session: HTTP2ServerSession?
        private var told: Set<Int32> = []
        private var open: Set<Int32> = []
        private var now: Int64 = 0
        var isBroken = false

        init() {
            var limits = HTTP2Limits()
            limits.bodyBytes = Self.bodyLimit
            limits.headBytes = 1024
            limits.streams = 10
            session = try? HTTP2ServerSession(limits, now: 0)
        }

        mutating func take(_ bytes: [UInt8]) throws(FuzzFinding) {
            guard let session else { return }
            now += 1
            do throws(HTTP2Error) { try session.receive(bytes.span, now: now) } catch { isBroken = true }
            try answer(session)
            var output: [UInt8] = []
            for stream in open.sorted() {
                let data = [UInt8](repeating: 0x78, count: 100)
                let before = output.count
                let count = unsafe data.withUnsafeBytes { data in
                    unsafe (try? session.write(data, to: stream, into: &output, most: Self.room, now: now)) ?? 0
                }
                try require((0...data.count).contains(count), "no more is taken than there is")
                try require(before < Self.room || count == 0, "nothing is taken without room")
            }
            do throws(HTTP2Error) {
                try session.takeOutput(into: &output, most: 1 << 20, now: now)
            } catch {
                isBroken = true
            }
            try answer(session)
            try require(session.bodyBytes >= 0 && session.unframedBytes >= 0, "sums are sums")
            try require(session.bodyBytes <= 10 * Self.bodyLimit, "bodies are bounded")
        }

        private mutating func answer(_ session: HTTP2ServerSession) throws(FuzzFinding) {
            let events = session.events
            session.removeEvents()
            for event in events {
                switch event {
                case .request(let stream, let request):
                    try require(told.insert(stream).inserted, "a request is told once")
                    try require(request.body.count <= Self.bodyLimit, "a body is within its limit")
                    switch stream % 4 {
                    case 1: session.respond(stream, status: 200, fields: [], body: [1, 2, 3])
                    default:
                        session.startStream(stream, status: 200, fields: [])
                        open.insert(stream)
                    }
                case .refused(let stream, _, _):
                    try require(told.insert(stream).inserted, "a request is told once")
                    session.respond(stream, status: 400, fields: [], body: nil)
                case .writable(let stream): try require(open.contains(stream), "only a stream takes bytes")
                case .closed(let stream, _, _):
                    try require(told.contains(stream), "what ends was told")
                    open.remove(stream)
                }
            }
        }
    }
}

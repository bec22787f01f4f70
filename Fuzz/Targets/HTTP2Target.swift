internal import HTTP2

extension FuzzTarget {
    /// What a server sends over HTTP/2: the client names bytes that it was given, of requests that it made, and pieces give
    /// what the whole gives.
    static let http2 = FuzzTarget("http2") { input throws(FuzzFinding) in
        let whole = try answers(input, piece: max(input.count, 1))
        let bytewise = try answers(input, piece: 1)
        // How much of a frame is told before the connection is given up depends on the pieces.
        guard !whole.isBroken, !bytewise.isBroken else { return }
        try requireEqual(bytewise, whole, "cuts change nothing")
    }

    private struct Answers: Equatable {
        var statuses: [Int: Int] = [:]
        var bodies: [Int: [UInt8]] = [:]
        var ended: Set<Int> = []
        var reset: Set<Int> = []
        /// The connection was given up.
        var isBroken = false
        /// Each event was of a request that was made and still went on, and of bytes that were given.
        var isSound = true
    }

    private static let requests = 0..<3

    private static func answers(_ input: [UInt8], piece: Int) throws(FuzzFinding) -> Answers {
        var answers = Answers()
        do throws(HTTP2Error) {
            let session = try HTTP2ClientSession()
            let head = HTTP2RequestHead(method: "GET", authority: "localhost", path: "/", fields: [])
            for number in requests { _ = try session.request(head, number: number) }
            var output: [UInt8] = []
            try session.takeOutput(into: &output)
            for start in stride(from: 0, to: input.count, by: piece) {
                let bytes = Array(input[start..<min(start + piece, input.count)])
                do throws(HTTP2Error) { try session.receive(bytes.span) } catch { answers.isBroken = true }
                if !note(session.events, bytes, &answers) { answers.isSound = false }
                session.removeEvents()
                if answers.isBroken { break }
                // What the session resets by itself it tells once that is on its way.
                try session.takeOutput(into: &output)
                if !note(session.events, [], &answers) { answers.isSound = false }
                session.removeEvents()
            }
        } catch {
            answers.isBroken = true
        }
        try require(answers.isSound, "events name what there is")
        return answers
    }

    /// - Returns: whether they are sound.
    private static func note(
        _ events: [HTTP2ClientSession.Event], _ bytes: [UInt8], _ answers: inout Answers
    ) -> Bool {
        for event in events {
            switch event {
            case .ready, .goAway: continue
            case .head(let request, let status, _):
                guard requests.contains(request), answers.statuses[request] == nil else { return false }
                answers.statuses[request] = status
            case .data(let request, let range):
                guard answers.statuses[request] != nil, !answers.ended.contains(request),
                    range.lowerBound >= 0, range.upperBound <= bytes.count
                else { return false }
                answers.bodies[request, default: []] += bytes[range]
            case .end(let request):
                guard requests.contains(request), answers.ended.insert(request).inserted else { return false }
            case .reset(let request, _):
                guard requests.contains(request), !answers.ended.contains(request),
                    answers.reset.insert(request).inserted
                else { return false }
            }
        }
        return true
    }
}

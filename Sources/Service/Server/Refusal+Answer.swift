internal import Endpoints
internal import EventFormats
internal import HTTP
internal import HTTPServer
internal import JSON

extension Problem {
    /// What to answer a client that is refused, if it may have asked for a stream. A browser's EventSource gives up for
    /// ever on any status but 200, so it is told in-band what will pass (contract, section 7).
    func streamAnswer(_ occurrence: Occurrence, headers: HTTPHeaders?) -> Answer {
        let source = StreamRequest.Source(
            path: "", accept: headers?.joined("accept"), fetchMode: headers?["sec-fetch-mode"]?.text)
        return streamAnswer(occurrence, isEventSource: source.isEventSource)
    }

    func streamAnswer(_ occurrence: Occurrence, isEventSource: Bool) -> Answer {
        guard isTemporary, isEventSource else {
            return answer(occurrence)
        }
        var body: [UInt8] = []
        let seconds = retryAfter ?? 5
        EventStreamEncoder.appendRetry(milliseconds: Int64(seconds) * 1000 + Int64.random(in: 0...5000), to: &body)
        let document = document(occurrence).bytes
        EventStreamEncoder.appendError(problem: document.span, to: &body)
        return Answer(status: 200, headers: .stream(.eventStream), body: body)
    }
}

extension RefusedRequest {
    /// The answer to a request that the HTTP server refuses by itself.
    var answer: Answer {
        let kind =
            ProblemType(rawValue: refusal.type) ?? ProblemType.allCases.first { $0.status == refusal.status }
            ?? .badRequest
        let problem = Problem(kind, refusal.detail, retryAfter: retryAfter)
        return problem.streamAnswer(.init(method: method ?? "", uri: target ?? ""), headers: headers)
    }
}

internal import HTTPClient
internal import JSON

/// Brings events to the server: what to send next, by what became of what was sent before. Pure.
///
/// No event is sent again once the server has said what became of it. An event of whose request no answer came may have
/// been stored and is sent again; the server knows it by its `meta.id`.
struct Delivery: Sendable {
    enum Action: Hashable, Sendable {
        case send
        /// Milliseconds, then send.
        case wait(Int64, reason: String)
        /// Trying again can't help.
        case giveUp(reason: String)
        case done
    }

    /// What is not settled, in requests.
    private(set) var requests: [[OutgoingEvent]]
    /// By the events' places, in the order in which they were settled.
    private(set) var outcomes: [(index: Int, outcome: EventOutcome)] = []
    private var backoff = Backoff()
    /// When the first of the failures in a row was, in Unix milliseconds.
    private var failingSince: Int64?
    private let patience: Int64

    /// - Parameters:
    ///   - requests: none of them empty.
    ///   - patience: milliseconds of failures in a row after which to give up.
    init(_ requests: [[OutgoingEvent]], patience: Int64) {
        self.requests = requests
        self.patience = patience
    }

    /// The body of the request to send: a JSON array.
    var body: [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (place, event) in (requests.first ?? []).enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += event.bytes
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    /// No answer came.
    mutating func fail(_ error: HTTPClientError, now: Int64, chance: Double) -> Action {
        guard error.isTemporary else { return .giveUp(reason: "\(error)") }
        return tryAgain("\(error)", nil, now, chance)
    }

    mutating func answer(_ response: HTTPClientResponse, now: Int64, chance: Double) -> Action {
        guard let request = requests.first else { return .done }
        let problem = ServerProblem(response.head, response.body)
        if let results = Self.results(response, request.count) {
            settle(request, results)
            if results.contains(where: { $0.isTemporary }) {
                // Some news is progress; the clock of patience starts anew.
                if results.contains(where: { !$0.isTemporary }) { succeed() }
                return tryAgain("\(problem)", problem.retryAfter, now, chance)
            }
            succeed()
            return requests.isEmpty ? .done : .send
        }
        switch problem.status {
        case 201, 200, 202:
            // It answers for the whole request without telling of each event.
            for event in requests.removeFirst() { settle(event, problem.status == 202 ? .accepted : .stored) }
            succeed()
            return requests.isEmpty ? .done : .send
        case 400, 413, 422:
            // The request as a whole: smaller ones show which event it is.
            requests.removeFirst()
            if request.count == 1 {
                settle(request[0], .refused(problem.status, "\(problem)"))
                return requests.isEmpty ? .done : .send
            }
            let half = request.count / 2
            requests.insert(contentsOf: [Array(request[..<half]), Array(request[half...])], at: 0)
            return .send
        case 408, 429, 500...599: return tryAgain("\(problem)", problem.retryAfter, now, chance)
        default: return .giveUp(reason: "the server refuses: \(problem)")
        }
    }

    /// Nothing more is sent: what is open has failed.
    mutating func giveUp(_ reason: String) {
        for event in requests.lazy.flatMap({ $0 }) { outcomes.append((event.index, .failed(reason))) }
        requests = []
    }

    private enum Outcome {
        case stored
        case accepted
        case refused(Int, String)
        case temporary

        var isTemporary: Bool { if case .temporary = self { true } else { false } }
    }

    /// What became of each event, in the request's order; nil where the answer doesn't say it of every one.
    private static func results(_ response: HTTPClientResponse, _ count: Int) -> [Outcome]? {
        guard let document = try? JSONDocument(response.body),
            let list = document.member("events", of: document.root)
        else { return nil }
        var results = [Outcome?](repeating: nil, count: count)
        for entry in document.elements(of: list) {
            guard let index = document.integer(document.member("index", of: entry)).flatMap({ Int(exactly: $0) }),
                results.indices.contains(index),
                let status = document.integer(document.member("status", of: entry))
            else { return nil }
            let words = ["type", "detail"].compactMap { document.string(document.member($0, of: entry)) }
            results[index] =
                switch status {
                case 202: .accepted
                case 200...299: .stored
                case 408, 429, 500...: .temporary
                default:
                    .refused(
                        Int(clamping: status), words.isEmpty ? "status \(status)" : words.joined(separator: ": "))
                }
        }
        let known = results.compactMap { $0 }
        return known.count == count ? known : nil
    }

    private mutating func settle(_ request: [OutgoingEvent], _ results: [Outcome]) {
        let open = zip(request, results).filter { $0.1.isTemporary }.map(\.0)
        for (event, result) in zip(request, results) { settle(event, result) }
        requests.removeFirst()
        if !open.isEmpty { requests.insert(open, at: 0) }
    }

    private mutating func settle(_ event: OutgoingEvent, _ result: Outcome) {
        switch result {
        case .stored: outcomes.append((event.index, .stored))
        case .accepted: outcomes.append((event.index, .accepted))
        case .refused(let status, let reason):
            let invalid = InvalidEvent(index: event.index, status: status, reason: reason)
            outcomes.append((event.index, .invalid(invalid)))
        case .temporary: break
        }
    }

    private mutating func succeed() {
        backoff.reset()
        failingSince = nil
    }

    private mutating func tryAgain(_ reason: String, _ retryAfter: Int64?, _ now: Int64, _ chance: Double) -> Action {
        let since = failingSince ?? now
        failingSince = since
        let wait = backoff.next(chance: chance, retryAfter: retryAfter)
        guard now - since + wait <= patience else { return .giveUp(reason: reason) }
        return .wait(wait, reason: reason)
    }
}

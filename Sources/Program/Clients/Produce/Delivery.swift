internal import HTTPClient
internal import JSON

/// Brings one batch of events to the server: what to send next, by what became of what was sent before. Pure.
///
/// No event is sent again once the server has said what became of it. An event of whose request no answer came may have
/// been stored and is sent again: at least once, not exactly once.
struct Delivery: Sendable {
    struct Event: Hashable, Sendable {
        var line: Int64
        var bytes: [UInt8]
    }

    struct Refusal: Hashable, Sendable {
        var line: Int64
        var reason: String
    }

    enum Action: Hashable, Sendable {
        case send
        /// Milliseconds, then send.
        case wait(Int64, reason: String)
        /// Trying again can't help.
        case giveUp(reason: String)
        case done
    }

    /// What is not settled, in requests.
    private(set) var requests: [[Event]]
    private(set) var stored: [Event] = []
    private(set) var refusals: [Refusal] = []
    private var backoff = Backoff()
    /// When the first of the failures in a row was, in Unix milliseconds.
    private var failingSince: Int64?
    private let patience: Int64

    /// - Parameter patience: milliseconds of failures in a row after which to give up.
    init(_ events: [Event], patience: Int64) {
        requests = events.isEmpty ? [] : [events]
        self.patience = patience
    }

    /// The first event that is not settled.
    var firstOpen: Int64? { requests.lazy.flatMap { $0 }.map(\.line).min() }

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
            stored += requests.removeFirst()
            succeed()
            return requests.isEmpty ? .done : .send
        case 400, 413, 422:
            // The request as a whole: smaller ones show which event it is.
            requests.removeFirst()
            if request.count == 1 {
                refusals.append(Refusal(line: request[0].line, reason: "\(problem)"))
                return requests.isEmpty ? .done : .send
            }
            let half = request.count / 2
            requests.insert(contentsOf: [Array(request[..<half]), Array(request[half...])], at: 0)
            return .send
        case 408, 429, 500...599: return tryAgain("\(problem)", problem.retryAfter, now, chance)
        default: return .giveUp(reason: "the server refuses: \(problem)")
        }
    }

    private enum Outcome {
        case stored
        case refused(String)
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
                case 200...299: .stored
                case 408, 429, 500...: .temporary
                default: .refused(words.isEmpty ? "status \(status)" : words.joined(separator: ": "))
                }
        }
        let known = results.compactMap { $0 }
        return known.count == count ? known : nil
    }

    private mutating func settle(_ request: [Event], _ results: [Outcome]) {
        var open: [Event] = []
        for (event, result) in zip(request, results) {
            switch result {
            case .stored: stored.append(event)
            case .refused(let reason): refusals.append(Refusal(line: event.line, reason: reason))
            case .temporary: open.append(event)
            }
        }
        requests.removeFirst()
        if !open.isEmpty { requests.insert(open, at: 0) }
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

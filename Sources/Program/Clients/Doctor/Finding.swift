internal import JSON

/// What one check of `doctor` found.
struct Finding: Hashable, Sendable {
    enum Verdict: String, Hashable, Sendable {
        case good
        /// It works, and could be better.
        case warning
        /// Clients will suffer from it.
        case bad
        /// It could not be seen.
        case unknown
    }

    /// A stable name.
    var check: String
    var verdict: Verdict
    /// What was seen, and what it means.
    var detail: String
    /// What to change.
    var advice: String?

    init(_ check: String, _ verdict: Verdict, _ detail: String, advice: String? = nil) {
        self.check = check
        self.verdict = verdict
        self.detail = detail
        self.advice = advice
    }

    var json: JSONValue {
        .object([
            .init("check", .string(check)), .init("verdict", .string(verdict.rawValue)),
            .init("detail", .string(detail)), .init("advice", advice.map { .string($0) } ?? .null),
        ])
    }
}

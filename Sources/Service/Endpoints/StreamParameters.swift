internal import Bytes
internal import EventFilter
internal import EventLog
internal import HTTP
internal import JSON
internal import Streaming

/// The query of a stream's route, read by name.
struct StreamParameters {
    /// What the route knows.
    static let names = [
        "since", "until", "last", "limit", "lastEventId", "cursor", "filter", "fields", "shard", "format", "ids",
        "canary", "heartbeat", "encoding",
    ]

    /// The parameter that jQuery and others add to a URL so that no cache answers.
    private static let cacheBuster = "_"

    /// The beginning of a filter's short form: `match.wiki=enwiki`.
    static let matchPrefix = "match."

    private let query: Query

    init(_ query: Query) throws(Problem) {
        for field in query.fields where !Self.isKnown(field.name) {
            let shown = Excerpt.of(field.name)
            let detail =
                "There is no parameter \(shown).\(Self.hint(field.name)) Known: \(Self.names.joined(separator: ", ")), match.FIELD."
            throw Problem(.invalidParameter, detail, members: [.init("parameter", .string(shown))])
        }
        self.query = query
    }

    private static func isKnown(_ name: String) -> Bool {
        names.contains(name) || name.hasPrefix(matchPrefix) || name == cacheBuster
    }

    private static func hint(_ name: String) -> String {
        Nearest.names(to: name, among: names, count: 1).first.map { " Did you mean \($0)?" } ?? ""
    }

    /// Empty is as good as absent, as it is to the legacy service.
    func time(_ name: String, now: Timestamp) throws(Problem) -> Timestamp? {
        guard let value = query[name], !value.isEmpty else { return nil }
        do {
            return try TimeExpression(value).timestamp(now: now)
        } catch {
            throw .invalidTimestamp(name, value: value, reason: error.reason)
        }
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let value = query[name] else { return nil }
        guard value.utf8.count <= 19, value.utf8.allSatisfy({ $0.decimalDigit != nil }), let number = Int(value),
            range.contains(number)
        else {
            let allowed =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound) up"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw .invalidParameter(name, value: value, allowed: allowed)
        }
        return number
    }

    func boolean(_ name: String) throws(Problem) -> Bool? {
        switch query[name] {
        case nil: nil
        case "true": true
        case "false": false
        case let value?: throw .invalidParameter(name, value: value, allowed: "true or false")
        }
    }

    /// - Parameter choices: what may be written, and what it means.
    func choice<Choice>(_ name: String, _ choices: KeyValuePairs<String, Choice>) throws(Problem) -> Choice? {
        guard let value = query[name] else { return nil }
        guard let choice = choices.first(where: { $0.key == value }) else {
            throw .invalidParameter(name, value: value, allowed: choices.map(\.key).joined(separator: " or "))
        }
        return choice.value
    }

    /// `filter` and every `match.PATH`, joined; nil where every event passes.
    func filter() throws(Problem) -> EventFilter? {
        let filter = try Self.filter(of: query)
        return filter?.constant == true ? nil : filter
    }

    /// Nil where neither is given.
    static func filter(of query: Query) throws(Problem) -> EventFilter? {
        let matches = query.fields.filter { $0.name.hasPrefix(matchPrefix) }
        guard query["filter"] != nil || !matches.isEmpty else { return nil }
        do throws(EventFilter.InvalidParameter) {
            return try EventFilter(
                expression: query["filter"],
                matches: matches.map { (String($0.name.dropFirst(matchPrefix.count)), $0.value) })
        } catch {
            throw Problem(error)
        }
    }

    /// `fields`; nil where all are wanted.
    func projection() throws(Problem) -> Projection? {
        guard let fields = query["fields"] else { return nil }
        do throws(FilterError) { return try Projection(fields) } catch {
            throw Problem(
                .invalidParameter, "The parameter fields can't be read: \(error).",
                members: [.init("parameter", "fields")])
        }
    }

    /// `shard`: `i/n`, in decimal digits; nil where the whole stream is wanted.
    func share() throws(Problem) -> Share? {
        guard let value = query["shard"] else { return nil }
        let numbers = value.split(separator: "/", omittingEmptySubsequences: false).map { part in
            part.utf8.count <= 2 && part.utf8.allSatisfy { $0.decimalDigit != nil } ? Int(part) : nil
        }
        guard numbers.count == 2, let index = numbers[0], let count = numbers[1], let share = Share(index, of: count)
        else {
            throw .invalidParameter(
                "shard", value: value,
                allowed: "i/n for the i-th of n shares, 0 ≤ i < n ≤ \(Share.most), such as 0/4 for the first of four")
        }
        return share
    }

    /// `lastEventId` and `cursor` are one parameter with two names.
    func cursor() throws(Problem) -> [UInt8]? {
        if query["lastEventId"] != nil, query["cursor"] != nil {
            throw Problem(
                .invalidParameter, "The parameters lastEventId and cursor mean the same. Give one of them.",
                members: [.init("parameter", "cursor")])
        }
        return (query["lastEventId"] ?? query["cursor"]).map { Array($0.utf8) }
    }
}

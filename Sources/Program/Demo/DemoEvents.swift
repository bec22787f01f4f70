internal import JSON
internal import Time

/// Invented events in the shapes of Wikimedia's: something to store and to stream when there is no wiki at hand.
///
/// The seed and the clock decide every byte. Wikis, people and pages are made up; `meta` has no topic, partition and
/// offset, which the server adds.
public struct DemoEvents: Sendable {
    var dice: Dice
    var counters = Counters()
    /// The part of a delay that was less than a millisecond.
    private var owed = 0.0

    /// Numbers that only grow, as those of a database do.
    struct Counters: Sendable {
        var change: Int64 = 900_000_000
        var revision: Int64 = 400_000_000
        var page: Int64 = 70_000_000
    }

    public init(seed: UInt64) { dice = Dice(seed: seed) }

    /// The next event: 65 of 100 are recent changes, 20 revisions, 15 new pages.
    ///
    /// - Parameter now: Unix time in milliseconds, which the event bears as its time.
    /// - Returns: the stream's name and the event, a JSON object on one line without an end of line.
    public mutating func next(now: Int64) -> (stream: String, bytes: [UInt8]) {
        let roll = dice.below(100)
        let stream: DemoStream = roll < 65 ? .recentChange : roll < 85 ? .revisionCreate : .pageCreate
        let isCanary = dice.chance(0.01)
        var event = stream == .recentChange ? recentChange(now) : revision(stream, now)
        // It shows only that the stream flows: contract, section 2, `canary`.
        if isCanary, let meta = event["meta"] { event = event.setting("meta", meta.setting("domain", "canary")) }
        return (stream.rawValue, event.bytes)
    }

    /// Milliseconds until the next event. Events come independently of each other, so the waits vary around 1/rate.
    ///
    /// - Parameter rate: events a second on average; not more than 0: an hour's wait.
    public mutating func delay(rate: Double) -> Int64 {
        guard rate > 0, rate.isFinite else { return 3_600_000 }
        owed += min(dice.exponential(mean: 1000 / rate), 3_600_000)
        let whole = owed.rounded(.down)
        owed -= whole
        return Int64(whole)
    }

    mutating func meta(_ stream: DemoStream, _ domain: String, _ uri: String, _ now: Int64) -> JSONValue {
        var members: [JSONValue.Member] = [.init("uri", .string(uri))]
        members.append(.init("request_id", .string(dice.uuid())))
        members.append(.init("id", .string(dice.uuid())))
        members.append(.init("dt", .string(ISO8601.format(now, milliseconds: true))))
        members.append(.init("domain", .string(domain)))
        members.append(.init("stream", .string(stream.rawValue)))
        return .object(members)
    }
}

/// The streams that are made, by their public names.
enum DemoStream: String {
    case recentChange = "mediawiki.recentchange"
    case revisionCreate = "mediawiki.revision-create"
    case pageCreate = "mediawiki.page-create"

    var schema: String {
        self == .recentChange ? "/mediawiki/recentchange/1.0.0" : "/mediawiki/revision/create/1.1.0"
    }
}

extension JSONValue {
    /// Both objects' members, this one's first.
    func merging(_ other: JSONValue) -> JSONValue {
        guard case .object(let first) = self, case .object(let second) = other else { return self }
        return .object(first + second)
    }
}

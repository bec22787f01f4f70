internal import Bytes
public import JSON

/// Redaction as it is configured.
///
/// ```yaml
/// mediawiki_redacted_pages:
///   en.wikipedia.org: [Some title, Another]
/// redaction:
///   rules:
///     - streams: [mediawiki.recentchange]      # left out: every stream
///       match: {wiki: [enwiki, dewiki], bot: false}   # all must hold; left out: every event
///       remove: [user, log_params.ip]
///       replace: {performer: {}}
/// ```
public enum RedactionDocument {
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// Where in the document.
        public var place: String
        public var expected: String

        public init(_ place: String, _ expected: String) {
            self.place = place
            self.expected = expected
        }

        public var description: String { "\(Excerpt.of(place)) must be \(expected)" }
    }

    /// - Parameters:
    ///   - redaction: the value of `redaction`; nil or null: no rules.
    ///   - pages: the value of `mediawiki_redacted_pages`.
    public static func redactor(redaction: JSONValue?, pages: JSONValue?) throws(Failure) -> Redactor {
        var rules: [RedactionRule] = []
        for (place, rule) in try list(redaction?["rules"], "redaction.rules").enumerated() {
            rules.append(try self.rule(rule, "redaction.rules[\(place)]"))
        }
        if let redaction, redaction != .null, redaction["rules"] == nil {
            throw Failure("redaction", "a mapping with \"rules\"")
        }
        var titles: [String: [String]] = [:]
        for member in try mapping(pages, "mediawiki_redacted_pages") {
            let place = "mediawiki_redacted_pages.\(member.name)"
            for title in try list(member.value, place) {
                switch title {
                case .string(let text), .number(let text): titles[member.name, default: []].append(text)
                case .boolean(let value): titles[member.name, default: []].append(String(value))
                default: throw Failure(place, "a list of page titles")
                }
            }
        }
        return Redactor(rules: rules, pages: titles)
    }

    private static let keys: Set = ["streams", "match", "remove", "replace"]

    private static func rule(_ value: JSONValue, _ place: String) throws(Failure) -> RedactionRule {
        for member in try mapping(value, place) where !keys.contains(member.name) {
            // A slip here would show what is to be hidden.
            throw Failure("\(place).\(member.name)", "streams, match, remove or replace")
        }
        var rule = RedactionRule(removals: [])
        for stream in try list(value["streams"], "\(place).streams") {
            guard let name = stream.string else { throw Failure("\(place).streams", "a list of stream names") }
            rule.streams.insert(name)
        }
        if let streams = value["streams"]?.array, streams.isEmpty {
            throw Failure("\(place).streams", "left out to mean every stream, not empty")
        }
        for member in try mapping(value["match"], "\(place).match") {
            let place = "\(place).match.\(member.name)"
            var values: Set<RedactionRule.Scalar> = []
            for element in member.value.array ?? [member.value] {
                guard let scalar = RedactionRule.Scalar(element) else {
                    throw Failure(place, "a value or a list of values")
                }
                values.insert(scalar)
            }
            rule.conditions.append(.init(path: try path(member.name, place), values: values))
        }
        for element in try list(value["remove"], "\(place).remove") {
            guard let text = element.string else { throw Failure("\(place).remove", "a list of paths") }
            rule.removals.append(.init(path: try path(text, "\(place).remove")))
        }
        for member in try mapping(value["replace"], "\(place).replace") {
            let path = try path(member.name, "\(place).replace")
            rule.removals.append(.init(path: path, replacement: member.value.bytes))
        }
        guard !rule.removals.isEmpty else { throw Failure(place, "a rule with something to remove or replace") }
        return rule
    }

    private static func path(_ text: String, _ place: String) throws(Failure) -> [String] {
        guard let path = RedactionRule.path(text) else { throw Failure(place, "a path such as revision.editor") }
        return path
    }

    private static func list(_ value: JSONValue?, _ place: String) throws(Failure) -> [JSONValue] {
        switch value {
        case nil, .null?: return []
        case .array(let elements)?: return elements
        default: throw Failure(place, "a list")
        }
    }

    private static func mapping(_ value: JSONValue?, _ place: String) throws(Failure) -> [JSONValue.Member] {
        switch value {
        case nil, .null?: return []
        case .object(let members)?: return members
        default: throw Failure(place, "a mapping")
        }
    }
}

extension RedactionRule.Scalar {
    /// Nil for objects and arrays.
    init?(_ value: JSONValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .number(let text):
            guard let number = Double(text) else { return nil }
            self = .number(number)
        case .boolean(let value): self = .boolean(value)
        case .null: self = .null
        case .object, .array: return nil
        }
    }
}

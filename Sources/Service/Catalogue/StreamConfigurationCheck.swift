internal import Bytes
internal import JSON
internal import Redaction
package import YAML

/// Holds a stream configuration against what its settings may be, and says all that is wrong with it, each with its line.
///
/// It is asked before anything is made of the document: a mistake that would only show later, such as a `schema_title` with a
/// slash in front, by which no event would ever fit, is told here.
package struct StreamConfigurationCheck {
    private let file: String
    /// Sentences that begin with `file:line:column: `.
    package private(set) var mistakes: [String] = []

    /// Mistakes that are told.
    private static let limit = 100

    /// - Parameters:
    ///   - streams: the mapping of names to settings.
    ///   - defaults: the settings that lie under each.
    package init(_ streams: YAMLNode, defaults: YAMLNode? = nil, file: String) {
        self.file = file
        guard let members = streams.isNull ? [] : streams.members else {
            add(streams, "the streams must be a mapping of names to settings, such as \"streams: {test: {}}\"")
            return
        }
        if let defaults { check(defaults, of: StreamDocument.defaultsName) }
        for stream in members {
            checkName(stream)
            check(stream.value, of: stream.name)
            if let name = stream.value["stream"], name.text != stream.name {
                add(
                    name,
                    "stream is \(Excerpt.of(name.text ?? "")), but the settings are those of \(Excerpt.of(stream.name))"
                )
            }
        }
    }

    private mutating func add(_ node: YAMLNode, _ message: String) { add(node.line, node.column, message) }

    private mutating func add(_ line: Int, _ column: Int, _ message: String) {
        if mistakes.count < Self.limit { mistakes.append("\(file):\(line):\(column): \(message)") }
    }

    private mutating func checkName(_ stream: YAMLNode.Member) {
        if stream.name.hasPrefix("/") {
            do throws(CatalogueError) {
                _ = try NamePattern(key: stream.name)
            } catch {
                add(stream.line, stream.column, "\(error)")
            }
        } else if !PublicStream.isValid(name: stream.name) {
            add(
                stream.line, stream.column,
                "\"\(Excerpt.of(stream.name))\" can't be the name of a stream: use 1 to 249 letters, digits, dots, underscores and hyphens"
            )
        }
    }

    private mutating func check(_ settings: YAMLNode, of stream: String) {
        if settings.isNull { return }
        guard let members = settings.members else {
            return add(
                settings, "the settings of \(Excerpt.of(stream)) must be a mapping, such as {schema_title: shop/order}")
        }
        for member in members where !member.value.isNull {
            guard let rule = Self.rules[member.name] else { continue }
            if let mistake = rule(member.value) {
                add(member.value, "\(member.name) of \(Excerpt.of(stream)) must be \(mistake)")
            }
        }
    }

    // MARK: What settings may be

    /// What a value must be, where it isn't.
    private typealias Rule = @Sendable (YAMLNode) -> String?

    private static let rules: [String: Rule] = [
        "schema_title": schemaTitle,
        "topics": names, "stream_aliases": names, "topic_prefixes": texts,
        "description": text, "destination_event_service": text,
        "canary_events_enabled": boolean,
        "partitions": { node in
            let range = PublicStream.partitionsRange
            let isRight = node.text.flatMap { Int32($0) }.map(range.contains) ?? false
            return isRight ? nil : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        },
        "message_key_fields": { node in
            let paths = node.members?.map(\.value) ?? node.elements ?? []
            let isRight = node.text == nil && paths.allSatisfy { $0.text.flatMap(RedactionRule.path) != nil }
            return isRight ? nil : "a mapping of names to paths in the event, such as {page_id: page.page_id}"
        },
        "sample": { node in
            guard let members = node.members else { return "a mapping such as {rate: 0.5, unit: session}" }
            guard let rate = members.first(where: { $0.name == "rate" })?.value else { return nil }
            return rate.text.flatMap { Double($0) }.map((0.0...1.0).contains) ?? false
                ? nil : "{rate: …} with a number from 0 to 1"
        },
        "producers": services, "consumers": services,
    ]

    private static let text: Rule = { $0.text == nil ? "a text" : nil }

    private static let boolean: Rule = { $0.boolean == nil ? "true or false" : nil }

    private static let texts: Rule = { node in
        node.elements?.allSatisfy { $0.text != nil } ?? false ? nil : "a list of texts, such as [eqiad., codfw.]"
    }

    private static let names: Rule = { node in
        let isRight = node.elements?.allSatisfy {
            $0.text.map { PublicStream.isValid(name: $0) || $0.hasPrefix("/") } ?? false
        }
        return isRight ?? false ? nil : "a list of names of letters, digits, dots, underscores and hyphens"
    }

    private static let services: Rule = { node in
        node.members?.allSatisfy { $0.value.members != nil || $0.value.isNull } ?? false
            ? nil : "a mapping of services to their settings"
    }

    private static let schemaTitle: Rule = { node in
        guard let title = node.text else { return "a text, such as shop/order" }
        if title.hasPrefix("/") {
            return "without a slash in front: write \(Excerpt.of(title.drop { $0 == "/" }))"
        }
        let parts = title.split(separator: "/", omittingEmptySubsequences: false)
        if let last = parts.last, last.split(separator: ".").count == 3, last.allSatisfy({ $0.isNumber || $0 == "." }) {
            return "without a version: write \(Excerpt.of(parts.dropLast().joined(separator: "/")))"
        }
        let isRight = parts.allSatisfy { part in !part.isEmpty && !part.contains { " \t#?%\\".contains($0) } }
        return isRight ? nil : "the title of a schema, such as mediawiki/recentchange"
    }
}

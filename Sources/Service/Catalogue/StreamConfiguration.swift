internal import Bytes
package import JSON
internal import Patterns

/// The configuration of all streams with every setting that it has, also those that mean nothing here: what EventStreamConfig
/// answers with. A value.
package struct StreamConfiguration: Hashable, Sendable {
    /// A stream, or with its name between slashes all streams whose names the regular expression is in.
    package struct Entry: Hashable, Sendable {
        package let name: String
        /// With the defaults under them, as they are written.
        package let settings: JSONValue
        fileprivate let pattern: NamePattern?
    }

    /// In the order of the document.
    package let entries: [Entry]
    private let places: [String: Int]

    package static let empty = StreamConfiguration()

    private init() {
        entries = []
        places = [:]
    }

    /// - Parameters:
    ///   - streams: names with their settings.
    ///   - defaults: lie under the settings of each: maps are joined, lists place by place, null counts as a value (EventStreamConfig).
    package init(_ streams: [JSONValue.Member], defaults: JSONValue? = nil) throws(CatalogueError) {
        var entries: [Entry] = []
        var places: [String: Int] = [:]
        for stream in streams {
            let own = stream.value == .null ? .object([]) : stream.value
            guard case .object = own else {
                throw .invalidDocument(
                    "has \(Excerpt.of(stream.name)) without settings: write \"\(Excerpt.of(stream.name)): {}\"")
            }
            let settings = defaults.map { own.replacing(in: $0) } ?? own
            places[stream.name] = entries.count
            entries.append(
                Entry(name: stream.name, settings: settings, pattern: try NamePattern(key: stream.name)))
        }
        self.entries = entries
        self.places = places
    }

    /// The same with the streams of some names only; of patterns, their names with slashes.
    package func keeping(_ names: Set<String>) -> StreamConfiguration {
        let kept = entries.filter { names.contains($0.name) }
        guard kept.count < entries.count else { return self }
        return StreamConfiguration(kept: kept)
    }

    private init(kept: [Entry]) {
        entries = kept
        places = Dictionary(kept.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// Whether it has an entry of exactly this name.
    package func has(_ name: String) -> Bool { places[name] != nil }

    /// The entry of a stream: its own, else the first whose pattern is in its name.
    package func entry(of name: String) -> Entry? {
        if let place = places[name] { return entries[place] }
        return entries.first { $0.pattern?.matches(name) ?? false }
    }

    /// The settings as EventStreamConfig answers with them: `stream` is the name that is configured, `topics` those of the
    /// stream that was asked for.
    ///
    /// - Parameter name: what was asked for: a stream, or an entry by its own name.
    package func settings(of name: String) -> JSONValue? {
        guard let entry = entry(of: name) else { return nil }
        return entry.settings.setting("stream", .string(entry.name)).setting("topics", topics(of: name, entry))
    }

    private func topics(of name: String, _ entry: Entry) -> JSONValue {
        if let topics = entry.settings["topics"], topics != .null { return topics }
        let prefixes = (entry.settings["topic_prefixes"]?.array ?? []).compactMap(\.string)
        guard !prefixes.isEmpty else { return [.string(name)] }
        guard name == entry.name, let pattern = entry.pattern else {
            return .array(prefixes.map { .string($0 + name) })
        }
        // A pattern of topics: any prefix, then the stream's own pattern.
        let choices = prefixes.map(NamePattern.quoted).joined(separator: "|")
        let own = pattern.text.hasPrefix("^") ? pattern.text.dropFirst() : pattern.text[...]
        return [.string("/^(\(choices))\(own)/")]
    }
}

/// The name of an entry that is a regular expression between slashes: `/^mediawiki\.job\..+/`.
struct NamePattern: Hashable, Sendable {
    /// Without the slashes.
    let text: String
    private let compiled: CompiledPattern

    /// Bytes that a pattern may take when it is compiled and searched for.
    private static let memory: Int64 = 1 << 20

    /// - Parameter key: a name that is no pattern makes none.
    init?(key: String) throws(CatalogueError) {
        guard key.hasPrefix("/") else { return nil }
        guard key.utf8.count > 2, key.hasSuffix("/") else {
            throw .invalidPattern(key, reason: "it must end with a slash, such as /^mediawiki\\.job\\..+/")
        }
        text = String(key.dropFirst().dropLast())
        do throws(CompiledPattern.Invalid) {
            compiled = try CompiledPattern(Array(text.utf8), memory: Self.memory)
        } catch {
            throw .invalidPattern(key, reason: error.reason)
        }
    }

    func matches(_ name: String) -> Bool { compiled.isIn(Array(name.utf8).span) }

    /// A text as a pattern that means itself.
    static func quoted(_ text: String) -> String {
        text.map { ".\\+*?[^]$(){}=!<>|:-#/".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    static func == (a: NamePattern, b: NamePattern) -> Bool { a.text == b.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension JSONValue {
    /// This value over another: members and elements one by one, all else as a whole (PHP's recursive replacement, by which
    /// EventStreamConfig applies its defaults).
    func replacing(in other: JSONValue) -> JSONValue {
        switch (self, other) {
        case (.object(let own), .object):
            return own.reduce(other) { result, member in
                result.setting(member.name, result[member.name].map { member.value.replacing(in: $0) } ?? member.value)
            }
        case (.array(let own), .array(let elements)):
            return .array(
                elements.indices.map { place in
                    place < own.count ? own[place].replacing(in: elements[place]) : elements[place]
                } + own.dropFirst(elements.count))
        default: return self
        }
    }
}

internal import YAML

/// One setting: its name in the file, what it may be, and where it goes. Everything else about settings is made from these:
/// reading, checking, the commented file, help, the manual page and completions.
package struct Setting: Sendable {
    package enum Kind: Sendable {
        case text(any WritableKeyPath<ServerSettings, String> & Sendable)
        case choice(any WritableKeyPath<ServerSettings, String> & Sendable, [String])
        case list(any WritableKeyPath<ServerSettings, [String]> & Sendable)
        case boolean(any WritableKeyPath<ServerSettings, Bool> & Sendable)
        case integer(any WritableKeyPath<ServerSettings, Int> & Sendable, ClosedRange<Int>)
        /// A whole number; 0, where it may be, for no limit of its own.
        case limit(any WritableKeyPath<ServerSettings, Int?> & Sendable, ClosedRange<Int>)
        /// `64KiB`, `10MiB`, `1GiB`, or a number of bytes.
        case bytes(any WritableKeyPath<ServerSettings, Int> & Sendable, ClosedRange<Int>)
        /// A size; 0 for no limit of its own.
        case byteLimit(any WritableKeyPath<ServerSettings, Int?> & Sendable, ClosedRange<Int>)
        /// `500ms`, `10s`, `5m`, `2h`, `7d`, in milliseconds.
        case duration(any WritableKeyPath<ServerSettings, Int64> & Sendable, ClosedRange<Int64>)
        /// The same, as a `Duration`.
        case span(any WritableKeyPath<ServerSettings, Duration> & Sendable, ClosedRange<Int64>)
    }

    /// `http.port`.
    package var key: String
    package var kind: Kind
    /// A sentence.
    package var help: String

    init(_ key: String, _ kind: Kind, _ help: String) {
        self.key = key
        self.kind = kind
        self.help = help
    }

    /// The variable that sets it: `EVENTSTREAMS_HTTP_PORT`.
    package var variable: String {
        Self.variablePrefix + String(key.uppercased().map { $0 == "." ? "_" : $0 })
    }

    static let variablePrefix = "EVENTSTREAMS_"

    /// What it may be, in words.
    package var allowed: String {
        switch kind {
        case .text: "a string"
        case .choice(_, let choices): choices.joined(separator: " or ")
        case .list: "a list of strings"
        case .boolean: "true or false"
        case .integer(_, let range), .limit(_, let range):
            "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .bytes(_, let range), .byteLimit(_, let range):
            "a size from \(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound)), such as 64KiB or 10MiB"
        case .duration(_, let range), .span(_, let range):
            "a time from \(TimeSpan.text(range.lowerBound)) to \(TimeSpan.text(range.upperBound)), such as 500ms, 10s or 7d"
        }
    }

    /// Its value in some settings, as it would be written in the file.
    package func text(in settings: ServerSettings) -> String {
        switch kind {
        case .text(let path): Self.quoted(settings[keyPath: path])
        case .choice(let path, _): settings[keyPath: path]
        case .list(let path): "[" + settings[keyPath: path].map(Self.quoted).joined(separator: ", ") + "]"
        case .boolean(let path): "\(settings[keyPath: path])"
        case .integer(let path, _): "\(settings[keyPath: path])"
        case .limit(let path, _): "\(settings[keyPath: path] ?? 0)"
        case .bytes(let path, _): ByteSize.text(settings[keyPath: path])
        case .byteLimit(let path, _): ByteSize.text(settings[keyPath: path] ?? 0)
        case .duration(let path, _): TimeSpan.text(settings[keyPath: path])
        case .span(let path, _): TimeSpan.text(TimeSpan.milliseconds(settings[keyPath: path]))
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }

    /// Puts a value, written as text, into settings. Returns false when it is not what it may be.
    func apply(_ text: String, to settings: inout ServerSettings) -> Bool {
        switch kind {
        case .text(let path): settings[keyPath: path] = text
        case .choice(let path, let choices):
            guard choices.contains(text) else { return false }
            settings[keyPath: path] = text
        case .list(let path):
            settings[keyPath: path] = text.split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
        case .boolean(let path):
            guard let value = ["true": true, "false": false][text] else { return false }
            settings[keyPath: path] = value
        case .integer(let path, let range):
            guard let value = Int(text), range.contains(value) else { return false }
            settings[keyPath: path] = value
        case .limit(let path, let range):
            guard let value = Int(text), range.contains(value) else { return false }
            settings[keyPath: path] = value > 0 ? value : nil
        case .bytes(let path, let range):
            guard let value = ByteSize.parse(text), range.contains(value) else { return false }
            settings[keyPath: path] = value
        case .byteLimit(let path, let range):
            guard let value = ByteSize.parse(text), range.contains(value) else { return false }
            settings[keyPath: path] = value > 0 ? value : nil
        case .duration(let path, let range):
            guard let value = TimeSpan.parse(text), range.contains(value) else { return false }
            settings[keyPath: path] = value
        case .span(let path, let range):
            guard let value = TimeSpan.parse(text), range.contains(value) else { return false }
            settings[keyPath: path] = .milliseconds(value)
        }
        return true
    }

    /// Puts a value of the file into settings. A list may be a sequence; everything else is a scalar.
    func apply(_ node: YAMLNode, to settings: inout ServerSettings) -> Bool {
        if case .list(let path) = kind, let elements = node.elements {
            let texts = elements.compactMap(\.text)
            settings[keyPath: path] = texts
            return texts.count == elements.count
        }
        guard let text = node.text, !node.isNull || isText else { return false }
        return apply(node.isNull ? "" : text, to: &settings)
    }

    private var isText: Bool { if case .text = kind { true } else { false } }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

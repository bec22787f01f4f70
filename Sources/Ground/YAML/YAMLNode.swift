/// A value of a YAML document, with its place in the text for error messages.
public struct YAMLNode: Hashable, Sendable {
    public indirect enum Value: Hashable, Sendable {
        /// `isPlain`: written without quotes, so that it may mean a number, a boolean or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the text, each name once.
        case mapping([Member])
    }

    public struct Member: Hashable, Sendable {
        public var name: String
        /// Where the name stands.
        public var line: Int
        public var column: Int
        public var value: YAMLNode
    }

    public var value: Value
    /// Both from 1.
    public var line: Int
    public var column: Int

    public var members: [Member]? { if case .mapping(let members) = value { members } else { nil } }
    public var elements: [YAMLNode]? { if case .sequence(let elements) = value { elements } else { nil } }

    /// The text of a scalar, whatever it may mean.
    public var text: String? { if case .scalar(let text, _) = value { text } else { nil } }

    /// YAML 1.2, core schema.
    public var isNull: Bool {
        if case .scalar(let text, true) = value { ["", "~", "null", "Null", "NULL"].contains(text) } else { false }
    }

    /// YAML 1.2, core schema: nothing but true and false; `yes` is a string.
    public var boolean: Bool? {
        guard case .scalar(let text, true) = value else { return nil }
        return ["true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false][text]
    }

    public subscript(_ name: String) -> YAMLNode? { members?.first { $0.name == name }?.value }
}

/// Why a text is not a YAML document that is read here.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    /// Both from 1.
    public var line: Int
    public var column: Int

    public var description: String { "\(line):\(column): \(message)" }
}

internal import JSON

/// One rule of redaction: of the events of these streams that match, these parts are taken out.
public struct RedactionRule: Hashable, Sendable {
    /// A value to compare with.
    public enum Scalar: Hashable, Sendable {
        case string(String)
        /// By value: `1`, `1.0` and `1e0` are one.
        case number(Double)
        case boolean(Bool)
        case null
    }

    /// The value at a path is one of these.
    public struct Condition: Hashable, Sendable {
        public var path: [String]
        public var values: Set<Scalar>

        public init(path: [String], values: Set<Scalar>) {
            self.path = path
            self.values = values
        }
    }

    /// What is done at a path.
    public struct Removal: Hashable, Sendable {
        public var path: [String]
        /// Put in the value's place; nil takes the whole member away.
        public var replacement: [UInt8]?

        public init(path: [String], replacement: [UInt8]? = nil) {
            self.path = path
            self.replacement = replacement
        }
    }

    /// Canonical names; empty: all.
    public var streams: Set<String>
    /// All must hold; none: every event.
    public var conditions: [Condition]
    public var removals: [Removal]

    public init(streams: Set<String> = [], conditions: [Condition] = [], removals: [Removal]) {
        self.streams = streams
        self.conditions = conditions
        self.removals = removals
    }

    /// A path as it is configured: names between dots; `\.` is a dot in a name. Nil where a name is empty.
    public static func path(_ text: String) -> [String]? {
        var names = [""]
        var isEscaped = false
        for character in text.unicodeScalars {
            if isEscaped || character != "\\" && character != "." {
                names[names.count - 1].unicodeScalars.append(character)
                isEscaped = false
            } else if character == "." {
                names.append("")
            } else {
                isEscaped = true
            }
        }
        return isEscaped || names.contains("") ? nil : names
    }
}

extension RedactionRule.Scalar {
    /// Nil for objects and arrays.
    init?(_ document: JSONDocument, _ index: JSONDocument.Index) {
        switch document[index].kind {
        case .string: self = .string(document.string(index) ?? "")
        case .number:
            guard let number = Double(String(decoding: document.text(of: index), as: UTF8.self)) else { return nil }
            self = .number(number)
        case .true: self = .boolean(true)
        case .false: self = .boolean(false)
        case .null: self = .null
        case .object, .array: return nil
        }
    }
}

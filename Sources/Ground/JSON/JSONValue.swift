/// A JSON value taken apart or to be written: for small documents of the control plane, never for events on their way.
public indirect enum JSONValue: Hashable, Sendable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    /// As it is written in the text, so that no digit is lost.
    case number(String)
    case boolean(Bool)
    case null

    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSONValue
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    public init(_ bytes: [UInt8], depth: Int = 64) throws(JSONError) {
        let document = try JSONDocument(bytes, depth: depth)
        self = document.tree(document.root)
    }

    /// A value of an object by name (the last, where there are several).
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var integer: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }
    public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

    /// The compact text: no space, members in their order.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (place, member) in members.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONText.append(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (place, value) in values.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .string(let value): JSONText.append(value, to: &bytes)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .boolean(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: bytes.append(contentsOf: "null".utf8)
        }
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    public static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }
}

extension JSONDocument {
    /// A value and all that is in it, decoded. The document's depth bounds the recursion.
    public func tree(_ index: Index) -> JSONValue {
        switch kind(of: index) {
        case .object: .object(members(of: index).map { JSONValue.Member(string($0.name) ?? "", tree($0.value)) })
        case .array: .array(elements(of: index).map(tree))
        case .string: .string(string(index) ?? "")
        case .number: .number(String(decoding: text(of: index), as: UTF8.self))
        case .true: .boolean(true)
        case .false: .boolean(false)
        case .null: .null
        }
    }
}

extension JSONValue {
    /// The text for people: two spaces a level, a line for each member and element, a line feed at the end.
    public var indentedBytes: [UInt8] {
        var bytes: [UInt8] = []
        appendIndented(to: &bytes, level: 0)
        bytes.append(0x0A)
        return bytes
    }

    private func appendIndented(to bytes: inout [UInt8], level: Int) {
        func startLine(_ level: Int) {
            bytes.append(0x0A)
            bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
        }
        switch self {
        case .object(let members) where !members.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (place, member) in members.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                startLine(level + 1)
                JSONText.append(member.name, to: &bytes)
                bytes.append(contentsOf: ": ".utf8)
                member.value.appendIndented(to: &bytes, level: level + 1)
            }
            startLine(level)
            bytes.append(UInt8(ascii: "}"))
        case .array(let values) where !values.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (place, value) in values.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                startLine(level + 1)
                value.appendIndented(to: &bytes, level: level + 1)
            }
            startLine(level)
            bytes.append(UInt8(ascii: "]"))
        default: append(to: &bytes)
        }
    }
}

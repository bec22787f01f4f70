internal import JSON
internal import Patterns

extension SchemaValidator {
    typealias NodeID = SchemaProgram.NodeID

    /// Whether a value follows a schema.
    ///
    /// - Parameter isComposite: whether the schema is one that the value need not follow: defaults mean nothing then.
    @inline(__always)
    mutating func passes(
        _ id: NodeID, _ word: Int, _ program: borrowing SchemaProgram, _ document: borrowing JSONDocument,
        isComposite: Bool
    ) -> Bool {
        let node = program.nodes[Int(id)]
        if node.isPlain {
            work &-= 1
            if node.kinds == .all || isOfKind(node.kinds, word, document) { return true }
        }
        return look(id, word, program, document, isComposite)
    }

    @inline(__always)
    private func isOfKind(
        _ kinds: SchemaProgram.Kinds, _ word: Int, _ document: borrowing JSONDocument
    ) -> Bool {
        let start = document.start(of: word)
        switch document.bytes[start] {
        case UInt8(ascii: "\""): return kinds.contains(.string)
        case UInt8(ascii: "{"): return kinds.contains(.object)
        case UInt8(ascii: "["): return kinds.contains(.array)
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return kinds.contains(.boolean)
        case UInt8(ascii: "n"): return kinds.contains(.null)
        default: return kinds.contains(.number) || kinds.contains(.integer) && Self.isInteger(document, start)
        }
    }

    /// Whether a number has no fraction by its value: `1.0` and `1e2` have none.
    @inline(__always)
    private static func isInteger(_ document: borrowing JSONDocument, _ start: Int) -> Bool {
        let bytes = document.bytes.span
        var place = start + 1
        while place < bytes.count, bytes[place] &- 0x30 < 10 { place += 1 }
        guard place < bytes.count, bytes[place] == UInt8(ascii: ".") || bytes[place] | 0x20 == UInt8(ascii: "e") else {
            return true
        }
        return DecimalText(bytes, at: start).isInteger
    }

    private mutating func look(
        _ id: NodeID, _ word: Int, _ program: borrowing SchemaProgram, _ document: borrowing JSONDocument,
        _ isComposite: Bool
    ) -> Bool {
        work &-= 1
        guard work > 0, depth < Self.depthLimit, comparison.budget >= 0 else {
            isExhausted = true
            return false
        }
        depth &+= 1
        defer { depth &-= 1 }
        let node = program.nodes[Int(id)]
        if node.isNever {
            _ = fails(.never, id, program)
            return false
        }
        var isRight = true
        if node.kinds != .all, !isOfKind(node.kinds, word, document) {
            isRight = false
            guard fails(.type, id, program) else { return false }
        }
        let isKindRight =
            switch document.bytes[document.start(of: word)] {
            case UInt8(ascii: "\""): node.string < 0 || string(id, node.string, word, program, document)
            case UInt8(ascii: "{"): node.object < 0 || object(id, node.object, word, program, document, isComposite)
            case UInt8(ascii: "["): node.array < 0 || array(id, node.array, word, program, document, isComposite)
            case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): true
            default: node.number < 0 || number(id, node.number, word, program, document)
            }
        if !isKindRight {
            isRight = false
            guard goesOn else { return false }
        }
        for place in node.steps.indices {
            if !step(id, program.steps[place], word, program, document, isComposite) {
                isRight = false
                guard goesOn else { return false }
            }
        }
        return isRight && !isExhausted
    }

    // MARK: Strings

    private struct StringFaults: OptionSet {
        let rawValue: UInt8
        static let tooLong = StringFaults(rawValue: 1)
        static let tooShort = StringFaults(rawValue: 2)
        static let pattern = StringFaults(rawValue: 4)
        static let format = StringFaults(rawValue: 8)
    }

    private mutating func string(
        _ id: NodeID, _ number: Int32, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let rule = program.strings[Int(number)]
        let bytes = document.bytes.span
        let start = document.start(of: word) + 1
        let end = bytes.firstMark(from: start)
        let faults: StringFaults
        if bytes[end] == UInt8(ascii: "\\") {
            decoded.removeAll(keepingCapacity: true)
            JSONEscapes.decode(bytes, from: start, into: &decoded)
            faults = Self.faults(decoded.span, rule, program)
        } else {
            faults = Self.faults(bytes.extracting(start..<end), rule, program)
        }
        if faults.isEmpty { return true }
        if faults.contains(.tooLong), !fails(.maxLength(rule.maximum), id, program) { return false }
        if faults.contains(.tooShort), !fails(.minLength(rule.minimum), id, program) { return false }
        if faults.contains(.pattern), !fails(.pattern, id, program) { return false }
        if faults.contains(.format) { _ = fails(.format, id, program) }
        return false
    }

    /// A text that is too long isn't looked into.
    @inline(__always)
    private static func faults(
        _ text: Span<UInt8>, _ rule: SchemaProgram.StringRule, _ program: borrowing SchemaProgram
    ) -> StringFaults {
        var faults: StringFaults = []
        // A character has one byte to four.
        if text.count > rule.maximum || text.count / 4 < rule.minimum {
            let count = characters(text)
            if count > rule.maximum { return .tooLong }
            if count < rule.minimum { faults.insert(.tooShort) }
        }
        if rule.pattern >= 0, !program.patterns[Int(rule.pattern)].isIn(text) { faults.insert(.pattern) }
        if rule.format != .none, !rule.format.holds(text, isStrict: rule.isStrict) { faults.insert(.format) }
        return faults
    }

    /// Code points.
    private static func characters(_ text: Span<UInt8>) -> Int {
        var count = 0
        for place in text.indices where text[place] & 0xC0 != 0x80 { count += 1 }
        return count
    }

    // MARK: Numbers

    private mutating func number(
        _ id: NodeID, _ number: Int32, _ word: Int, _ program: borrowing SchemaProgram,
        _ document: borrowing JSONDocument
    ) -> Bool {
        let rule = program.numbers[Int(number)]
        let bytes = document.bytes.span
        let value = NumberValue(bytes, at: document.start(of: word))
        var isRight = true
        for number in 0..<4 {
            let (bound, isUpper) = rule.bound(number)
            guard let bound, !value.keeps(bound, isUpper: isUpper, bytes, program) else { continue }
            isRight = false
            guard fails(isUpper ? .maximum(bound) : .minimum(bound), id, program) else { return false }
        }
        if let multiple = rule.multiple, !DecimalText(bytes, at: value.start).isMultiple(bytes, of: multiple) {
            _ = fails(.multipleOf(rule.multipleConstant), id, program)
            return false
        }
        return isRight
    }
}

/// A number of an event: as an Int64 where it is a short one, else where it stands.
private struct NumberValue {
    let start: Int
    private let integer: Int64?

    @inline(__always)
    init(_ bytes: Span<UInt8>, at start: Int) {
        self.start = start
        let isNegative = bytes[start] == UInt8(ascii: "-")
        let first = isNegative ? start + 1 : start
        var place = first
        var value: Int64 = 0
        while place < bytes.count, bytes[place] &- 0x30 < 10, place - first < 18 {
            value = value &* 10 &+ Int64(bytes[place] &- 0x30)
            place += 1
        }
        let isWhole =
            place >= bytes.count
            || bytes[place] &- 0x30 >= 10 && bytes[place] != UInt8(ascii: ".")
                && bytes[place] | 0x20 != UInt8(ascii: "e")
        integer = isWhole ? (isNegative ? -value : value) : nil
    }

    func keeps(
        _ bound: SchemaProgram.Bound, isUpper: Bool, _ bytes: Span<UInt8>, _ program: borrowing SchemaProgram
    ) -> Bool {
        let order: Int
        if let integer, let limit = bound.integer {
            order = integer < limit ? -1 : integer == limit ? 0 : 1
        } else {
            let constant = program.constants[Int(bound.constant)].bytes
            let text = constant.span
            order = DecimalText(bytes, at: start).order(bytes, DecimalText(text, at: 0), text)
        }
        if order == 0 { return !bound.isExclusive }
        return isUpper ? order < 0 : order > 0
    }
}

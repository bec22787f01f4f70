internal import Glibc
internal import JSON

/// One side of a comparison that is more than a field against a literal.
enum EventValue {
    case field(FieldValue)
    case literal(Literal)
    case number(Number)

    static let missing = EventValue.field(.missing)

    func number(_ document: borrowing JSONDocument) -> Number? {
        switch self {
        case .field(let value): value.number(document)
        case .literal(.number(let number)), .number(let number): number
        case .literal: nil
        }
    }
}

extension FieldValue {
    @inline(__always)
    var isString: Bool { kind == .string || kind == .decoded }

    /// Of a string: where its characters are.
    @inline(__always)
    var bytes: Range<Int> { Int(start)..<Int(end) }

    func number(_ document: borrowing JSONDocument) -> Number? {
        switch kind {
        case .integer: .integer(integer)
        case .decimal: Number(checked: document.bytes.span.extracting(Int(start)..<Int(end)))
        default: nil
        }
    }
}

extension FieldTable {
    /// A missing field, a list and an object equal nothing, not even each other.
    func isEqual(_ a: EventValue, _ b: EventValue, _ document: borrowing JSONDocument) -> Bool {
        if let number = a.number(document) { return number == b.number(document) }
        switch (a, b) {
        case (.literal(.string(let text)), .field(let value)), (.field(let value), .literal(.string(let text))):
            guard value.isString else { return false }
            let source = value.kind == .decoded ? reader.decoded.span : document.bytes.span
            return source.extracting(value.bytes).isEqual(text.bytes.span)
        case (.field(let a), .field(let b)) where a.isString && b.isString:
            let source = a.kind == .decoded ? reader.decoded.span : document.bytes.span
            let other = b.kind == .decoded ? reader.decoded.span : document.bytes.span
            return source.extracting(a.bytes).isEqual(other.extracting(b.bytes))
        case (.literal(let literal), .field(let value)), (.field(let value), .literal(let literal)):
            switch (literal, value.kind) {
            case (.null, .null), (.boolean(true), .true), (.boolean(false), .false): return true
            default: return false
            }
        case (.field(let a), .field(let b)):
            return a.kind == b.kind && (a.kind == .null || a.kind == .true || a.kind == .false)
        case (.literal(let a), .literal(let b)): return a == b
        default: return false
        }
    }

    /// Only numbers and strings have an order, each among themselves.
    func isBelow(_ a: EventValue, _ b: EventValue, orEqual: Bool, _ document: borrowing JSONDocument) -> Bool {
        if let a = a.number(document) {
            guard let b = b.number(document) else { return false }
            return orEqual ? a <= b : a < b
        }
        let order: Int
        switch (a, b) {
        case (.field(let a), .field(let b)) where a.isString && b.isString:
            let source = a.kind == .decoded ? reader.decoded.span : document.bytes.span
            let other = b.kind == .decoded ? reader.decoded.span : document.bytes.span
            order = source.extracting(a.bytes).order(other.extracting(b.bytes))
        case (.field(let a), .literal(.string(let b))) where a.isString:
            let source = a.kind == .decoded ? reader.decoded.span : document.bytes.span
            order = source.extracting(a.bytes).order(b.bytes.span)
        case (.literal(.string(let a)), .field(let b)) where b.isString:
            let source = b.kind == .decoded ? reader.decoded.span : document.bytes.span
            order = a.bytes.span.order(source.extracting(b.bytes))
        default: return false
        }
        return orEqual ? order <= 0 : order < 0
    }

    /// A string's characters (code points), a list's elements, an object's members; nil for anything else.
    func size(_ value: FieldValue, _ document: borrowing JSONDocument) -> Int? {
        switch value.kind {
        case .string, .decoded:
            let source = value.kind == .decoded ? reader.decoded.span : document.bytes.span
            let text = source.extracting(value.bytes)
            var count = 0
            for place in text.indices where text[place] & 0xC0 != 0x80 { count += 1 }
            return count
        case .array, .object:
            let content = document.content(of: Int(value.integer))
            var (word, count) = (content.lowerBound, 0)
            while word < content.upperBound {
                word = document.next(after: value.kind == .object ? word + 1 : word)
                count += 1
            }
            return count
        default: return nil
        }
    }
}

extension Code {
    /// Whether a string is what an instruction names, or begins or ends so.
    @inline(__always)
    func isText(_ instruction: Program.Instruction, _ text: Span<UInt8>) -> Bool {
        let other = self.text.span.extracting(Int(instruction.a)..<Int(instruction.b))
        guard text.count >= other.count else { return false }
        switch instruction.operation {
        case .startsWith: return text.extracting(first: other.count).isEqual(other)
        case .endsWith: return text.extracting(last: other.count).isEqual(other)
        default: return text.isEqual(other)
        }
    }

    /// Whether one of the strings from `a` to `b` is this.
    func holds(_ text: Span<UInt8>, from a: Int, to b: Int) -> Bool {
        var (low, high) = (a, b)
        while low < high {
            let middle = (low + high) / 2
            let range = strings[middle]
            let order = text.order(self.text.span.extracting(Int(range.lowerBound)..<Int(range.upperBound)))
            if order == 0 { return true }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return false
    }
}

extension ContiguousArray<Int64> {
    /// Whether a number is among those from `a` to `b`, which are sorted.
    func holds(_ number: Int64, from a: Int, to b: Int) -> Bool {
        var (low, high) = (a, b)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] == number { return true }
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return false
    }
}

extension JSONDocument {
    /// The word of the value at a path of names below a value, or -1. Where a name stands twice the last one counts.
    func word(at path: [Text], from start: Int) -> Int {
        var word = start
        for name in path {
            guard kind(of: word) == .object else { return -1 }
            var found = -1
            let content = content(of: word)
            var key = content.lowerBound
            while key < content.upperBound {
                if isName(key, bytes: name.bytes) { found = key + 1 }
                key = next(after: key + 1)
            }
            if found < 0 { return -1 }
            word = found
        }
        return word
    }
}

extension Text {
    @inline(__always)
    func isEqual(_ other: Span<UInt8>) -> Bool { bytes.span.isEqual(other) }
    func order(_ other: Span<UInt8>) -> Int { bytes.span.order(other) }
}

extension Span<UInt8> {
    /// Whether the bytes are the same: eight at a time, the last eight once more where they don't come out even.
    @inline(__always)
    func isEqual(_ other: Span<UInt8>) -> Bool {
        let count = count
        guard count == other.count else { return false }
        let own = unsafe self.bytes
        let others = unsafe other.bytes
        if count >= 8 {
            var place = 0
            while count &- place >= 8 {
                if own.word64(place) != others.word64(place) { return false }
                place &+= 8
            }
            return own.word64(count &- 8) == others.word64(count &- 8)
        }
        if count >= 4 {
            return own.word32(0) == others.word32(0) && own.word32(count &- 4) == others.word32(count &- 4)
        }
        for place in 0..<count where self[place] != other[place] { return false }
        return true
    }

    /// By bytes: below 0, 0 or above as this stands before, at or behind the other.
    @inline(__always)
    func order(_ other: Span<UInt8>) -> Int {
        // Both spans' bytes are valid during the call, which reads no more than the shorter one has.
        let order = unsafe withUnsafeBufferPointer { own in
            unsafe other.withUnsafeBufferPointer { other in
                guard let a = own.baseAddress, let b = other.baseAddress else { return 0 }
                return Int(unsafe memcmp(a, b, Swift.min(own.count, other.count)))
            }
        }
        return order != 0 ? order : count - other.count
    }
}

extension RawSpan {
    // Bytes are initialized memory of any value, and the loads are checked against the span's bounds.

    @inline(__always)
    fileprivate func word64(_ place: Int) -> UInt64 {
        unsafe unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }

    @inline(__always)
    fileprivate func word32(_ place: Int) -> UInt32 {
        unsafe unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)
    }
}

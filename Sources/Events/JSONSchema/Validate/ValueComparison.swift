internal import JSON

/// Compares values of JSON texts: numbers by value, strings by characters, objects without regard to order.
struct ValueComparison: ~Copyable {
    /// Decoded strings.
    private var left: [UInt8] = []
    private var right: [UInt8] = []
    /// How many more values may be looked at; below 0: it was too many, and what was answered is void.
    var budget = 0
    private var hashes: ContiguousArray<(hash: UInt64, number: Int32, word: Int32)> = []

    mutating func isEqual(
        _ a: Int, _ document: borrowing JSONDocument, _ b: Int, _ other: borrowing JSONDocument
    ) -> Bool {
        budget -= 1
        guard budget >= 0 else { return false }
        let bytes = document.bytes.span
        let others = other.bytes.span
        let (start, otherStart) = (document.start(of: a), other.start(of: b))
        let byte = bytes[start]
        switch byte {
        case UInt8(ascii: "\""):
            return others[otherStart] == byte && isEqualText(bytes, start + 1, others, otherStart + 1)
        case UInt8(ascii: "{"): return others[otherStart] == byte && isEqualObject(a, document, b, other)
        case UInt8(ascii: "["): return others[otherStart] == byte && isEqualArray(a, document, b, other)
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return others[otherStart] == byte
        default:
            guard Self.isNumber(others[otherStart]) else { return false }
            return DecimalText(bytes, at: start).order(bytes, DecimalText(others, at: otherStart), others) == 0
        }
    }

    private static func isNumber(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || byte == UInt8(ascii: "-") }

    private mutating func isEqualText(_ a: Span<UInt8>, _ start: Int, _ b: Span<UInt8>, _ other: Int) -> Bool {
        let (end, otherEnd) = (a.firstMark(from: start), b.firstMark(from: other))
        if a[end] != UInt8(ascii: "\\"), b[otherEnd] != UInt8(ascii: "\\") {
            guard end - start == otherEnd - other else { return false }
            for place in 0..<end - start where a[start + place] != b[other + place] { return false }
            return true
        }
        left.removeAll(keepingCapacity: true)
        right.removeAll(keepingCapacity: true)
        JSONEscapes.decode(a, from: start, into: &left)
        JSONEscapes.decode(b, from: other, into: &right)
        return left == right
    }

    private mutating func isEqualArray(
        _ a: Int, _ document: borrowing JSONDocument, _ b: Int, _ other: borrowing JSONDocument
    ) -> Bool {
        let (content, others) = (document.content(of: a), other.content(of: b))
        var (word, otherWord) = (content.lowerBound, others.lowerBound)
        while word < content.upperBound, otherWord < others.upperBound {
            guard isEqual(word, document, otherWord, other) else { return false }
            word = document.next(after: word)
            otherWord = other.next(after: otherWord)
        }
        return word >= content.upperBound && otherWord >= others.upperBound
    }

    private mutating func isEqualObject(
        _ a: Int, _ document: borrowing JSONDocument, _ b: Int, _ other: borrowing JSONDocument
    ) -> Bool {
        guard Self.memberCount(a, document) == Self.memberCount(b, other) else { return false }
        let content = document.content(of: a)
        var name = content.lowerBound
        while name < content.upperBound {
            let start = document.start(of: name) + 1
            let found = member(document.bytes.span, start, of: b, other)
            guard found >= 0, isEqual(name + 1, document, found, other) else { return false }
            name = document.next(after: name + 1)
        }
        return true
    }

    /// The last member with this name, or -1.
    private mutating func member(
        _ bytes: Span<UInt8>, _ start: Int, of object: Int, _ document: borrowing JSONDocument
    ) -> Int {
        let content = document.content(of: object)
        var found = -1
        var name = content.lowerBound
        while name < content.upperBound {
            budget -= 1
            guard budget >= 0 else { return -1 }
            if isEqualText(bytes, start, document.bytes.span, document.start(of: name) + 1) { found = name + 1 }
            name = document.next(after: name + 1)
        }
        return found
    }

    static func memberCount(_ object: Int, _ document: borrowing JSONDocument) -> Int {
        let content = document.content(of: object)
        var (name, count) = (content.lowerBound, 0)
        while name < content.upperBound {
            count += 1
            name = document.next(after: name + 1)
        }
        return count
    }

    // MARK: Elements that are equal

    /// Two equal elements of an array: the last that has an equal one before it, and the last of those.
    mutating func duplicate(in array: Int, _ document: borrowing JSONDocument) -> (later: Int, earlier: Int)? {
        hashes.removeAll(keepingCapacity: true)
        let content = document.content(of: array)
        var (word, number): (Int, Int32) = (content.lowerBound, 0)
        while word < content.upperBound {
            hashes.append((hash(of: word, document), number, Int32(truncatingIfNeeded: word)))
            number += 1
            word = document.next(after: word)
        }
        hashes.sort { ($0.hash, $0.number) < ($1.hash, $1.number) }
        var found: (later: Int, earlier: Int)?
        for place in hashes.indices.dropFirst() {
            var before = place - 1
            while before >= 0, hashes[before].hash == hashes[place].hash, budget >= 0 {
                if isEqual(Int(hashes[before].word), document, Int(hashes[place].word), document) {
                    let pair = (later: Int(hashes[place].number), earlier: Int(hashes[before].number))
                    if pair.later > found?.later ?? -1 { found = pair }
                    break
                }
                before -= 1
            }
        }
        return found
    }

    private mutating func hash(of word: Int, _ document: borrowing JSONDocument) -> UInt64 {
        budget -= 1
        guard budget >= 0 else { return 0 }
        let bytes = document.bytes.span
        let start = document.start(of: word)
        switch bytes[start] {
        case UInt8(ascii: "\""): return hashOfText(bytes, start + 1)
        case UInt8(ascii: "{"):
            var sum: UInt64 = 11
            let content = document.content(of: word)
            var name = content.lowerBound
            while name < content.upperBound {
                let nameHash = hashOfText(bytes, document.start(of: name) + 1)
                sum = sum &+ Self.mix(nameHash, hash(of: name + 1, document))
                name = document.next(after: name + 1)
            }
            return Self.mix(sum, 12)
        case UInt8(ascii: "["):
            var sum: UInt64 = 13
            let content = document.content(of: word)
            var element = content.lowerBound
            while element < content.upperBound {
                sum = Self.mix(sum, hash(of: element, document))
                element = document.next(after: element)
            }
            return Self.mix(sum, 14)
        case UInt8(ascii: "t"): return 21
        case UInt8(ascii: "f"): return 22
        case UInt8(ascii: "n"): return 23
        default: return Self.mix(DecimalText(bytes, at: start).hash(bytes), 15)
        }
    }

    private mutating func hashOfText(_ bytes: Span<UInt8>, _ start: Int) -> UInt64 {
        let end = bytes.firstMark(from: start)
        if bytes[end] == UInt8(ascii: "\\") {
            left.removeAll(keepingCapacity: true)
            JSONEscapes.decode(bytes, from: start, into: &left)
            return Self.hash(left.span, from: 0, to: left.count)
        }
        return Self.hash(bytes, from: start, to: end)
    }

    private static func hash(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for place in start..<end { hash = (hash ^ UInt64(bytes[place])) &* 0x100_0000_01B3 }
        return mix(hash, 16)
    }

    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var hash = (a ^ b &* 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 32
        return hash &* 0xD6E8_FEB8_6659_FD93
    }
}

internal import Bytes

/// The media types a client takes (RFC 9110, section 12.5.1).
public struct Accept: Hashable, Sendable {
    /// One media range with its weight.
    public struct Range: Hashable, Sendable {
        /// In lower case; `*` for any.
        public var type: String
        public var subtype: String
        /// In thousandths.
        public var quality: Int

        var isExact: Bool { subtype != "*" }
    }

    /// The most ranges that are looked at; the rest count for nothing.
    public static let limit = 64

    /// In the header's order.
    public let ranges: [Range]

    /// - Parameter header: the field's value, several lines joined by commas. What isn't a media range is passed over, so
    ///   a header of nothing else is like none. Parameters other than `q` count for nothing.
    public init(_ header: some StringProtocol) {
        ranges = Self.split(Array(header.utf8), at: UInt8(ascii: ",")).prefix(Self.limit).compactMap(Self.range)
    }

    /// How welcome a media type is: the most specific range that covers it decides.
    public struct Preference: Hashable, Sendable {
        /// 0: not at all.
        public var quality: Int
        /// 0 `*/*`, 1 `type/*`, 2 `type/subtype`.
        public var specificity: Int
        /// The range's place in the header.
        public var place: Int
    }

    /// Nil where no range covers it.
    public func preference(for type: String, _ subtype: String) -> Preference? {
        var best: Preference?
        for (place, range) in ranges.enumerated() {
            guard range.type == "*" || range.type == type, range.subtype == "*" || range.subtype == subtype else {
                continue
            }
            let specificity = range.type == "*" ? 0 : range.isExact ? 2 : 1
            if let best, best.specificity >= specificity { continue }
            best = Preference(quality: range.quality, specificity: specificity, place: place)
        }
        return best
    }

    private static func range(_ text: ArraySlice<UInt8>) -> Range? {
        let pieces = split(Array(text), at: UInt8(ascii: ";"))
        guard let essence = pieces.first else { return nil }
        let names = trim(essence).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(lowercase)
        guard names.count == 2, isToken(names[0]), isToken(names[1]), names[0] != "*" || names[1] == "*" else {
            return nil
        }
        var quality = 1000
        for parameter in pieces.dropFirst() {
            let pair = trim(parameter).split(separator: UInt8(ascii: "="), maxSplits: 1).map { lowercase(trim($0)) }
            if pair.first == "q" {
                guard pair.count == 2, let value = Self.quality(pair[1]) else { return nil }
                quality = value
                break
            }
        }
        return Range(type: names[0], subtype: names[1], quality: quality)
    }

    /// `0`, `1`, `0.123`, `1.000` (RFC 9110, section 12.4.2).
    static func quality(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let whole = bytes.first?.decimalDigit, whole <= 1 else { return nil }
        guard bytes.count > 1 else { return whole * 1000 }
        let digits = bytes.dropFirst(2)
        guard bytes[1] == UInt8(ascii: "."), digits.count <= 3, digits.allSatisfy({ $0.decimalDigit != nil }) else {
            return nil
        }
        let part = (digits + [48, 48, 48]).prefix(3).reduce(0) { $0 * 10 + Int($1) - 48 }
        return whole == 0 ? part : part == 0 ? 1000 : nil
    }

    /// Splits where the separator stands outside quotes.
    static func split(_ bytes: [UInt8], at separator: UInt8) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var isQuoted = false
        var isEscaped = false
        for (place, byte) in bytes.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                parts.append(bytes[start..<place])
                start = place + 1
            }
        }
        parts.append(bytes[start...])
        return parts
    }

    static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var result = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        while result.last == 0x20 || result.last == 0x09 { result.removeLast() }
        return result
    }

    static func lowercase(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { $0.isLetter && $0 < 0x5B ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                $0.isLetter || $0.decimalDigit != nil || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }
}

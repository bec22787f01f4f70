internal import JSON

extension JSONDocument {
    /// A number without a fractional part in the range of Int64, however JSON writes it (`123`, `123.0`, `1.23e2`); nil for
    /// any other value.
    func wholeNumber(_ index: Int?) -> Int64? {
        guard let index, self[index].kind == .number else { return nil }
        return Self.wholeNumber(text(of: index))
    }

    /// - Parameter text: a number in the grammar of RFC 8259, section 6.
    private static func wholeNumber(_ text: ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var digits: [UInt8] = []
        /// How many of the digits stand before the point.
        var point: Int?
        var exponent = 0
        for place in text.indices.dropFirst(isNegative ? 1 : 0) {
            switch text[place] {
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // Beyond any exponent that a number of this size could need.
                exponent =
                    Int(String(decoding: text[(place + 1)...], as: UTF8.self)).map { min(max($0, -65_536), 65_536) }
                    ?? (text[place + 1] == UInt8(ascii: "-") ? -65_536 : 65_536)
                return value(digits, point: (point ?? digits.count) + exponent, isNegative)
            default: digits.append(text[place] - UInt8(ascii: "0"))
            }
        }
        return value(digits, point: point ?? digits.count, isNegative)
    }

    private static func value(_ digits: [UInt8], point: Int, _ isNegative: Bool) -> Int64? {
        guard let first = digits.firstIndex(where: { $0 != 0 }) else { return 0 }
        // Int64 has 19 digits at most.
        guard point > first, point - first <= 19, digits.dropFirst(point).allSatisfy({ $0 == 0 }) else { return nil }
        var magnitude: UInt64 = 0
        for place in first..<point {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(place < digits.count ? UInt64(digits[place]) : 0)
            guard !overflow, !carry else { return nil }
            magnitude = sum
        }
        return isNegative
            ? (magnitude == 1 << 63 ? .min : Int64(exactly: magnitude).map { -$0 }) : Int64(exactly: magnitude)
    }
}

/// A number by its value, exact to 38 significant digits: more are cut off. `1e2`, `100` and `100.0` are equal.
///
/// Sums and products are exact too; one that needs more than 38 digits doesn't exist (nil).
enum Number: Hashable, Sendable {
    case integer(Int64)
    /// Every number that is no Int64.
    case decimal(Decimal)

    /// `coefficient` times ten to the power of `exponent`, the coefficient not divisible by ten.
    struct Decimal: Hashable, Sendable {
        var isNegative: Bool
        var coefficient: UInt128
        var exponent: Int32
    }

    @inline(__always)
    var isInteger: Bool { if case .integer = self { true } else { false } }

    static let digits = 38
    /// Ten to the power of `digits`: coefficients are below.
    static let bound: UInt128 = power(digits)
    /// Exponents beyond count as this.
    static let largestExponent = 1_000_000

    static func power(_ exponent: Int) -> UInt128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    /// In its one form.
    init(isNegative: Bool, coefficient: UInt128, exponent: Int) {
        var (coefficient, exponent) = (coefficient, exponent)
        while coefficient != 0 {
            let (quotient, rest) = coefficient.quotientAndRemainder(dividingBy: 10)
            guard rest == 0 else { break }
            coefficient = quotient
            exponent += 1
        }
        if coefficient == 0 {
            self = .integer(0)
            return
        }
        if (0..<19).contains(exponent) {
            let (magnitude, isTooLarge) = coefficient.multipliedReportingOverflow(by: Self.power(exponent))
            if !isTooLarge, magnitude <= UInt128(Int64.max) + (isNegative ? 1 : 0) {
                self = .integer(Int64(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude))
                return
            }
        }
        let limited = min(max(exponent, -Self.largestExponent), Self.largestExponent)
        self = .decimal(Decimal(isNegative: isNegative, coefficient: coefficient, exponent: Int32(limited)))
    }

    /// A number as JSON writes it (RFC 8259, section 6), which the caller has checked.
    init(checked text: Span<UInt8>) {
        let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
        var place = isNegative ? 1 : 0
        if text.count - place <= 18 {
            var value: Int64 = 0
            while place < text.count, text[place] &- 0x30 < 10 {
                value = value &* 10 &+ Int64(text[place] &- 0x30)
                place += 1
            }
            if place == text.count {
                self = .integer(isNegative ? -value : value)
                return
            }
            place = isNegative ? 1 : 0
        }
        self.init(isNegative: isNegative, text, from: place)
    }

    /// The rest of a number from its first digit on.
    private init(isNegative: Bool, _ text: Span<UInt8>, from start: Int) {
        var coefficient: UInt128 = 0
        var (exponent, count, place) = (0, 0, start)
        var isFraction = false
        while place < text.count {
            let digit = text[place] &- 0x30
            if digit < 10 {
                if count < Self.digits {
                    coefficient = coefficient &* 10 &+ UInt128(digit)
                    if coefficient != 0 { count += 1 }
                    if isFraction { exponent -= 1 }
                } else if !isFraction {
                    exponent += 1
                }
            } else if text[place] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                break
            }
            place += 1
        }
        // Behind the e.
        place += 1
        if place < text.count {
            let isBelow = text[place] == UInt8(ascii: "-")
            if isBelow || text[place] == UInt8(ascii: "+") { place += 1 }
            var power = 0
            while place < text.count, power < 1 << 40 {
                power = power * 10 + Int(text[place] &- 0x30)
                place += 1
            }
            exponent += isBelow ? -power : power
        }
        self.init(isNegative: isNegative, coefficient: coefficient, exponent: exponent)
    }

    var decimal: Decimal {
        switch self {
        case .decimal(let decimal): decimal
        case .integer(let value):
            Decimal(isNegative: value < 0, coefficient: UInt128(value.magnitude), exponent: 0)
        }
    }
}

// MARK: Order

extension Number: Comparable {
    static func < (a: Number, b: Number) -> Bool {
        if case .integer(let a) = a, case .integer(let b) = b { return a < b }
        let (a, b) = (a.decimal, b.decimal)
        if a.isNegative != b.isNegative { return a.isNegative ? a.coefficient != 0 || b.coefficient != 0 : false }
        return a.isNegative ? isMagnitude(b, below: a) : isMagnitude(a, below: b)
    }

    private static func isMagnitude(_ a: Decimal, below b: Decimal) -> Bool {
        if a.coefficient == 0 || b.coefficient == 0 { return a.coefficient < b.coefficient }
        let difference = Int(a.exponent) - Int(b.exponent)
        let lengths = (length(a.coefficient), length(b.coefficient))
        // Where the first digit stands decides; where it is the same, the digits do.
        if lengths.0 + difference != lengths.1 { return lengths.0 + difference < lengths.1 }
        return difference >= 0
            ? a.coefficient * power(difference) < b.coefficient : a.coefficient < b.coefficient * power(-difference)
    }

    private static func length(_ coefficient: UInt128) -> Int {
        var (length, bound): (Int, UInt128) = (1, 10)
        while coefficient >= bound, length < digits {
            bound *= 10
            length += 1
        }
        return length
    }
}

// MARK: Arithmetic

extension Number {
    func adding(_ other: Number) -> Number? {
        if case .integer(let a) = self, case .integer(let b) = other {
            let (sum, isTooLarge) = a.addingReportingOverflow(b)
            if !isTooLarge { return .integer(sum) }
        }
        var (a, b) = (decimal, other.decimal)
        if a.coefficient == 0 { return other }
        if b.coefficient == 0 { return self }
        guard Self.align(&a, &b) else { return nil }
        if a.isNegative == b.isNegative {
            let sum = a.coefficient + b.coefficient
            return Self.within(isNegative: a.isNegative, sum, Int(a.exponent))
        }
        let isNegative = a.coefficient < b.coefficient ? b.isNegative : a.isNegative
        let difference = max(a.coefficient, b.coefficient) - min(a.coefficient, b.coefficient)
        return Self.within(isNegative: isNegative, difference, Int(a.exponent))
    }

    func subtracting(_ other: Number) -> Number? {
        if case .integer(let a) = self, case .integer(let b) = other {
            let (difference, isTooLarge) = a.subtractingReportingOverflow(b)
            if !isTooLarge { return .integer(difference) }
        }
        return adding(other.negated)
    }

    func multiplied(by other: Number) -> Number? {
        if case .integer(let a) = self, case .integer(let b) = other {
            let (product, isTooLarge) = a.multipliedReportingOverflow(by: b)
            if !isTooLarge { return .integer(product) }
        }
        let (a, b) = (decimal, other.decimal)
        let (product, isTooLarge) = a.coefficient.multipliedReportingOverflow(by: b.coefficient)
        guard !isTooLarge else { return nil }
        return Self.within(
            isNegative: a.isNegative != b.isNegative, product, Int(a.exponent) + Int(b.exponent))
    }

    var negated: Number {
        let decimal = decimal
        return Number(
            isNegative: !decimal.isNegative, coefficient: decimal.coefficient, exponent: Int(decimal.exponent))
    }

    private static func within(isNegative: Bool, _ coefficient: UInt128, _ exponent: Int) -> Number? {
        let number = Number(isNegative: isNegative, coefficient: coefficient, exponent: exponent)
        return number.decimal.coefficient < bound ? number : nil
    }

    /// Gives both the lower exponent; false where that takes too many digits.
    private static func align(_ a: inout Decimal, _ b: inout Decimal) -> Bool {
        if a.exponent < b.exponent { return align(&b, &a) }
        let difference = Int(a.exponent) - Int(b.exponent)
        guard difference < digits else { return false }
        let (coefficient, isTooLarge) = a.coefficient.multipliedReportingOverflow(by: power(difference))
        guard !isTooLarge, coefficient < bound else { return false }
        a.coefficient = coefficient
        a.exponent = b.exponent
        return true
    }
}

// MARK: Text

extension Number: CustomStringConvertible {
    /// As JSON writes it; the same number is read from it.
    var description: String {
        switch self {
        case .integer(let value): return "\(value)"
        case .decimal(let decimal):
            let sign = decimal.isNegative ? "-" : ""
            let digits = "\(decimal.coefficient)"
            let places = -Int(decimal.exponent)
            if (-20...0).contains(places) { return sign + digits + String(repeating: "0", count: -places) }
            guard places > 0, places <= 20 else { return "\(sign)\(digits)e\(decimal.exponent)" }
            let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
            return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
        }
    }

    /// Nil where the text is no number as JSON writes it.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard Number.isNumber(bytes) else { return nil }
        self.init(checked: bytes.span)
    }

    /// RFC 8259, section 6.
    private static func isNumber(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        func digits() -> Int {
            let count = rest.prefix { $0 &- 0x30 < 10 }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let count = digits()
        guard count > 0, !startsWithZero || count == 1 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard digits() > 0 else { return false }
        }
        if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest.removeFirst() }
            guard digits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}

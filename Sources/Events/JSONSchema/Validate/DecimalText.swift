/// A number as JSON writes it, taken apart where it stands and without rounding: any number of digits, exact.
struct DecimalText {
    private let isNegative: Bool
    /// Where the first digit is that is not 0.
    private let start: Int
    /// How many digits there are from there to the last one that is not 0; a point may stand between them. None: it is 0.
    private let digits: Int
    /// The power of ten of the last of them.
    private let exponent: Int

    /// Exponents beyond count as this.
    private static let largestExponent = 1 << 40

    /// - Parameters:
    ///   - text: holds a checked number at `place`, up to its end or to another character.
    init(_ text: Span<UInt8>, at place: Int) {
        isNegative = text[place] == UInt8(ascii: "-")
        var place = isNegative ? place + 1 : place
        var first = place
        // All digits since the first that is not 0, those up to the last that is not 0, and those of the fraction.
        var (count, significant, fraction) = (0, 0, 0)
        var fractionUpToLast = 0
        var isFraction = false
        while place < text.count {
            let digit = text[place] &- 0x30
            if digit < 10 {
                if isFraction { fraction += 1 }
                if digit != 0, count == 0 { first = place }
                if digit != 0 || count > 0 { count += 1 }
                if digit != 0 { (significant, fractionUpToLast) = (count, fraction) }
            } else if text[place] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                break
            }
            place += 1
        }
        var power = 0
        if place + 1 < text.count, text[place] | 0x20 == UInt8(ascii: "e") {
            place += 1
            let isBelow = text[place] == UInt8(ascii: "-")
            if isBelow || text[place] == UInt8(ascii: "+") { place += 1 }
            while place < text.count, text[place] &- 0x30 < 10 {
                if power < Self.largestExponent { power = power * 10 + Int(text[place] &- 0x30) }
                place += 1
            }
            power = min(power, Self.largestExponent) * (isBelow ? -1 : 1)
        }
        start = first
        digits = significant
        // Digits before the point that stand behind the last one that is not 0.
        let zeros = max(0, (count - significant) - (fraction - fractionUpToLast))
        exponent = power + zeros - fractionUpToLast
    }

    var isZero: Bool { digits == 0 }
    var isInteger: Bool { digits == 0 || exponent >= 0 }

    /// Calls `body` with each digit in turn until it returns false.
    @inline(__always)
    private func forEachDigit(_ text: Span<UInt8>, _ body: (UInt8) -> Bool) {
        var (place, left) = (start, digits)
        while left > 0 {
            if text[place] != UInt8(ascii: ".") {
                guard body(text[place] &- 0x30) else { return }
                left -= 1
            }
            place += 1
        }
    }

    /// Below 0, 0 or above as this number is smaller, equal or larger.
    func order(_ text: Span<UInt8>, _ other: DecimalText, _ otherText: Span<UInt8>) -> Int {
        if isZero || other.isZero {
            if isZero && other.isZero { return 0 }
            return isZero ? (other.isNegative ? 1 : -1) : (isNegative ? -1 : 1)
        }
        guard isNegative == other.isNegative else { return isNegative ? -1 : 1 }
        let order = orderOfMagnitude(text, other, otherText)
        return isNegative ? -order : order
    }

    private func orderOfMagnitude(_ text: Span<UInt8>, _ other: DecimalText, _ otherText: Span<UInt8>) -> Int {
        // Where the first digit stands decides; where it is the same, the digits do.
        let (first, otherFirst) = (exponent + digits, other.exponent + other.digits)
        guard first == otherFirst else { return first < otherFirst ? -1 : 1 }
        var (a, b) = (start, other.start)
        for _ in 0..<min(digits, other.digits) {
            if text[a] == UInt8(ascii: ".") { a += 1 }
            if otherText[b] == UInt8(ascii: ".") { b += 1 }
            if text[a] != otherText[b] { return text[a] < otherText[b] ? -1 : 1 }
            a += 1
            b += 1
        }
        return digits == other.digits ? 0 : digits < other.digits ? -1 : 1
    }

    /// A number that is the same for equal numbers.
    func hash(_ text: Span<UInt8>) -> UInt64 {
        guard !isZero else { return 1 }
        var hash: UInt64 = isNegative ? 3 : 2
        forEachDigit(text) { digit in
            hash = hash &* 0x100_0000_01B3 &+ UInt64(digit)
            return true
        }
        return hash &* 31 &+ UInt64(truncatingIfNeeded: exponent)
    }

    /// The number where it is a whole one from 0 to the largest Int.
    func count(_ text: Span<UInt8>) -> Int? {
        guard !isZero else { return 0 }
        guard !isNegative, exponent >= 0, digits + exponent <= 19 else { return nil }
        var value: UInt64 = 0
        forEachDigit(text) { digit in
            value = value &* 10 &+ UInt64(digit)
            return true
        }
        for _ in 0..<exponent { value = value &* 10 }
        return Int(exactly: value)
    }

    /// Whether it is a whole number of times the divisor.
    func isMultiple(_ text: Span<UInt8>, of divisor: Divisor) -> Bool {
        guard !isZero else { return true }
        // Its last digit is not 0, so a smaller power of ten than the divisor's can't be made up for.
        let power = exponent - divisor.exponent
        guard power >= 0 else { return false }
        var rest: UInt64 = 0
        forEachDigit(text) { digit in
            rest = (rest &* 10 &+ UInt64(digit)) % divisor.coefficient
            return true
        }
        return rest == 0 || divisor.rest(of: rest, timesTenToThe: power) == 0
    }

    /// It as a divisor; nil where it is not above 0, or has more than 18 digits.
    func divisor(_ text: Span<UInt8>) -> Divisor? {
        guard !isZero, !isNegative, digits <= 18 else { return nil }
        var value: UInt64 = 0
        forEachDigit(text) { digit in
            value = value &* 10 &+ UInt64(digit)
            return true
        }
        return Divisor(coefficient: value, exponent: exponent)
    }
}

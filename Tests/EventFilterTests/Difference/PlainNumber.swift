/// A number as its digits, for the evaluator that ours is compared with: slow and plain.
struct PlainNumber: Equatable {
    var isNegative: Bool
    /// The least first; none for zero, and neither the first nor the last is zero otherwise.
    var digits: [Int]
    var exponent: Int

    init(isNegative: Bool, digits: [Int], exponent: Int) {
        self.digits = digits
        self.exponent = exponent
        while self.digits.last == 0 { self.digits.removeLast() }
        while self.digits.first == 0 {
            self.digits.removeFirst()
            self.exponent += 1
        }
        if self.digits.isEmpty { self.exponent = 0 }
        self.isNegative = isNegative && !self.digits.isEmpty
    }

    init(_ text: String) {
        let parts = text.lowercased().split(separator: "e")
        let mantissa = parts[0].filter { $0 != "-" }.split(separator: ".")
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let digits = (mantissa[0] + fraction).compactMap(\.wholeNumberValue).reversed()
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        self.init(isNegative: text.hasPrefix("-"), digits: Array(digits), exponent: exponent - fraction.count)
    }

    private func aligned(to exponent: Int) -> [Int] { Array(repeating: 0, count: self.exponent - exponent) + digits }

    private static func isMagnitude(_ a: [Int], below b: [Int]) -> Bool {
        for place in (0..<max(a.count, b.count)).reversed() {
            let (x, y) = (place < a.count ? a[place] : 0, place < b.count ? b[place] : 0)
            if x != y { return x < y }
        }
        return false
    }

    func isBelow(_ other: PlainNumber) -> Bool {
        if isNegative != other.isNegative { return isNegative }
        let exponent = min(exponent, other.exponent)
        let (a, b) = (aligned(to: exponent), other.aligned(to: exponent))
        return isNegative ? Self.isMagnitude(b, below: a) : Self.isMagnitude(a, below: b)
    }

    func plus(_ other: PlainNumber) -> PlainNumber {
        let exponent = min(exponent, other.exponent)
        var (a, b) = (aligned(to: exponent), other.aligned(to: exponent))
        var isNegative = isNegative
        let count = max(a.count, b.count) + 1
        if isNegative != other.isNegative, Self.isMagnitude(a, below: b) {
            swap(&a, &b)
            isNegative = other.isNegative
        }
        a += Array(repeating: 0, count: count - a.count)
        b += Array(repeating: 0, count: count - b.count)
        let sign = self.isNegative == other.isNegative ? 1 : -1
        for place in 0..<count {
            a[place] += sign * b[place]
            if a[place] > 9 {
                a[place] -= 10
                a[place + 1] += 1
            } else if a[place] < 0 {
                a[place] += 10
                a[place + 1] -= 1
            }
        }
        return PlainNumber(isNegative: isNegative, digits: a, exponent: exponent)
    }

    var negated: PlainNumber { PlainNumber(isNegative: !isNegative, digits: digits, exponent: exponent) }

    func times(_ other: PlainNumber) -> PlainNumber {
        var product = Array(repeating: 0, count: digits.count + other.digits.count + 1)
        for (i, a) in digits.enumerated() {
            for (j, b) in other.digits.enumerated() { product[i + j] += a * b }
        }
        for place in product.indices.dropLast() {
            product[place + 1] += product[place] / 10
            product[place] %= 10
        }
        return PlainNumber(
            isNegative: isNegative != other.isNegative, digits: product, exponent: exponent + other.exponent)
    }
}

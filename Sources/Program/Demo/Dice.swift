internal import Glibc

/// Chance by seed: SplitMix64, the same numbers on every machine.
struct Dice: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func number() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0 and less than `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: number().multipliedFullWidth(by: UInt64(max(bound, 1))).high)
    }

    /// At least 0 and less than 1.
    mutating func fraction() -> Double { Double(number() >> 11) * 0x1p-53 }

    mutating func chance(_ share: Double) -> Bool { fraction() < share }

    /// An element. Small places come more often than large ones, as with real pages, people and wikis.
    mutating func skewed<Element>(_ elements: [Element]) -> Element {
        let place = Double(elements.count) * pow(fraction(), 2)
        return elements[min(Int(place), elements.count - 1)]
    }

    mutating func any<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// The time until the next of events that come independently of each other, `mean` apart on average.
    mutating func exponential(mean: Double) -> Double { -log(1 - fraction()) * mean }

    /// A random UUID (RFC 9562, section 5.4) in lower case.
    mutating func uuid() -> String {
        let high = number() & ~0xF000 | 0x4000
        let low = number() & ~(0b11 << 62) | 0b10 << 62
        return [(high, 32, 8), (high, 16, 4), (high, 0, 4), (low, 48, 4), (low, 0, 12)]
            .map { Self.hexadecimal($0 >> UInt64($1), digits: $2) }.joined(separator: "-")
    }

    /// 31 characters in base 36, as MediaWiki writes a SHA-1.
    mutating func sha1Text() -> String {
        String((0..<31).map { _ in Character(UnicodeScalar(Self.base36[below(36)])) })
    }

    private static let base36 = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    private static func hexadecimal(_ number: UInt64, digits: Int) -> String {
        let bytes = (0..<digits).reversed().map { base36[Int(number >> (UInt64($0) * 4) & 15)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

internal import Glibc
internal import System

/// Chance by seed, the same numbers on every machine.
struct Dice: Sendable {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func number() -> UInt64 { generator.next() }

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

    mutating func uuid() -> String { UUIDText.random(&generator) }

    /// 31 characters in base 36, as MediaWiki writes a SHA-1.
    mutating func sha1Text() -> String {
        String((0..<31).map { _ in Character(UnicodeScalar(Self.base36[below(36)])) })
    }

    private static let base36 = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
}

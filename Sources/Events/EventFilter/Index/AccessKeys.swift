/// What an event must have so that a filter can hold for it: what the filter is found by.
enum AccessKey: Hashable {
    /// The field is this literal.
    case value(Path, Literal)
    /// The field is a list that has this literal.
    case element(Path, Literal)
    /// The field is a string that begins so: `AccessKey.longestPrefix` bytes at most.
    case prefix(Path, Text)
    /// The field is a number above, or at least, this one; below, or at most.
    case above(Path, Number, orEqual: Bool)
    case below(Path, Number, orEqual: Bool)
    case present(Path)

    static let longestPrefix = 32

    /// How few events have it, about: conjunctions are found by the strongest of their keys.
    enum Strength: Int, Comparable {
        case present, order, value
        static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
    }

    var strength: Strength {
        switch self {
        case .value, .element, .prefix: .value
        case .above, .below: .order
        case .present: .present
        }
    }

    var path: Path {
        switch self {
        case .value(let path, _), .element(let path, _), .prefix(let path, _), .above(let path, _, _),
            .below(let path, _, _), .present(let path):
            path
        }
    }
}

/// Ways to find a filter: it can hold only for events that have all keys of one of the alternatives.
struct Access {
    var alternatives: [[AccessKey]]
    var strength: AccessKey.Strength
    /// Whether it holds for every event that has them, so that nothing is left to be tested.
    var isExact: Bool

    /// The most alternatives that conjunctions of lists are multiplied to, and the most keys of one of them.
    static let mostProducts = 64
    static let mostKeys = 4

    private init(_ keys: [AccessKey], isExact: Bool) {
        alternatives = keys.map { [$0] }
        strength = keys.first?.strength ?? .present
        self.isExact = isExact
    }

    private init(_ alternatives: [[AccessKey]], _ strength: AccessKey.Strength, isExact: Bool) {
        self.alternatives = alternatives
        self.strength = strength
        self.isExact = isExact
    }

    /// Nil where the filter may hold whatever an event has, so that it must be tested for each.
    init?(_ predicate: Predicate) {
        switch predicate {
        case .constant, .test(_, true): return nil
        case .test(let test, false):
            guard let access = Self.access(test) else { return nil }
            self = access
        case .all(let parts):
            guard let access = Self.all(parts) else { return nil }
            self = access
        case .any(let parts):
            // Split: found by any of its parts. Where one can't be found, the whole can't.
            var union: [[AccessKey]] = []
            var (strength, isExact) = (AccessKey.Strength.value, true)
            for part in parts {
                guard let access = Access(part) else { return nil }
                union += access.alternatives
                strength = min(strength, access.strength)
                isExact = isExact && access.isExact
            }
            self.init(union, strength, isExact: isExact)
        }
    }

    private static func all(_ parts: [Predicate]) -> Access? {
        let found = parts.compactMap { Access($0) }
        guard let best = found.map(\.strength).max() else { return nil }
        let usable = found.filter { $0.strength == best }.sorted { $0.alternatives.count < $1.alternatives.count }
        guard var result = usable.first else { return nil }
        var used = 1
        // Keys of an order are no part of others: what they find is looked at one by one.
        if best == .value {
            for next in usable.dropFirst() {
                let count = result.alternatives.count * next.alternatives.count
                let keys = (result.alternatives[0].count) + (next.alternatives.map(\.count).max() ?? 0)
                guard count <= mostProducts, keys <= mostKeys else { continue }
                result.alternatives = result.alternatives.flatMap { own in next.alternatives.map { own + $0 } }
                result.isExact = result.isExact && next.isExact
                used += 1
            }
        }
        result.isExact = result.isExact && used == parts.count
        return result
    }

    private static func access(_ test: Test) -> Access? {
        switch test {
        case .isIn(.field(let path), let values) where path.root == .event:
            return Access(values.map { .value(path, $0) }, isExact: true)
        case .has(let path): return Access([.present(path)], isExact: true)
        case .text(let path, .startsWith(let text)) where !text.bytes.isEmpty:
            let prefix = Text(bytes: Array(text.bytes.prefix(AccessKey.longestPrefix)))
            return Access([.prefix(path, prefix)], isExact: prefix == text)
        case .text(let path, _), .isList(let path, _), .exists(let path, _):
            return Access([.present(path)], isExact: false)
        case .isElement(.literal(let literal), let path):
            return Access([.element(path, literal)], isExact: true)
        case .isElement(_, let path): return Access([.present(path)], isExact: false)
        case .isBelow(.field(let path), .literal(.number(let number)), let orEqual):
            return Access([.below(path, number, orEqual: orEqual)], isExact: true)
        case .isBelow(.literal(.number(let number)), .field(let path), let orEqual):
            return Access([.above(path, number, orEqual: orEqual)], isExact: true)
        case .isBelow(let a, let b, _), .equal(let a, let b): return present(a) ?? present(b)
        case .isIn(let operand, _): return present(operand)
        }
    }

    /// A value computed from a missing field is missing too.
    private static func present(_ operand: Operand) -> Access? {
        switch operand {
        case .literal: nil
        case .field(let path), .size(let path): Access([.present(path)], isExact: false)
        case .sum(let a, let b), .difference(let a, let b), .product(let a, let b): present(a) ?? present(b)
        }
    }
}

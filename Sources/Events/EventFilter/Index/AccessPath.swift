/// One way on which a filter holds for an event: where all of this is true. The cheap things, which many filters share, are
/// named apart from the rest.
struct AccessPath: Hashable {
    /// What the event has.
    var keys: [AccessKey] = []
    var bound: AccessBound?
    /// What it doesn't have.
    var absent: [AccessKey] = []
    /// What is tested by a program.
    var rest: [Predicate] = []

    /// The most keys and the most absent ones of one path.
    static let mostKeys = 4
    static let mostAbsent = 16

    /// How few events come that far, about.
    enum Strength: Int, Comparable {
        case none, present, bound, keys
        static func < (a: Strength, b: Strength) -> Bool { a.rawValue < b.rawValue }
    }

    var strength: Strength {
        if keys.contains(where: \.isTelling) { return .keys }
        if bound != nil { return .bound }
        return keys.isEmpty ? .none : .present
    }

    /// Regular expressions take long: each is tested by itself, once for all filters that have it.
    var patterns: [Predicate] { rest.filter(\.isPattern) }
    var plainRest: [Predicate] { rest.filter { !$0.isPattern } }

    /// Both together; nil where that is more than a path may have.
    func joined(with other: AccessPath) -> AccessPath? {
        var result = self
        result.keys += other.keys.filter { !keys.contains($0) }
        result.absent += other.absent
        result.rest += other.rest
        if let bound = other.bound {
            if result.bound == nil {
                result.bound = bound
            } else {
                result.rest.append(.test(bound.test))
            }
        }
        return result.keys.count <= Self.mostKeys && result.absent.count <= Self.mostAbsent ? result : nil
    }
}

/// All ways on which a filter holds.
struct Access {
    private(set) var paths: [AccessPath]
    /// Whether an event can be on one of them at most.
    private(set) var isExclusive: Bool

    /// The most paths that conjunctions of lists are multiplied to.
    static let mostProducts = 64

    private init(_ paths: [AccessPath], isExclusive: Bool) {
        self.paths = paths
        self.isExclusive = isExclusive || paths.count <= 1
    }

    private init(rest predicate: Predicate) { self.init([AccessPath(rest: [predicate])], isExclusive: true) }

    /// - Parameter most: how many paths a conjunction may be multiplied to.
    init(_ predicate: Predicate, most: Int = Access.mostProducts) {
        switch predicate {
        case .constant(let value): self.init(value ? [AccessPath()] : [], isExclusive: true)
        case .test(let test, let isNegated): self = isNegated ? Self.absence(test) : Self.presence(test)
        case .all(let parts): self = Self.all(parts, most: most)
        case .any(let parts):
            // Found by any of its parts.
            let paths = parts.flatMap { Access($0, most: max(1, most / parts.count)).paths }
            // One that is looked at for every event anyway is best looked at once.
            let isLoose = paths.contains { $0.strength == .none && !$0.rest.isEmpty }
            if isLoose { self.init(rest: predicate) } else { self.init(paths, isExclusive: false) }
        }
    }

    private var strength: AccessPath.Strength { paths.map(\.strength).min() ?? .none }

    // MARK: Tests

    private static func presence(_ test: Test) -> Access {
        if let bound = AccessBound(test) { return Access([AccessPath(bound: bound)], isExclusive: true) }
        guard let (keys, isExact) = AccessKey.keys(of: test) else { return Access(rest: .test(test)) }
        let rest: [Predicate] = isExact ? [] : [.test(test)]
        var isValue = false
        if case .isIn = test { isValue = true }
        return Access(keys.map { AccessPath(keys: [$0], rest: rest) }, isExclusive: isValue)
    }

    private static func absence(_ test: Test) -> Access {
        if AccessBound(test) == nil, let (keys, isExact) = AccessKey.keys(of: test), isExact,
            keys.count <= AccessPath.mostAbsent
        {
            return Access([AccessPath(absent: keys)], isExclusive: true)
        }
        return Access(rest: .test(test, isNegated: true))
    }

    // MARK: Conjunctions

    private static func all(_ parts: [Predicate], most: Int) -> Access {
        let found = parts.map { (predicate: $0, access: Access($0, most: most)) }
        let best = found.map(\.access.strength).max() ?? .none
        // What tells most is multiplied; of the other parts those that lead only one way are added to every path.
        let telling =
            best == .none
            ? []
            : found.filter { $0.access.strength == best }
                .sorted { $0.access.paths.count < $1.access.paths.count }
        var result = telling.first?.access ?? Access([AccessPath()], isExclusive: true)
        for (predicate, access) in telling.dropFirst() {
            let isWorthIt = best == .keys && result.paths.count * access.paths.count <= most
            result.join(isWorthIt || access.paths.count == 1 ? access : Access(rest: predicate), predicate)
        }
        for (predicate, access) in found where best == .none || access.strength < best {
            let isPlain = access.paths.count == 1 && (access.strength == .bound || access.strength == .none)
            result.join(isPlain ? access : Access(rest: predicate), predicate)
        }
        return result
    }

    /// Makes it hold where both do. `predicate` is what the other one says.
    private mutating func join(_ other: Access, _ predicate: Predicate) {
        var joined: [AccessPath] = []
        joined.reserveCapacity(paths.count * other.paths.count)
        for own in paths {
            for path in other.paths {
                guard let path = own.joined(with: path) else {
                    for place in paths.indices { paths[place].rest.append(predicate) }
                    return
                }
                joined.append(path)
            }
        }
        paths = joined
        isExclusive = isExclusive && other.isExclusive || joined.count <= 1
    }
}

extension Predicate {
    fileprivate var isPattern: Bool {
        if case .test(.text(_, .matches), _) = self { true } else { false }
    }
}

/// What a block must have in the fields that are summed up, so that a filter can hold for an event of it: in one of the ways,
/// all of its values.
public struct FilterNeeds: Hashable, Sendable {
    /// A value of a field.
    struct Fact: Hashable, Sendable {
        /// The field's place among those that are summed up.
        var field: Int
        var hash: UInt64
    }

    let ways: [[Fact]]

    /// The most ways: more are as good as none, for nearly every block has one of them.
    private static let most = 64

    /// Nil where the filter may hold whatever is in these fields.
    public init?(_ filter: EventFilter, _ fields: SummaryFields) {
        guard !fields.isEmpty else { return nil }
        var ways: Set<[Fact]> = []
        for path in Access(filter.predicate).paths {
            let facts = path.keys.compactMap { key -> Fact? in
                guard case .value(let path, let literal) = key, let field = fields.paths.firstIndex(of: path) else {
                    return nil
                }
                return Fact(field: field, hash: ValueSummary.hash(literal))
            }
            guard !facts.isEmpty else { return nil }
            ways.insert(facts)
            guard ways.count <= Self.most else { return nil }
        }
        self.ways = Array(ways)
    }
}

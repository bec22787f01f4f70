internal import JSON

/// The order of members in materialised schemas: what tells a reader most comes first, then the alphabet. It holds for every
/// object, examples included.
enum SchemaOrder {
    private static let first = [
        "title", "description", "$id", "$schema", "type", "additionalProperties", "required", "properties", "allOf",
        "examples",
    ]
    private static let ranks = Dictionary(uniqueKeysWithValues: first.enumerated().map { ($1, $0) })

    static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.sorted { isBefore($0.name, $1.name) }.map { .init($0.name, sorted($0.value)) })
        case .array(let elements): .array(elements.map(sorted))
        default: value
        }
    }

    private static func isBefore(_ a: String, _ b: String) -> Bool {
        let (rankA, rankB) = (ranks[a] ?? first.count, ranks[b] ?? first.count)
        return rankA == rankB ? a.utf16.lexicographicallyPrecedes(b.utf16) : rankA < rankB
    }
}

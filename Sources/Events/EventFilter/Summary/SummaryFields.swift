internal import JSON

/// The fields whose values are summed up for blocks of events, so that a filter tells which blocks it can't match.
public struct SummaryFields: Hashable, Sendable {
    let paths: [Path]

    /// The most fields.
    public static let most = 8

    /// What is put into an event's `meta` after it was stored is not known then.
    private static let added: [[Text]] = [["meta"]] + ["topic", "partition", "offset", "key"].map { ["meta", $0] }

    /// No field: nothing is known of any block.
    public static let none = SummaryFields(paths: [])

    private init(paths: [Path]) { self.paths = paths }

    /// Nil where a name is no path of names with dots between them, is one that the server adds, or where there are too many.
    public init?(_ names: [String]) {
        var paths: [Path] = []
        for name in names where !name.isEmpty {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { Text($0) }
            guard parts.allSatisfy({ !$0.bytes.isEmpty }), !Self.added.contains(parts) else { return nil }
            let path = Path(names: parts)
            if !paths.contains(path) { paths.append(path) }
        }
        guard paths.count <= Self.most else { return nil }
        self.paths = paths
    }

    public var isEmpty: Bool { paths.isEmpty }

    /// As they were given, without those that were given twice.
    public var names: [String] { paths.map { $0.names.map(\.description).joined(separator: ".") } }
}

internal import Bytes

extension Redactor {
    /// Stands for what is removed from the events of a topic, the same in every run of the program. Two sets of rules that may
    /// make different events of one record have different marks (but for a chance of 1 in 2^64).
    ///
    /// - Parameter streams: the canonical names of the streams that the topic belongs to.
    public func mark(streams: [String]) -> UInt64 {
        guard !isEmpty else { return 0 }
        var hash = FNV.start
        for line in lines + ["streams: \(streams.sorted())"] {
            // No text has the last byte: it stands between two.
            hash = FNV.hash([0xFF], after: FNV.hash(line.utf8, after: hash))
        }
        return hash
    }
}

extension RedactionRule {
    /// All of it, in the same order in every run.
    var line: String {
        let conditions = conditions.map { "\($0.path) in \($0.values.map { "\($0)" }.sorted())" }
        let removals = removals.map { "\($0.path) by \($0.replacement.map { "\($0)" } ?? "nothing")" }
        return "\(streams.sorted()) where \(conditions) without \(removals)"
    }
}

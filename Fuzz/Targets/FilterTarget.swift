internal import EventFilter

extension FuzzTarget {
    /// A text is a filter or an error that says where; a filter is printed, and the same is read from that.
    static let filter = FuzzTarget("filter") { input throws(FuzzFinding) in
        let text = String(decoding: input, as: UTF8.self)
        let filter: EventFilter
        do throws(FilterError) { filter = try EventFilter(text) } catch {
            let last = text.unicodeScalars.count + 1
            try require(
                error.column.map { (1...last).contains($0) } ?? (input.count > 8192), "the place is in the text")
            return
        }
        // The one form may be longer and deeper than the text was.
        let limits = FilterLimits(
            bytes: 1 << 20, terms: 1 << 16, values: 1 << 16, depth: 128, patterns: 64, patternBytes: 1 << 16)
        guard let again = try? EventFilter(filter.description, limits: limits) else {
            throw FuzzFinding("not so: what is printed is a filter: \(filter)")
        }
        try requireEqual(again, filter, "what is printed is the same filter")
        guard let short = try? EventFilter(expression: nil, matches: [("a.b", text)]) else { return }
        try requireEqual(
            try? EventFilter(short.description, limits: limits), short, "so is what is printed of a short form")
    }
}

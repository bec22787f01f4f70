public import JSON

/// Takes out of events what nobody may see, before anything else sees them, filters included (contract, section 8).
///
/// It errs on the side of removing. Where an event has a name twice, every value is looked at and every member removed,
/// since readers differ in which one they take; and the rules of the event's own `meta.stream` hold beside those of the
/// streams its topic belongs to.
public struct Redactor: Hashable, Sendable {
    private let rules: [RedactionRule]
    private let pages: RedactedPages

    /// - Parameter pages: titles by domain, as `mediawiki_redacted_pages` lists them.
    public init(rules: [RedactionRule] = [], pages: [String: [String]] = [:]) {
        self.rules = rules
        self.pages = RedactedPages(pages)
    }

    /// Whether there is nothing to look for in any event.
    public var isEmpty: Bool { rules.isEmpty && pages.isEmpty }

    /// All of it, in the same order in every run.
    var lines: [String] { rules.map(\.line) + pages.lines }

    /// The event without what is to be removed, every other byte as it was; nil where it stays as it is.
    ///
    /// - Parameter streams: the canonical names of the streams that the record's topic belongs to.
    public func apply(streams: [String], to document: JSONDocument) -> [UInt8]? {
        guard !isEmpty else { return nil }
        var names = Set(streams)
        for value in document.values(at: ["meta", "stream"]) {
            if let name = document.string(value) { names.insert(name) }
        }
        var removals = pages.removals(streams: names, document)
        for rule in rules where rule.streams.isEmpty || !rule.streams.isDisjoint(with: names) {
            if rule.conditions.allSatisfy({ holds($0, document) }) { removals += rule.removals }
        }
        guard !removals.isEmpty else { return nil }
        var edits = JSONEdits()
        for removal in removals {
            edits.add(removal.replacement.map { .replace($0) } ?? .remove, at: removal.path)
        }
        return edits.apply(to: document)
    }

    private func holds(_ condition: RedactionRule.Condition, _ document: JSONDocument) -> Bool {
        document.values(at: condition.path).contains { value in
            RedactionRule.Scalar(document, value).map(condition.values.contains) ?? false
        }
    }
}

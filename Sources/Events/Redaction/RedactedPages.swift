internal import JSON

/// The pages whose editors are not to be shown: `mediawiki_redacted_pages`, a map of domains to page titles.
///
/// What is removed depends on the stream, as in the legacy service: of `mediawiki.page_change.v1` the `performer` (which its
/// schema requires, so that it becomes `{}`) and the editors of the revisions; of `mediawiki.recentchange` the `user`; of
/// any other the `performer`.
struct RedactedPages: Hashable, Sendable {
    private let titlesByDomain: [String: Set<String>]

    init(_ pages: [String: [String]]) {
        titlesByDomain = pages.mapValues { Set($0.map(Self.normalise)) }
    }

    var isEmpty: Bool { titlesByDomain.isEmpty }

    /// All of it, in the same order in every run.
    var lines: [String] {
        titlesByDomain.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.sorted())" }
    }

    /// Space around the title goes away, runs of spaces and underscores become one underscore, and case doesn't count.
    /// MediaWiki itself takes spaces and underscores for the same.
    static func normalise(_ title: String) -> String {
        title.split { $0.isWhitespace || $0 == "_" }.joined(separator: "_").lowercased()
    }

    private enum Family: Hashable {
        case pageChange, recentChange, other

        init(stream: String) {
            switch stream {
            case "mediawiki.page_change.v1": self = .pageChange
            case "mediawiki.recentchange": self = .recentChange
            default: self = .other
            }
        }

        var titlePaths: [[String]] {
            switch self {
            case .pageChange: [["page", "page_title"]]
            case .recentChange: [["title"]]
            case .other: [["page_title"], ["page", "page_title"]]
            }
        }

        var removals: [RedactionRule.Removal] {
            switch self {
            case .pageChange:
                [
                    .init(path: ["performer"], replacement: Array("{}".utf8)), .init(path: ["revision", "editor"]),
                    .init(path: ["prior_state", "revision", "editor"]),
                ]
            case .recentChange: [.init(path: ["user"])]
            case .other: [.init(path: ["performer"])]
            }
        }
    }

    /// What is to be removed from an event of these streams.
    func removals(streams: Set<String>, _ document: JSONDocument) -> [RedactionRule.Removal] {
        guard !titlesByDomain.isEmpty else { return [] }
        var titles: [Set<String>] = []
        for domain in document.values(at: ["meta", "domain"]) {
            if let domain = document.string(domain), let listed = titlesByDomain[domain] { titles.append(listed) }
        }
        guard !titles.isEmpty else { return [] }
        // What belongs to no known stream is like any other.
        let families = streams.isEmpty ? [.other] : Set(streams.map { Family(stream: $0) })
        return families.flatMap { family -> [RedactionRule.Removal] in
            let isListed = family.titlePaths.contains { path in
                document.values(at: path).contains { value in
                    let title = Self.normalise(Self.text(of: value, document))
                    return titles.contains { $0.contains(title) }
                }
            }
            return isListed ? family.removals : []
        }
    }

    /// A title that isn't a string is compared as it is written.
    private static func text(of value: JSONDocument.Index, _ document: JSONDocument) -> String {
        document.string(value) ?? String(decoding: document.text(of: value), as: UTF8.self)
    }
}

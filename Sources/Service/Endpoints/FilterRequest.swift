internal import Bytes
package import EventFilter
package import HTTP
internal import JSON

/// What `/v2/filter` is asked: a filter, and the streams that it is for (contract, section 5).
package struct FilterRequest: Hashable, Sendable {
    /// Names or aliases; empty: the filter is told in words, and tried on nothing.
    package var streams: [String]
    package var filter: EventFilter

    /// - Throws: `invalid_filter` with the place, and `invalid_parameter` for what this route does not have.
    package init(query: String) throws(Problem) {
        let query = try Query(query)
        let known = { (name: String) in
            name == "stream" || name == "filter" || name.hasPrefix(StreamParameters.matchPrefix)
        }
        if let other = query.fields.first(where: { !known($0.name) }) {
            let shown = Excerpt.of(other.name)
            throw Problem(
                .invalidParameter, "There is no parameter \(shown) here. Known: stream, filter, match.FIELD.",
                members: [.init("parameter", .string(shown))])
        }
        streams = if let text = query["stream"] { try StreamRequest.names(text) } else { [] }
        guard let filter = try StreamParameters.filter(of: query) else {
            throw Problem(
                .invalidParameter, "Say which filter: filter=EXPRESSION or match.FIELD=VALUES.",
                members: [.init("parameter", "filter")])
        }
        self.filter = filter
    }
}

internal import Bytes

/// Names that no stream has. One of them refuses the whole request.
package struct UnknownStreams: Error, Hashable, Sendable {
    package var names: [String]
    /// Known names that were probably meant.
    package var nearest: [String]

    /// Clients switch on this name.
    package static let code = "stream_not_found"

    package init(_ names: [String], nearest: [String]) {
        self.names = names
        self.nearest = nearest
    }
}

extension UnknownStreams: CustomStringConvertible {
    /// A sentence for a person, and what to change.
    package var description: String {
        let hint = nearest.isEmpty ? "" : " Nearest: \(Excerpt.list(nearest))."
        return
            "Unknown \(names.count == 1 ? "stream" : "streams"): \(Excerpt.list(names)).\(hint) /v2/stream lists all."
    }
}

internal import HTTP

/// Names that no stream has. One of them refuses the whole request.
public struct UnknownStreams: Error, Hashable, Sendable {
    public var names: [String]
    /// Known names that were probably meant.
    public var nearest: [String]

    /// Clients switch on this name.
    public static let code = "stream_not_found"

    public init(_ names: [String], nearest: [String]) {
        self.names = names
        self.nearest = nearest
    }
}

extension UnknownStreams: CustomStringConvertible {
    /// A sentence for a person, and what to change.
    public var description: String {
        let hint = nearest.isEmpty ? "" : " Nearest: \(Excerpt.list(nearest))."
        return
            "Unknown \(names.count == 1 ? "stream" : "streams"): \(Excerpt.list(names)).\(hint) /v2/stream lists all."
    }
}

internal import Bytes

/// A place in a JSON value (RFC 6901).
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// The names and numbers on the way, without escapes.
    package var tokens: [String] = []

    /// The whole value.
    package init() {}

    /// Nil where it isn't one. As the fragment of an address it may have percent signs (section 6).
    package init?(fragment: some StringProtocol) {
        guard let text = try? PercentEncoding.decode(fragment) else { return nil }
        guard !text.isEmpty else { return }
        guard text.hasPrefix("/") else { return nil }
        tokens = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { token in
            token.split(separator: "~1", omittingEmptySubsequences: false).map {
                $0.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            }.joined(separator: "/")
        }
    }

    package static func + (pointer: JSONPointer, token: String) -> JSONPointer {
        var longer = pointer
        longer.tokens.append(token)
        return longer
    }

    package var description: String {
        tokens.map { token in
            "/"
                + token.split(separator: "~", omittingEmptySubsequences: false).map {
                    $0.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
                }.joined(separator: "~0")
        }.joined()
    }
}

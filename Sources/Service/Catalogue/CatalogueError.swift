internal import Bytes

/// What is wrong with a stream configuration.
package enum CatalogueError: Error, Hashable, Sendable {
    /// The document isn't of the expected form.
    case invalidDocument(String)
    /// A name between slashes that is no regular expression.
    case invalidPattern(String, reason: String)
    /// All that is wrong with a document, a sentence each that names its line.
    case mistakes([String])
    case invalidName(String, stream: String)
    case invalidValue(key: String, stream: String, expected: String)
    /// A stream without topics.
    case noTopics(stream: String)
    /// One name for two streams.
    case nameTaken(String, by: String, and: String)
    /// Nothing is left to serve.
    case noStreams(configured: Int, allowed: [String])
}

extension CatalogueError: CustomStringConvertible {
    /// A sentence for a person, and what to change.
    package var description: String {
        switch self {
        case .invalidDocument(let reason): "the stream configuration \(reason)"
        case .invalidPattern(let pattern, let reason):
            "\(Excerpt.of(pattern)) can't be a pattern of streams: \(reason)"
        case .mistakes(let mistakes): mistakes.joined(separator: "\n")
        case .invalidName(let name, let stream):
            "\"\(Excerpt.of(name))\" of the stream \(Excerpt.of(stream)) can't be a name: "
                + "use 1 to 249 letters, digits, dots, underscores and hyphens"
        case .invalidValue(let key, let stream, let expected):
            "\(key) of the stream \(Excerpt.of(stream)) must be \(expected)"
        case .noTopics(let stream):
            "the stream \(Excerpt.of(stream)) has no topic: remove its empty topics or topic_prefixes, or list one"
        case .nameTaken(let name, let first, let second):
            "both \(Excerpt.of(first)) and \(Excerpt.of(second)) are called \(Excerpt.of(name)): "
                + "remove it from the stream_aliases of one of them"
        case .noStreams(let configured, let allowed):
            if allowed.isEmpty || configured == 0 {
                "the stream configuration has no stream: add one under \"streams:\", such as \"test: {}\" "
                    + "(names between slashes are patterns, and not served)"
            } else {
                "none of the \(configured) configured streams is in allowed_streams (\(Excerpt.list(allowed))): "
                    + "name one that is configured, or remove allowed_streams"
            }
        }
    }
}

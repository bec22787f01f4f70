/// Everything that is wrong with a configuration, told at once.
public struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// Sentences, each with its place.
    public var messages: [String]

    public var description: String { messages.joined(separator: "\n") }
}

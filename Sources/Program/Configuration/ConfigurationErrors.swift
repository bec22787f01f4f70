/// Everything that is wrong with a configuration, told at once.
public struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The most that are listed. Each costs a search for what was meant.
    public static let limit = 100

    /// Sentences, each with its place.
    public var messages: [String]
    /// Whether an option of the command line is among them: the exit code is then that of wrong use.
    public var isWrongUse = false

    public var description: String { messages.joined(separator: "\n") }
}

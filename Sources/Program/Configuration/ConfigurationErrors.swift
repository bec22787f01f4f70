/// Everything that is wrong with a configuration, told at once.
package struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The most that are listed. Each costs a search for what was meant.
    package static let limit = 100

    /// Sentences, each with its place.
    package var messages: [String]
    /// Whether an option of the command line is among them: the exit code is then that of wrong use.
    package var isWrongUse = false

    package var description: String { messages.joined(separator: "\n") }
}

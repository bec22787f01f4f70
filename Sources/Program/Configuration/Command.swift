/// One command of the program: what it is called, takes and does. Parsing, `--help`, the manual page and completions are
/// made from these.
package struct Command: Hashable, Sendable {
    package struct Option: Hashable, Sendable {
        /// With its dashes: `--port`.
        package var name: String
        /// What its value is called in help; nil: it takes none.
        package var value: String?
        /// A sentence.
        package var help: String
        /// The setting it sets, where it is one.
        package var setting: String?
        /// What the value may be, for completions; `file` and `directory` complete paths.
        package var choices: [String]
        package var isRepeatable: Bool

        init(
            _ name: String, _ value: String? = nil, _ help: String, setting: String? = nil, choices: [String] = [],
            isRepeatable: Bool = false
        ) {
            self.name = name
            self.value = value
            self.help = help
            self.setting = setting
            self.choices = choices
            self.isRepeatable = isRepeatable
        }
    }

    package struct Example: Hashable, Sendable {
        package var line: String
        package var help: String
    }

    package var name: String
    /// A few words for the list of commands.
    package var summary: String
    /// Paragraphs.
    package var description: [String]
    /// The positional arguments as they are written: `FILE...`; empty: none.
    package var arguments: String
    /// How many of them there may be.
    package var argumentCount: ClosedRange<Int>
    package var argumentChoices: [String]
    package var options: [Option]
    package var examples: [Example]
    /// Exit codes beside 0 (all went well) and 2 (wrong use).
    package var exitCodes: [String]

    /// An option by name, the common ones included.
    package func option(_ name: String) -> Option? { (options + Self.common).first { $0.name == name } }

    static let common = [Option("--help", nil, "Show this help.")]

    /// The line that shows how it is called.
    var usage: String {
        ["eventstreams", name, options.isEmpty ? "" : "[OPTION]...", arguments].filter { !$0.isEmpty }.joined(
            separator: " ")
    }
}

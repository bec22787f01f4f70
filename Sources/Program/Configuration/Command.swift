/// One command of the program: what it is called, takes and does. Parsing, `--help`, the manual page and completions are
/// made from these.
public struct Command: Hashable, Sendable {
    public struct Option: Hashable, Sendable {
        /// With its dashes: `--port`.
        public var name: String
        /// What its value is called in help; nil: it takes none.
        public var value: String?
        /// A sentence.
        public var help: String
        /// The setting it sets, where it is one.
        public var setting: String?
        /// What the value may be, for completions; `file` and `directory` complete paths.
        public var choices: [String]
        public var isRepeatable: Bool

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

    public struct Example: Hashable, Sendable {
        public var line: String
        public var help: String
    }

    public var name: String
    /// A few words for the list of commands.
    public var summary: String
    /// Paragraphs.
    public var description: [String]
    /// The positional arguments as they are written: `FILE...`; empty: none.
    public var arguments: String
    /// How many of them there may be.
    public var argumentCount: ClosedRange<Int>
    public var argumentChoices: [String]
    public var options: [Option]
    public var examples: [Example]
    /// Exit codes beside 0 (all went well) and 2 (wrong use).
    public var exitCodes: [String]

    /// An option by name, the common ones included.
    public func option(_ name: String) -> Option? { (options + Self.common).first { $0.name == name } }

    static let common = [Option("--help", nil, "Show this help.")]

    /// The line that shows how it is called.
    var usage: String {
        ["eventstreams", name, options.isEmpty ? "" : "[OPTION]...", arguments].filter { !$0.isEmpty }.joined(
            separator: " ")
    }
}

/// What `--help` shows.
package enum HelpText {
    package static let program: String = {
        var lines = [
            "Usage: eventstreams COMMAND [OPTION]... [ARGUMENT]...", "", "Serves events as streams over HTTP.", "",
            "Commands:",
        ]
        lines += Command.all.map { "  " + padded($0.name, 14) + $0.summary }
        lines += [
            "", "  --version     show the version",
            "  --help        show this help, or a command's: eventstreams serve --help",
            "", "To try it out: eventstreams serve --demo",
        ]
        return lines.joined(separator: "\n") + "\n"
    }()

    package static func command(_ command: Command) -> String {
        var lines = ["Usage: \(command.usage)", ""]
        for paragraph in command.description {
            lines += ConfigurationFile.wrapped(paragraph, indent: "") + [""]
        }
        lines.append("Options:")
        for option in command.options + Command.common {
            let name = [option.name, option.value].compactMap(\.self).joined(separator: " ")
            let help = ConfigurationFile.wrapped(option.help, indent: String(repeating: " ", count: 26))
            lines.append("  " + padded(name, 24) + help[0].drop { $0 == " " })
            lines += help.dropFirst()
        }
        if !command.examples.isEmpty {
            lines += ["", "Examples:"]
            for example in command.examples { lines += ["  # \(example.help)", "  \(example.line)"] }
        }
        lines += ["", "Exit status: 0 when all went well, 2 for wrong use."]
        lines += command.exitCodes
        return lines.joined(separator: "\n") + "\n"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }
}

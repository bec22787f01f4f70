/// The manual page, as `man` reads it (man(7)).
package enum ManualPage {
    package static func text(version: String) -> String {
        var lines = [
            ".TH EVENTSTREAMS 1 \"\" \"eventstreams \(escaped(version))\" \"User Commands\"", ".SH NAME",
            "eventstreams \\- serve events as streams over HTTP", ".SH SYNOPSIS",
        ]
        for command in Command.all { lines += [".B \(escaped(command.usage))", ".br"] }
        lines += [".SH COMMANDS"]
        for command in Command.all {
            lines.append(".SS \(escaped(command.name))")
            for paragraph in command.description { lines += [escaped(paragraph), ".PP"] }
            for option in command.options + Command.common {
                let value = option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
                lines += [".TP", "\\fB\(escaped(option.name))\\fR\(value)", escaped(option.help)]
            }
            for example in command.examples {
                lines += [".PP", "To \(escaped(example.help)):", ".PP", ".nf", escaped(example.line), ".fi"]
            }
        }
        lines.append(".SH SETTINGS")
        lines.append("Each is a key of the file given by \\fB\\-\\-config\\fR, and a variable.")
        for setting in Setting.all {
            lines += [
                ".TP", "\\fB\(escaped(setting.key))\\fR, \\fB\(escaped(setting.variable))\\fR",
                escaped("\(setting.help) Default: \(setting.text(in: ServerSettings())); \(setting.allowed)."),
            ]
        }
        lines += [
            ".SH EXIT STATUS",
            "0 when all went well, 1 when something failed (it says what on standard error), 2 for wrong use.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Backslashes, dashes and a leading dot or quote mean something to `man`.
    private static func escaped(_ text: String) -> String {
        var result = text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" : ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            default: result.append(character)
            }
        }
        return result
    }
}

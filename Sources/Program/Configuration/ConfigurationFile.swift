/// The commented configuration file, made from the table.
package enum ConfigurationFile {
    /// Every setting with its default.
    package static let text = text(of: ServerSettings())

    /// Every setting with the value it has in `settings`.
    package static func text(of settings: ServerSettings) -> String {
        var lines = [
            "# EventStreams: every setting, with its default.",
            "# A variable beats this file, and a flag beats both: EVENTSTREAMS_HTTP_PORT=80, --set http.port=80.",
            "# Sizes: 64KiB, 10MiB, 1GiB. Times: 500ms, 10s, 5m, 2h, 7d.",
        ]
        var group = ""
        for setting in Setting.all {
            let parts = setting.key.split(separator: ".", maxSplits: 1)
            if parts[0] != group {
                group = String(parts[0])
                lines += ["", "\(group):"]
            }
            lines += wrapped(setting.help, indent: "  # ")
            lines.append("  \(parts[1]): \(setting.text(in: settings))")
        }
        for section in Setting.sections {
            lines.append("")
            lines += wrapped(section.help, indent: "# ")
            lines.append("# \(section.key):")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Lines of at most a hundred characters.
    static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = indent
        for word in text.split(separator: " ") {
            if line.count + word.count > 100, line != indent {
                lines.append(String(line.dropLast()))
                line = indent
            }
            line += word + " "
        }
        return lines + [String(line.dropLast())]
    }
}

/// A page of an invented wiki.
struct DemoPage {
    let namespace: Int
    /// With the namespace's prefix and spaces.
    let title: String
    let uri: String

    init(_ wiki: DemoWiki, namespace: Int, name: String) {
        self.namespace = namespace
        title = wiki.prefix(namespace) + name
        uri = "https://\(wiki.domain)/wiki/" + Self.encoded(title)
    }

    /// As MediaWiki writes a title in a path: spaces as underscores, the rest percent-encoded but for what may stand.
    static func encoded(_ title: String) -> String {
        var text = ""
        for byte in title.utf8 {
            switch byte {
            case 0x20: text += "_"
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: text.unicodeScalars.append(UnicodeScalar(byte))
            case _ where "-._~:/()!*,;@".utf8.contains(byte): text.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return text
    }
}

extension DemoEvents {
    mutating func page(_ wiki: DemoWiki, namespace: Int? = nil) -> DemoPage {
        let namespace = namespace ?? dice.skewed([0, 0, 0, 0, 0, 0, 1, 2])
        if namespace == 2 { return DemoPage(wiki, namespace: 2, name: dice.skewed(wiki.people)) }
        if wiki.name == "datademo" { return DemoPage(wiki, namespace: namespace, name: dice.skewed(wiki.words)) }
        let separator = wiki.name == "jademo" || wiki.name == "zhdemo" ? "" : " "
        let words = (0...dice.below(4)).map { _ in dice.any(wiki.words) }
        return DemoPage(wiki, namespace: namespace, name: words.joined(separator: separator))
    }

    /// A person, an address (from a range for documentation, RFC 5737 and RFC 3849) or a bot; three of ten are bots.
    mutating func person(_ wiki: DemoWiki) -> (name: String, isBot: Bool) {
        if dice.chance(0.3) { return (dice.any(wiki.people).filter { $0 != "\"" } + "Bot", true) }
        if dice.chance(0.12) {
            return dice.chance(0.6)
                ? ("203.0.113.\(dice.below(256))", false)
                : ("2001:DB8:0:0:0:0:0:" + String(dice.below(65_536), radix: 16, uppercase: true), false)
        }
        return (dice.skewed(wiki.people) + (dice.chance(0.5) ? " \(dice.below(90) + 10)" : ""), false)
    }

    /// What was done, and the same as HTML.
    mutating func comment(_ wiki: DemoWiki) -> (text: String, html: String) {
        let target = dice.any(wiki.words)
        let path = "/wiki/" + DemoPage.encoded(target)
        let link = "<a href=\"\(path)\" title=\"\(Self.html(target))\">\(Self.html(target))</a>"
        switch dice.below(6) {
        case 0: return ("", "")
        case 1: return ("+", "+")
        case 2: return ("linked [[\(target)]]", "linked \(link)")
        case 3:
            return (
                "/* \(target) */ typo", "<span class=\"autocomment\">→\u{200E}\(Self.html(target))</span> typo"
            )
        case 4: return ("moved \"a\\b\" to\ttable", "moved &quot;a\\b&quot; to\ttable")
        default: return ("✨ \(target)", "✨ \(Self.html(target))")
        }
    }

    static func html(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}

/// What a client sent, made fit to be shown to it: short, and without characters that act on a screen or a log.
public enum Excerpt {
    /// `text` in at most `limit` bytes of UTF-8 (three more for the ellipsis when it was cut), never within a character.
    /// Controls, line separators and direction marks become U+FFFD: they could break a log line or disguise the rest.
    public static func of(_ text: some StringProtocol, limit: Int = 100) -> String {
        var result = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            let shown: Unicode.Scalar = isShown(scalar) ? scalar : "\u{FFFD}"
            length += UTF8.width(shown)
            guard length <= limit else {
                result.append("…")
                break
            }
            result.append(shown)
        }
        return String(result)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }

    /// A list for a sentence: at most `limit` items, each cut, then how many more there are.
    public static func list(_ items: some Collection<String>, limit: Int = 10) -> String {
        let shown = items.prefix(limit).map { of($0) }.joined(separator: ", ")
        return items.count > limit ? "\(shown) and \(items.count - limit) more" : shown
    }
}

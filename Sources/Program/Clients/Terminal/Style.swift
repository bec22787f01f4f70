/// How a piece of text is drawn (ECMA-48, SGR).
enum Style: String, Hashable, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"

    /// - Parameter isOn: whether there are colours.
    static func drawn(_ text: String, _ style: Style?, isOn: Bool) -> String {
        guard isOn, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}

/// `Forwarded` (RFC 7239): who each proxy had its request from.
enum Forwarded {
    /// The `for` of each element in order; nil for one that names no address: none, `unknown`, or a name of the proxy's own.
    ///
    /// The text is taken apart from its right end, where the last proxy wrote: a quotation that a client began and did not end can
    /// hide nothing of what was written behind it.
    static func addresses(_ field: String) -> [IPAddress?] {
        elements(field[...], separator: ",").map { element in
            for pair in elements(element, separator: ";") {
                guard let equals = pair.firstIndex(of: "=") else { continue }
                guard pair[..<equals].withoutSpaceAround.lowercased() == "for" else { continue }
                var value = pair[pair.index(after: equals)...].withoutSpaceAround
                if value.first == "\"", value.last == "\"", value.count >= 2 { value = value.dropFirst().dropLast() }
                return TrustedProxies.address(value)
            }
            return nil
        }
    }

    /// Parts between separators that stand in no quoted text, in order; empty ones are left out (RFC 9110, section 5.6.1).
    private static func elements(_ text: Substring, separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var end = text.endIndex
        var isQuoted = false
        for index in text.indices.reversed() {
            if text[index] == "\"", !isEscaped(text[..<index]) {
                isQuoted.toggle()
            } else if text[index] == separator, !isQuoted {
                parts.append(text[text.index(after: index)..<end])
                end = index
            }
        }
        parts.append(text[..<end])
        return parts.reversed().map(\.withoutSpaceAround).filter { !$0.isEmpty }
    }

    /// Whether the character behind this text is escaped by a backslash that is not escaped itself.
    private static func isEscaped(_ before: Substring) -> Bool {
        !before.reversed().prefix { $0 == "\\" }.count.isMultiple(of: 2)
    }
}

/// Text from events, made fit for a terminal: nothing in it moves the cursor, changes colours, or turns the line around.
enum DisplayText {
    /// The text with a space in the place of each control character (C0, C1, DEL), line or paragraph separator, and mark
    /// of direction.
    static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars { result.unicodeScalars.append(isHarmful(scalar) ? " " : scalar) }
        return result
    }

    static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
        // Marks of direction (Unicode Standard Annex 9, section 2), and tags, which are invisible.
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xE0000...0xE007F: true
        default: false
        }
    }

    /// How many columns a terminal takes for a text that is harmless.
    static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    /// The text in exactly so many columns: cut with an ellipsis, or filled with spaces.
    static func fitted(_ text: String, to columns: Int) -> String {
        var kept = cut(text, to: columns)
        kept += String(repeating: " ", count: max(columns - width(kept), 0))
        return kept
    }

    /// The text in at most so many columns, with an ellipsis where something is left out.
    static func cut(_ text: String, to columns: Int) -> String {
        // Most text is short, and a character has at least a byte and takes two columns at most.
        guard text.utf8.count > columns, width(text) > columns else { return text }
        guard columns > 0 else { return "" }
        var kept = ""
        var used = 0
        for character in text {
            let width = width(character)
            guard used + width <= columns - 1 else { break }
            kept.append(character)
            used += width
        }
        return kept + "…"
    }

    /// Terminals agree on two columns for what East Asian typography draws wide, and for emoji.
    private static func width(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            if scalar.value == 0xFE0F { return 2 }
            width = max(width, columns(scalar))
        }
        return width
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20...0x7E: return 1
        // Of Unicode's East Asian Width (Annex 11): wide and full width, by blocks.
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }
}

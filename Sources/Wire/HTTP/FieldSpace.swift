extension Substring {
    /// Without the optional whitespace that may stand around parts of a field (RFC 9110, section 5.6.3).
    var withoutSpaceAround: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}

/// Regular expressions as JSON Schema has them (ECMA-262, with the meaning that its flag `u` gives), written anew in RE2's
/// syntax. Lookahead, lookbehind and backreferences can't be matched in linear time, and are refused.
struct ECMAPattern {
    /// Why a text is no regular expression, or none that is taken.
    struct Invalid: Error, Hashable {
        var reason: String
    }

    private let text: [Unicode.Scalar]
    private var place = 0
    private var output = ""
    private var openGroups = 0
    private var unsupported: Invalid?
    /// Whether what was read last can be repeated.
    private var isRepeatable = false

    private init(_ text: String) { self.text = Array(text.unicodeScalars) }

    /// - Returns: the same in RE2's syntax.
    static func translate(_ text: String) throws(Invalid) -> String {
        var pattern = ECMAPattern(text)
        try pattern.read()
        if let unsupported = pattern.unsupported { throw unsupported }
        return pattern.output
    }

    /// Whether it is a regular expression at all.
    static func check(_ text: Span<UInt8>) throws(Invalid) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for place in text.indices { bytes.append(text[place]) }
        var pattern = ECMAPattern(String(decoding: bytes, as: UTF8.self))
        try pattern.read()
    }

    private var next: Unicode.Scalar? { place < text.count ? text[place] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        place += 1
        return true
    }

    private mutating func take(_ word: String) -> Bool {
        let scalars = Array(word.unicodeScalars)
        guard text.count - place >= scalars.count, text[place..<place + scalars.count].elementsEqual(scalars) else {
            return false
        }
        place += scalars.count
        return true
    }

    private mutating func refuse(_ what: String) {
        if unsupported == nil {
            unsupported = Invalid(reason: "\(what) is not supported in patterns")
        }
    }

    private mutating func read() throws(Invalid) {
        while let scalar = next {
            place += 1
            switch scalar {
            case "^", "$":
                output.unicodeScalars.append(scalar)
                isRepeatable = false
            case "|":
                output += "|"
                isRepeatable = false
            case ".": add("[^\\n\\r\\x{2028}\\x{2029}]")
            case "(": try group()
            case ")":
                guard openGroups > 0 else { throw Invalid(reason: "a ) without a (") }
                openGroups -= 1
                add(")")
            case "[": try characterClass()
            case "\\": try escape()
            case "*", "+", "?": try repetition(String(scalar))
            case "{":
                if let counted = counted() { try repetition(counted) } else { add("\\{") }
            default: add(Self.literal(scalar))
            }
        }
        guard openGroups == 0 else { throw Invalid(reason: "a ( without a )") }
    }

    private mutating func add(_ part: String) {
        output += part
        isRepeatable = true
    }

    private mutating func repetition(_ mark: String) throws(Invalid) {
        guard isRepeatable else { throw Invalid(reason: "nothing to repeat before \(mark)") }
        output += mark
        if take("?") { output += "?" }
        isRepeatable = false
    }

    /// `{2}`, `{2,}` or `{2,5}`, whose brace was read; nil where it is something else.
    private mutating func counted() -> String? {
        var end = place
        var mark = "{"
        while end < text.count, text[end] == "," || ("0"..."9").contains(text[end]) {
            mark.unicodeScalars.append(text[end])
            end += 1
        }
        guard end < text.count, text[end] == "}", mark.count > 1, !mark.hasPrefix("{,"),
            mark.count(where: { $0 == "," }) <= 1
        else { return nil }
        place = end + 1
        return mark + "}"
    }

    private mutating func group() throws(Invalid) {
        openGroups += 1
        output += "(?:"
        isRepeatable = false
        guard take("?") else { return }
        if take(":") { return }
        if take("=") || take("!") || take("<=") || take("<!") { return refuse("Looking ahead or behind") }
        guard take("<") else { throw Invalid(reason: "a group of a kind that ECMA-262 doesn't have") }
        try groupName()
    }

    private mutating func groupName() throws(Invalid) {
        let start = place
        while let scalar = next, scalar != ">" {
            guard scalar == "_" || scalar == "$" || scalar.properties.isIDContinue else {
                throw Invalid(reason: "a group's name can't have \(scalar)")
            }
            place += 1
        }
        guard place > start, take(">") else { throw Invalid(reason: "a group without a name") }
    }

    // MARK: Escapes

    private mutating func escape() throws(Invalid) {
        guard let scalar = next else { throw Invalid(reason: "a \\ at the end") }
        switch scalar {
        case "b", "B":
            place += 1
            output += "\\\(scalar)"
            isRepeatable = false
        case "s", "S":
            place += 1
            add("[\(scalar == "S" ? "^" : "")\(Self.spaces)]")
        case "1"..."9":
            place += 1
            while let digit = next, ("0"..."9").contains(digit) { place += 1 }
            refuse("Referring back")
            isRepeatable = true
        case "k":
            place += 1
            guard take("<") else { throw Invalid(reason: "\\k without a name") }
            try groupName()
            refuse("Referring back")
            isRepeatable = true
        default:
            if let characters = try characters() { return add("[\(characters)]") }
            add(Self.literal(try character()))
        }
    }

    /// `\d`, `\w`, `\p{…}` and the like, as a part of a class; nil for anything else.
    private mutating func characters() throws(Invalid) -> String? {
        guard let scalar = next else { return nil }
        switch scalar {
        case "d", "D", "w", "W":
            place += 1
            return "\\\(scalar)"
        case "s":
            place += 1
            return Self.spaces
        case "S":
            place += 1
            return Self.nonSpaces
        case "p", "P":
            place += 1
            return try property(isNegated: scalar == "P")
        default: return nil
        }
    }

    private mutating func property(isNegated: Bool) throws(Invalid) -> String {
        guard take("{"), let end = text[place...].firstIndex(of: "}") else {
            throw Invalid(reason: "\\p without a property in braces")
        }
        var name = String(String.UnicodeScalarView(text[place..<end]))
        place = end + 1
        for prefix in ["General_Category=", "gc=", "Script=", "sc=", "Script_Extensions=", "scx="]
        where name.hasPrefix(prefix) {
            name.removeFirst(prefix.count)
        }
        let short = UnicodeCategory.short(name)
        guard !short.isEmpty, short.unicodeScalars.allSatisfy({ $0.properties.isIDContinue }) else {
            throw Invalid(reason: "\\p{\(name)} names no property")
        }
        return "\\\(isNegated ? "P" : "p"){\(short)}"
    }

    /// One character, behind its backslash.
    private mutating func character() throws(Invalid) -> Unicode.Scalar {
        guard let scalar = next else { throw Invalid(reason: "a \\ at the end") }
        place += 1
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "v": return "\u{0B}"
        case "f": return "\u{0C}"
        case "r": return "\r"
        case "0":
            if let digit = next, ("0"..."9").contains(digit) { throw Invalid(reason: "\\0 with a digit behind it") }
            return "\0"
        case "c":
            guard let letter = next, letter.isASCII, letter.properties.isAlphabetic else {
                throw Invalid(reason: "\\c without a letter")
            }
            place += 1
            return Unicode.Scalar(UInt8(letter.value & 31))
        case "x":
            guard let value = hexadecimal(digits: 2) else { throw Invalid(reason: "\\x without two digits") }
            return Unicode.Scalar(UInt8(value))
        case "u": return try unicode()
        default:
            guard !scalar.isASCII || !(scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) else {
                throw Invalid(reason: "there is no escape \\\(scalar)")
            }
            return scalar
        }
    }

    private mutating func unicode() throws(Invalid) -> Unicode.Scalar {
        if take("{") {
            var value: UInt32 = 0
            let start = place
            while let digit = next.flatMap({ Self.digit($0) }), place - start < 8 {
                value = value << 4 | digit
                place += 1
            }
            guard place > start, take("}"), value <= 0x10FFFF else {
                throw Invalid(reason: "\\u{…} names no character")
            }
            return Unicode.Scalar(value) ?? "\u{FFFD}"
        }
        guard let first = hexadecimal(digits: 4) else { throw Invalid(reason: "\\u without four digits") }
        if first & 0xFC00 == 0xD800 {
            let before = place
            if take("\\"), take("u"), let second = hexadecimal(digits: 4), second & 0xFC00 == 0xDC00 {
                return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF) ?? "\u{FFFD}"
            }
            place = before
        }
        // Half a pair is U+FFFD in a decoded text.
        return Unicode.Scalar(first) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal(digits: Int) -> UInt32? {
        guard text.count - place >= digits else { return nil }
        var value: UInt32 = 0
        for offset in 0..<digits {
            guard let digit = Self.digit(text[place + offset]) else { return nil }
            value = value << 4 | digit
        }
        place += digits
        return value
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f", "A"..."F": (scalar.value | 0x20) - 0x61 + 10
        default: nil
        }
    }

    // MARK: Classes

    private mutating func characterClass() throws(Invalid) {
        let isNegated = take("^")
        var parts = ""
        while true {
            guard let scalar = next else { throw Invalid(reason: "a [ without a ]") }
            if take("]") { break }
            guard let low = try classCharacter(scalar, &parts) else { continue }
            guard next == "-", place + 1 < text.count, text[place + 1] != "]" else {
                parts += Self.literal(low)
                continue
            }
            place += 1
            guard let high = try classCharacter(text[place], &parts) else {
                // A range can't end with a set: the - stands for itself.
                parts += Self.literal(low) + "\\-"
                continue
            }
            guard low <= high else { throw Invalid(reason: "a range that ends before it begins") }
            parts += "\(Self.literal(low))-\(Self.literal(high))"
        }
        // An empty class has no character, its opposite all.
        guard !parts.isEmpty else { return add("[\(isNegated ? "" : "^")\\x{0}-\\x{10FFFF}]") }
        add("[\(isNegated ? "^" : "")\(parts)]")
    }

    /// One character of a class; nil where it was a set, which is added.
    private mutating func classCharacter(
        _ scalar: Unicode.Scalar, _ parts: inout String
    ) throws(Invalid) -> Unicode.Scalar? {
        place += 1
        guard scalar == "\\" else { return scalar }
        if let set = try characters() {
            parts += set
            return nil
        }
        if take("b") { return "\u{08}" }
        return try character()
    }

    /// A character that stands for itself, within a class or outside.
    private static func literal(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", " ", "_": String(scalar)
        case "!"..."~": "\\\(scalar)"
        default: "\\x{\(String(scalar.value, radix: 16))}"
        }
    }

    /// White space and line ends of ECMA-262, as parts of a class.
    private static let spaces =
        "\\t-\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}"

    /// All other characters.
    private static let nonSpaces =
        "\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}"
        + "\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}"
}

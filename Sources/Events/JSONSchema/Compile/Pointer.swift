internal import Bytes

/// Pointers into JSON texts (RFC 6901).
enum Pointer {
    /// The names and numbers on the way; nil for a text that is no pointer.
    static func parts(ofFragment fragment: String) -> [String]? {
        guard let decoded = percentDecoded(fragment) else { return nil }
        if decoded.isEmpty { return [] }
        guard decoded.hasPrefix("/") else { return nil }
        return decoded.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            unescaped(String($0))
        }
    }

    private static func unescaped(_ part: String) -> String {
        guard part.contains("~") else { return part }
        var result = ""
        var isEscape = false
        for character in part.unicodeScalars {
            if isEscape {
                result += character == "0" ? "~" : character == "1" ? "/" : "~\(character)"
                isEscape = false
            } else if character == "~" {
                isEscape = true
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return isEscape ? result + "~" : result
    }

    static func percentDecoded(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst()?.hexadecimalDigit, let low = rest.popFirst()?.hexadecimalDigit else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A name as a step of a path in a fragment: as `encodeURIComponent` of ECMA-262 writes it.
    static func step(_ name: String) -> String {
        var result = "/"
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "~"): result += "~0"
            case UInt8(ascii: "/"): result += "~1"
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }
}

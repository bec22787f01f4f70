/// Pointers into schemas, as errors write them.
enum Pointer {
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

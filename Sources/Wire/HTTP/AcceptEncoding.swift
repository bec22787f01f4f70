/// The codings in which a client takes a body (RFC 9110, section 12.5.3).
public enum AcceptEncoding {
    /// Whether a body in gzip is at least as welcome as one that isn't coded.
    ///
    /// - Parameter header: the field's value, several lines joined by commas; empty where there is none, which asks for no coding.
    ///   What isn't a coding with a quality is passed over. `x-gzip` is `gzip` (RFC 9110, section 8.4.1.3).
    public static func takesGzip(_ header: some StringProtocol) -> Bool {
        var named: Int?
        var identity: Int?
        var others: Int?
        for part in Accept.split(Array(header.utf8), at: UInt8(ascii: ",")).prefix(Accept.limit) {
            guard let (coding, quality) = preference(part) else { continue }
            switch coding {
            case "gzip", "x-gzip": named = max(named ?? 0, quality)
            case "identity": identity = quality
            case "*": others = quality
            default: continue
            }
        }
        let gzip = named ?? others ?? 0
        // What isn't named is taken as it is, but never preferred to what is.
        return gzip > 0 && gzip >= identity ?? 0
    }

    private static func preference(_ text: ArraySlice<UInt8>) -> (coding: String, quality: Int)? {
        let pieces = Accept.split(Array(text), at: UInt8(ascii: ";"))
        guard let first = pieces.first else { return nil }
        let coding = Accept.lowercase(Accept.trim(first))
        guard let weight = pieces.dropFirst().first else { return (coding, 1000) }
        let pair = Accept.trim(weight).split(separator: UInt8(ascii: "="), maxSplits: 1).map {
            Accept.lowercase(Accept.trim($0))
        }
        guard pieces.count == 2, pair.count == 2, pair[0] == "q", let quality = Accept.quality(pair[1]) else {
            return nil
        }
        return (coding, quality)
    }
}

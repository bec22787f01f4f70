/// The known names nearest to one that isn't known: what was probably meant.
public enum Nearest {
    /// Names longer than this are not compared: the work grows with the product of the lengths. Bytes.
    private static let longest = 64

    /// The most slips that are looked for in a name.
    private static let mostSlips = 4

    /// The nearest first, at most `count`; none that shares too little with the name.
    public static func names(to name: String, among known: some Sequence<String>, count: Int = 3) -> [String] {
        let own = fold(name)
        guard !own.isEmpty, own.count <= longest else { return [] }
        let ownLetters = letters(own)
        var found: [(distance: Int, name: String)] = []
        for other in known {
            guard other.utf8.count <= longest else { continue }
            let candidate = fold(other)
            let allowed = min(mostSlips, max(1, min(own.count, candidate.count) / 3))
            // A slip changes two letters at most: nearly all names are told apart by that.
            let isNear = (ownLetters ^ letters(candidate)).nonzeroBitCount <= 2 * allowed
            if isNear, let distance = distance(own, candidate, atMost: allowed) {
                found.append((distance, other))
            } else if own.count >= 4, contains(candidate, own) {
                // A name without its prefix or suffix is a frequent slip: `recentchange` for `mediawiki.recentchange`.
                found.append((allowed + 1, other))
            }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(count).map(\.name)
    }

    /// `; did you mean X?`, or nothing where no known name is near.
    public static func hint(_ name: String, among known: some Sequence<String>) -> String {
        names(to: name, among: known, count: 1).first.map { "; did you mean \($0)?" } ?? ""
    }

    /// In lower case, with one kind of separator.
    private static func fold(_ name: String) -> [UInt8] {
        name.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0.isLetter && $0 < 0x5B ? $0 | 0x20 : $0 }
    }

    /// The characters that occur, a bit each; some share one.
    private static func letters(_ name: [UInt8]) -> UInt64 {
        name.reduce(into: 0) { $0 |= 1 << UInt64($1 & 63) }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...text.count - part.count).contains { start in
            text[start] == part[0] && text[start..<start + part.count].elementsEqual(part)
        }
    }

    /// Insertions, removals, replacements and swaps of neighbours (optimal string alignment); nil past `limit`.
    ///
    /// Only pairs of places that are at most `limit` apart are looked at: others are past it already.
    private static func distance(_ a: [UInt8], _ b: [UInt8], atMost limit: Int) -> Int? {
        guard abs(a.count - b.count) <= limit else { return nil }
        guard !b.isEmpty else { return a.count }
        let (width, far) = (b.count + 1, UInt8(limit) + 1)
        // Three rows in turn: one, that above it, and that above both.
        var cells = [UInt8](repeating: far, count: 3 * width)
        for place in 0...min(b.count, limit) { cells[place] = UInt8(place) }
        var leastAbove: UInt8 = 0
        for i in 1...a.count {
            let (row, above, older) = (i % 3 * width, (i + 2) % 3 * width, (i + 1) % 3 * width)
            let (low, high) = (max(1, i - limit), min(b.count, i + limit))
            cells[row + low - 1] = low == 1 && i <= limit ? UInt8(i) : far
            if high < b.count { cells[row + high + 1] = far }
            var least = cells[row + low - 1]
            for j in low...high {
                var best = min(
                    cells[above + j] + 1, cells[row + j - 1] + 1, cells[above + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    best = min(best, cells[older + j - 2] + 1)
                }
                cells[row + j] = min(best, far)
                least = min(least, best)
            }
            // No later row has a smaller number than the smallest of two neighbouring rows.
            if least >= far, leastAbove >= far { return nil }
            leastAbove = least
        }
        let result = Int(cells[a.count % 3 * width + b.count])
        return result <= limit ? result : nil
    }
}

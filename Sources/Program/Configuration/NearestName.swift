/// The known word that a mistyped one probably means.
public enum NearestName {
    /// Nil where none is near.
    static func of(_ word: String, among words: some Sequence<String>) -> String? {
        let near = words.map { (word: $0, distance: distance(Array(word.utf8.prefix(100)), Array($0.utf8))) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
        guard let near, near.distance <= max(2, word.utf8.count / 3) else { return nil }
        return near.word
    }

    /// `; did you mean X?`, or nothing.
    public static func hint(_ word: String, among words: some Sequence<String>) -> String {
        of(word, among: words).map { "; did you mean \($0)?" } ?? ""
    }

    /// How many letters to insert, remove or change (Levenshtein).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}

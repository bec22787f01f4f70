import Bytes
import System
import Testing

@Suite struct NearestTests {
    /// Optimal string alignment, cell by cell.
    private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var cells = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { cells[i][0] = i }
        for j in 0...b.count { cells[0][j] = j }
        for i in 1...a.count {
            for j in stride(from: 1, through: b.count, by: 1) {
                cells[i][j] = min(
                    cells[i - 1][j] + 1, cells[i][j - 1] + 1, cells[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    cells[i][j] = min(cells[i][j], cells[i - 2][j - 2] + 1)
                }
            }
        }
        return cells[a.count][b.count]
    }

    @Test func aNameIsNearWhenFewSlipsLeadToIt() {
        var random = SeededGenerator(seed: 7)
        var (near, far) = (0, 0)
        for _ in 0..<20_000 {
            let name = String(
                (0..<Int.random(in: 1...14, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
            var other = Array(name)
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let place = Int.random(in: 0...other.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: other.insert("abc".randomElement(using: &random) ?? "a", at: place)
                case 1 where place < other.count: other.remove(at: place)
                case _ where place + 1 < other.count: other.swapAt(place, place + 1)
                default: break
                }
            }
            let known = String(other)
            let allowed = min(4, max(1, min(name.utf8.count, known.utf8.count) / 3))
            let isNear = distance(Array(name.utf8), Array(known.utf8)) <= allowed
            let isPart = name.utf8.count >= 4 && known.contains(name)
            #expect(Nearest.names(to: name, among: [known]).isEmpty == !(isNear || isPart), "\(name) \(known)")
            if isNear { near += 1 } else { far += 1 }
        }
        #expect(near > 1_000 && far > 1_000)
    }

    @Test func theNearestComesFirstAndCaseAndSeparatorsCountForNothing() {
        let known = ["page-create", "page-created", "page_delete", ""]
        #expect(Nearest.names(to: "PAGE_CREATE", among: known).first == "page-create")
        #expect(Nearest.names(to: "", among: known).isEmpty)
        #expect(Nearest.names(to: String(repeating: "a", count: 65), among: known).isEmpty)
    }
}

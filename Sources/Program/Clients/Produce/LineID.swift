internal import System

/// Ids for lines that have none: the same for a line in every run with one state file, so that the server knows an event that
/// an earlier run sent without learning what became of it.
struct LineID: RandomNumberGenerator {
    private var words: [UInt64]

    /// - Parameters:
    ///   - seed: the state file's own.
    ///   - line: counted from 1.
    private init(seed: UInt64, file: String, line: Int64) {
        let place = ProduceState.digest(Array(file.utf8)) &+ UInt64(bitPattern: line)
        // Two lines of a file differ in both words.
        words = [seed, ~seed].map { seed in
            var generator = SeededGenerator(seed: seed &+ place)
            return generator.next()
        }
    }

    mutating func next() -> UInt64 { words.popLast() ?? 0 }

    static func text(seed: UInt64, file: String, line: Int64) -> String {
        var source = LineID(seed: seed, file: file, line: line)
        return UUIDText.random(&source)
    }
}

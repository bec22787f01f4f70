public import System

extension SeededGenerator {
    /// At least 0 and less than `bound`.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// A text of these pieces and, now and then, of any byte: near enough to the grammar to get deep into a parser.
    public mutating func text(of pieces: [String], upTo length: Int) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            if Int.random(in: 0..<8, using: &self) == 0 {
                bytes.append(UInt8.random(in: 0...255, using: &self))
            } else {
                bytes.append(contentsOf: (pieces.randomElement(using: &self) ?? "").utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

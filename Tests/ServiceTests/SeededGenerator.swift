/// Random numbers that a seed repeats (splitmix64), so that a failure can be seen again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A text of these pieces and, now and then, of any byte: near enough to the grammar to get deep into a parser.
    mutating func text(of pieces: [String], upTo length: Int) -> String {
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

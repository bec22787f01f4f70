/// Random numbers that a seed repeats (SplitMix64), so that a failure can be seen again.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0 and less than `bound`.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

extension SeededGenerator {
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

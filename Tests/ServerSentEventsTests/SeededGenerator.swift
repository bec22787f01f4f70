/// SplitMix64: the same numbers for the same seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Up to `count` bytes, most of them such as have a meaning in an event stream.
    mutating func bytes(_ count: Int) -> [UInt8] {
        let meaningful = Array("\r\n\0: {}[]\",dataeventidretry\u{2028}é".utf8)
        return (0..<Int.random(in: 0...count, using: &self)).map { _ in
            Bool.random(using: &self)
                ? meaningful[Int.random(in: 0..<meaningful.count, using: &self)]
                : UInt8.random(in: 0...255, using: &self)
        }
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}

/// What `write` appends.
func written(_ write: (inout [UInt8]) throws -> Void) rethrows -> [UInt8] {
    var bytes: [UInt8] = []
    try write(&bytes)
    return bytes
}

internal import Glibc

/// The system's random numbers, taken 32 at a time: `SystemRandomNumberGenerator` makes a system call for each.
public struct SystemRandom: RandomNumberGenerator {
    private var words = InlineArray<32, UInt64>(repeating: 0)
    private var used = 32

    public init() {}

    public mutating func next() -> UInt64 {
        if used == words.count { fill() }
        used += 1
        return words[used - 1]
    }

    private mutating func fill() {
        var span = words.mutableSpan
        // 256 bytes are the most that one call gives; it fails for more, and on systems without random numbers.
        let code = unsafe span.withUnsafeMutableBytes { unsafe getentropy($0.baseAddress!, $0.count) }
        if code != 0 {
            var system = SystemRandomNumberGenerator()
            for index in words.indices { words[index] = system.next() }
        }
        used = 0
    }
}

/// `coefficient` times ten to the power of `exponent`, the coefficient below 10^18.
struct Divisor: Hashable, Sendable {
    var coefficient: UInt64
    var exponent: Int

    /// The rest of `value` times a power of ten, divided by the coefficient.
    func rest(of value: UInt64, timesTenToThe power: Int) -> UInt64 {
        var (rest, base, left) = (value % coefficient, 10 % coefficient, power)
        while left > 0 {
            if left & 1 == 1 { rest = product(rest, base) }
            base = product(base, base)
            left >>= 1
        }
        return rest
    }

    private func product(_ a: UInt64, _ b: UInt64) -> UInt64 {
        UInt64(truncatingIfNeeded: UInt128(a) * UInt128(b) % UInt128(coefficient))
    }
}

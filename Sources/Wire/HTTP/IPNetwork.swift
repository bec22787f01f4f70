internal import Bytes

/// A block of addresses, as `10.0.0.0/8` or `2001:db8::/32` (RFC 4632, RFC 4291, section 2.3); an address alone is a block of one.
public struct IPNetwork: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64
    private let highMask: UInt64
    private let lowMask: UInt64

    /// Nil for what isn't one, and for an address with bits beyond its prefix: one of the two is a mistake.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let isDotted = !first.contains(":")
        var length = 128
        if parts.count == 2 {
            let limit = isDotted ? 32 : 128
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ $0.decimalDigit != nil }),
                let value = Int(parts[1]), value <= limit
            else { return nil }
            length = value + (isDotted ? 96 : 0)
        }
        highMask = length >= 64 ? .max : length == 0 ? 0 : .max << (64 - UInt64(length))
        lowMask = length <= 64 ? 0 : .max << (128 - UInt64(length))
        guard address.high & ~highMask == 0, address.low & ~lowMask == 0 else { return nil }
        (high, low) = (address.high, address.low)
    }

    public func contains(_ address: IPAddress) -> Bool {
        address.high & highMask == high && address.low & lowMask == low
    }
}

internal import Bytes

/// An address of the internet protocol, version 4 or 6. An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291,
/// section 2.5.5.2) is the IPv4 address: a socket that takes both versions shows IPv4 peers so.
public struct IPAddress: Hashable, Sendable {
    /// The 128 bits of the IPv6 form, IPv4 addresses mapped.
    let high: UInt64
    let low: UInt64

    /// The 128 bits of the IPv6 form, the first byte in the highest.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public init(v4 bits: UInt32) { self.init(high: 0, low: Self.mapped | UInt64(bits)) }

    private static let mapped: UInt64 = 0xFFFF_0000_0000

    public var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Strict: four decimal numbers without leading zeros, or RFC 4291, section 2.2. No name is looked up, no zone, port,
    /// bracket or space is taken. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return nil }
        if bytes.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(bytes) else { return nil }
            self.init(
                high: groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) },
                low: groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            guard let bits = Self.v4(bytes[...]) else { return nil }
            self.init(v4: bits)
        }
    }

    private static func v4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            // "01" is octal to some readers and decimal to others.
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ $0.decimalDigit != nil }), let value = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bits = bits << 8 | UInt32(value)
        }
        return bits
    }

    /// The eight groups of an IPv6 text.
    private static func groups(_ bytes: [UInt8]) -> [UInt16]? {
        var halves: [[UInt16]] = [[]]
        var place = 0
        if bytes.starts(with: "::".utf8) {
            halves.append([])
            place = 2
        }
        while place < bytes.count {
            let end = bytes[place...].firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
            let part = bytes[place..<end]
            if part.contains(UInt8(ascii: ".")) {
                // An IPv4 address may stand for the last two groups.
                guard end == bytes.count, let bits = v4(part) else { return nil }
                halves[halves.count - 1] += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy({ $0.decimalDigit != nil || $0.isLetter }),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                halves[halves.count - 1].append(group)
            }
            guard end < bytes.count else { break }
            place = end + 1
            if place < bytes.count, bytes[place] == UInt8(ascii: ":") {
                guard halves.count == 1 else { return nil }
                halves.append([])
                place += 1
            } else if place == bytes.count {
                return nil
            }
        }
        let given = halves.reduce(0) { $0 + $1.count }
        guard halves.count == 1 ? given == 8 : given <= 7, let first = halves.first, let last = halves.last else {
            return nil
        }
        return halves.count == 1 ? first : first + Array(repeating: 0, count: 8 - given) + last
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted for IPv4; for IPv6 the form of RFC 5952.
    public var description: String {
        if isV4 {
            let bits = UInt32(truncatingIfNeeded: low)
            return [24, 16, 8, 0].map { String(bits >> $0 & 0xFF) }.joined(separator: ".")
        }
        let groups = [48, 32, 16, 0].map { high >> $0 & 0xFFFF } + [48, 32, 16, 0].map { low >> $0 & 0xFFFF }
        // The first of the longest runs of two zeros or more is left out.
        var longest = 0..<0
        var start = 0
        for place in 0...8 where place == 8 || groups[place] != 0 {
            if place - start > max(1, longest.count) { longest = start..<place }
            start = place + 1
        }
        func text(_ part: ArraySlice<UInt64>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        return longest.isEmpty
            ? text(groups[...]) : "\(text(groups[..<longest.lowerBound]))::\(text(groups[longest.upperBound...]))"
    }
}

internal import Bytes

/// What connections are counted by: an IPv4 address, or the /64 that an IPv6 address is in, since one subscriber has a
/// whole /64 (RFC 6177) and could use each address once; or, where it has shown a key, whoever the key was given to.
///
/// One word, because every connection keeps it to its end.
public struct AddressKey: Hashable, Sendable, CustomStringConvertible {
    /// The upper half of an IPv6 address. An IPv4 address stands below `ffff::/16` and a name below `fffe::/16`, which are
    /// multicast: no client's.
    private let word: UInt64

    private static let ipv4Mark: UInt64 = 0xFFFF << 48
    private static let nameMark: UInt64 = 0xFFFE << 48

    /// - Parameter v4: the address's four bytes, the first in the highest bits.
    public init(v4 bits: UInt32) { word = Self.ipv4Mark | UInt64(bits) }

    /// - Parameter network: the first eight bytes of an IPv6 address, the first in the highest bits.
    public init(network: UInt64) { word = network }

    /// - Parameter name: of somebody in particular. Names are told apart by 48 bits: two of a million are counted as one with a
    ///   chance of 1 in 560.
    public init(name: String) {
        // Folded to 48 bits.
        let hash = FNV.hash(name.utf8)
        word = Self.nameMark | (hash >> 48 ^ hash) & 0xFFFF_FFFF_FFFF
    }

    public init(_ address: IPAddress) {
        if address.isV4 {
            self.init(v4: UInt32(truncatingIfNeeded: address.low))
        } else {
            self.init(network: address.high)
        }
    }

    /// - Parameter hexadecimal: as `hexadecimal` gives it; anything else is nil.
    public init?(hexadecimal text: String) {
        guard text.utf8.count == 16, let word = UInt64(text, radix: 16), text.utf8.first != UInt8(ascii: "+") else {
            return nil
        }
        self.word = word
    }

    /// 16 digits, for other servers: each server makes the same of the same client.
    public var hexadecimal: String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// `192.0.2.1`, or the network as `2001:db8:1:2::/64`, or `key-` and a number of whoever has shown a key.
    public var description: String {
        if word >> 48 == 0xFFFE { return "key-" + String(word & 0xFFFF_FFFF_FFFF, radix: 16) }
        if word >> 48 == 0xFFFF { return IPAddress(v4: UInt32(truncatingIfNeeded: word)).description }
        return "\(IPAddress(high: word, low: 0))/64"
    }
}

/// What connections are counted by: an IPv4 address, or the /64 that an IPv6 address is in, since one subscriber has a
/// whole /64 (RFC 6177) and could use each address once.
public struct AddressKey: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    public init(_ address: IPAddress) {
        high = address.high
        low = address.isV4 ? address.low : 0
    }

    public var description: String {
        let address = IPAddress(high: high, low: low)
        return address.isV4 ? address.description : "\(address)/64"
    }
}

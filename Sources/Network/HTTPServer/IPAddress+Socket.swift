public import HTTP
public import Reactor

extension IPAddress {
    /// The address of a socket's end. It is asked for at each request, so that no text is made of it.
    public init(_ end: SocketAddress) {
        switch end.family {
        case .ipv4: self.init(v4: UInt32(end.high >> 32))
        case .ipv6: self.init(high: end.high, low: end.low)
        }
    }
}

internal import HTTP
internal import Reactor

extension AddressKey {
    /// What a connection from this address is counted by.
    init(_ peer: SocketAddress) {
        switch peer.family {
        case .ipv4: self.init(v4: UInt32(truncatingIfNeeded: peer.upperHalf >> 32))
        case .ipv6: self.init(network: peer.upperHalf)
        }
    }
}

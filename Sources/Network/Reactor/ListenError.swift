internal import Glibc

/// Why no connections can be accepted at an address.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    public let address: SocketAddress
    public let cause: SystemError

    public var description: String {
        switch cause.number {
        case EADDRINUSE:
            "Port \(address.port) of \(address.address) is in use by another process: stop that one or choose another "
                + "port."
        case EACCES:
            "Port \(address.port) needs a privilege (CAP_NET_BIND_SERVICE): choose a port from 1024 up, or have a "
                + "service manager hand over the socket."
        case EADDRNOTAVAIL:
            "\(address.address) is not an address of this host: choose one of its own, or 0.0.0.0 or :: for all of "
                + "them."
        default:
            "Cannot listen on \(address): \(cause)."
        }
    }
}

extension ListenError {
    /// The machine doesn't have this address, or none of its family.
    public var isAbsentHere: Bool { [EADDRNOTAVAIL, EAFNOSUPPORT].contains(cause.number) }
}

internal import CLinux
internal import Glibc

extension SocketAddress {
    /// The addresses of a host: of an address as text the address itself, else those that the system knows for the name, in
    /// its order. It may wait for the network, so it is for the start and never for a loop.
    ///
    /// - Throws: `HostNameError` where the system knows none.
    public static func addresses(of host: String, port: UInt16) throws(HostNameError) -> [SocketAddress] {
        if let address = SocketAddress(host, port: port) { return [address] }
        guard !host.isEmpty, !host.utf8.contains(0) else { throw HostNameError(host: host, reason: "it is no name") }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        // The name is a C string for the time of the call, which writes the list; it is freed below, after it was copied.
        let status = unsafe host.withCString { unsafe getaddrinfo($0, nil, &hints, &list) }
        guard status == 0 else {
            // The sentence is a constant of the library's.
            throw HostNameError(
                host: host, reason: unsafe gai_strerror(status).map { unsafe String(cString: $0) } ?? "")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry = unsafe list
        while let info = unsafe entry?.pointee {
            if let bytes = unsafe bytes(of: info), let address = SocketAddress(bytes: bytes, port: port),
                !addresses.contains(address)
            {
                addresses.append(address)
            }
            unsafe entry = info.ai_next
        }
        guard !addresses.isEmpty else { throw HostNameError(host: host, reason: "it has no internet address") }
        return addresses
    }

    /// In network order; nil for other families than IPv4 and IPv6.
    private static func bytes(of info: addrinfo) -> [UInt8]? {
        guard let pointer = unsafe info.ai_addr else { return nil }
        let raw = UnsafeRawPointer(pointer)
        // The family says which structure is there, and the list lives until the caller has the copy.
        switch unsafe info.ai_family {
        case AF_INET:
            var address = unsafe raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            return unsafe withUnsafeBytes(of: &address) { unsafe Array($0) }
        case AF_INET6:
            var address = unsafe raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return unsafe withUnsafeBytes(of: &address) { unsafe Array($0) }
        default: return nil
        }
    }
}

/// A host name that the system knows no address for.
public struct HostNameError: Error, Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let reason: String

    public var description: String {
        "\"\(host)\" is neither an IP address nor a name with one: \(reason); write 0.0.0.0, 127.0.0.1, :: or a name"
    }
}

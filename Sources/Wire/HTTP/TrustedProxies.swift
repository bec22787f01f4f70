internal import Bytes

/// Whom a connection is counted for (contract, section 8).
///
/// A header is a claim. It is believed only from a peer that is a configured proxy, and of a chain of proxies only so far
/// as each one that spoke is configured: anyone can send `X-Forwarded-For` with somebody else's address.
public struct TrustedProxies: Hashable, Sendable {
    public enum Header: String, CaseIterable, Hashable, Sendable {
        case clientIP = "x-client-ip"
        case forwardedFor = "x-forwarded-for"
        /// RFC 7239.
        case forwarded
    }

    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public var text: String

        public init(text: String) { self.text = text }

        public var description: String {
            "\"\(Excerpt.of(text))\" is no address and no block of addresses; write 10.0.0.0/8 or 2001:db8::/32, "
                + "with no bits set beyond the prefix"
        }
    }

    public let networks: [IPNetwork]
    /// What is believed, in this order. Name only what the proxies set or remove themselves: one that passes a client's own
    /// `X-Client-IP` on lets it choose its address.
    public let headers: [Header]

    public init(_ networks: [String] = [], headers: [Header] = Header.allCases) throws(Failure) {
        var parsed: [IPNetwork] = []
        for text in networks {
            guard let network = IPNetwork(text) else { throw Failure(text: text) }
            parsed.append(network)
        }
        self.networks = parsed
        self.headers = headers
    }

    public func isTrusted(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// The client's address.
    ///
    /// - Parameters:
    ///   - peer: of the socket.
    ///   - clientIP: `X-Client-IP`; several lines joined by commas, which is then no address and not believed.
    ///   - forwardedFor: `X-Forwarded-For`; several lines joined by commas in their order.
    ///   - forwarded: `Forwarded` (RFC 7239); several lines joined as well.
    public func client(
        peer: IPAddress, clientIP: String?, forwardedFor: String?, forwarded: String? = nil
    ) -> IPAddress {
        guard isTrusted(peer) else { return peer }
        for header in headers {
            switch header {
            case .clientIP:
                if let address = clientIP.flatMap({ Self.address($0[...]) }) { return address }
            case .forwarded:
                if let list = forwarded.map({ Forwarded.addresses($0) }),
                    let address = rightmostUntrusted(list, peer: peer)
                {
                    return address
                }
            case .forwardedFor:
                if let list = forwardedFor?.split(separator: ",").map({ Self.address($0) }),
                    let address = rightmostUntrusted(list, peer: peer)
                {
                    return address
                }
            }
        }
        return peer
    }

    /// From the right, past the configured proxies, to the first address that isn't one: the last claim made by somebody
    /// trusted. What isn't an address ends the walk at the proxy that wrote it down. Nil where nothing was written.
    ///
    /// - Parameter list: nil is what is no address.
    private func rightmostUntrusted(_ list: [IPAddress?], peer: IPAddress) -> IPAddress? {
        var nearest: IPAddress?
        for part in list.reversed() {
            guard let address = part else { return nearest ?? peer }
            nearest = address
            if !isTrusted(address) { break }
        }
        return nearest
    }

    /// An address with space around it, and perhaps a port behind it as some proxies write (`192.0.2.1:80`, `[::1]:80`).
    static func address(_ text: Substring) -> IPAddress? {
        let part = text.withoutSpaceAround
        if part.first == "[" {
            guard let end = part.firstIndex(of: "]") else { return nil }
            let inner = part[part.index(after: part.startIndex)..<end]
            let rest = part[part.index(after: end)...]
            guard inner.contains(":"), rest.isEmpty || rest.first == ":" && isPort(rest.dropFirst()) else { return nil }
            return IPAddress(inner)
        }
        if let colon = part.firstIndex(of: ":"), part.contains("."), part.lastIndex(of: ":") == colon,
            colon > part.startIndex
        {
            guard isPort(part[part.index(after: colon)...]) else { return nil }
            return IPAddress(part[..<colon])
        }
        return IPAddress(part)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { $0.decimalDigit != nil } && UInt16(text) != nil
    }
}

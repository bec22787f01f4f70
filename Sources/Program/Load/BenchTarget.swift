internal import Glibc
internal import HTTP2
internal import Reactor

/// Where a load's clients connect to, from where, and what they ask for.
struct BenchTarget: Hashable, Sendable {
    let address: SocketAddress
    /// The addresses that clients connect from in turn; empty: the kernel chooses.
    let sources: [SocketAddress]
    /// The bytes that each client sends over HTTP/1.1.
    let request: [UInt8]
    /// What each client asks over HTTP/2; nil: it is HTTP/1.1.
    let head: HTTP2RequestHead?
    /// `http://host:port`, or with `https`.
    let origin: String
    let host: String
    /// TLS is spoken, and any certificate believed.
    let isSecure: Bool
    /// With the query.
    let path: String

    /// An address has about 28,000 ports for connections to one place; this leaves room for other programs.
    private static let connectionsPerSource = 20_000

    /// - Throws: a sentence about what can't be used.
    init(_ options: BenchOptions) throws(BenchFailure) {
        guard let scheme = ["http://", "https://"].first(where: options.url.hasPrefix) else {
            throw BenchFailure("the URL must begin with http:// or https://, not as \(options.url)")
        }
        isSecure = scheme == "https://"
        let rest = options.url.dropFirst(scheme.count).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count)
        self.path = path.hasPrefix("/") ? String(path) : "/" + path
        let (host, port) = try Self.split(authority, defaultPort: isSecure ? 443 : 80)
        self.host = host
        address = try Self.resolve(host, port)
        sources = Self.sources(for: address, connections: options.connections)
        origin = "\(scheme)\(authority)"
        let headers = try Self.headers(options, path: self.path, authority: String(authority))
        request = Array((["GET \(self.path) HTTP/1.1"] + headers + ["", ""]).joined(separator: "\r\n").utf8)
        head =
            options.streamsPerConnection == nil
            ? nil
            : try HTTP2RequestHead(
                path: self.path, headers: headers, scheme: isSecure ? "https" : "http")
    }

    private static func split(
        _ authority: Substring, defaultPort: UInt16
    ) throws(BenchFailure) -> (host: String, port: UInt16) {
        var host = authority
        var port: UInt16? = defaultPort
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            port = UInt16(authority[authority.index(after: colon)...])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, let port, !host.contains("@") else {
            throw BenchFailure("\(authority) is no host and port, such as localhost:8092")
        }
        return (String(host), port)
    }

    private static func resolve(_ host: String, _ port: UInt16) throws(BenchFailure) -> SocketAddress {
        if let address = SocketAddress(host, port: port) { return address }
        // IPv4 first: on loopback it has many addresses to connect from.
        for family in [AF_INET, AF_INET6] {
            if let address = address(of: host, family).flatMap({ SocketAddress($0, port: port) }) { return address }
        }
        throw BenchFailure("\(host) has no address")
    }

    private static func address(of host: String, _ family: Int32) -> String? {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = family
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &list) == 0, let entry = unsafe list else { return nil }
        // Lifetime: the list is the library's until it is freed here; the text is written before the call returns.
        defer { unsafe freeaddrinfo(entry) }
        var text = [CChar](repeating: 0, count: 64)
        let result = unsafe getnameinfo(
            entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func sources(for address: SocketAddress, connections: Int) -> [SocketAddress] {
        guard address.family == .ipv4, address.bytes.first == 127 else { return [] }
        let count = min(max(1, (connections + connectionsPerSource - 1) / connectionsPerSource), 200)
        return (1...count).compactMap { SocketAddress(bytes: [127, 0, 0, UInt8($0)], port: 0) }
    }

    private static func headers(
        _ options: BenchOptions, path: String, authority: String
    ) throws(BenchFailure) -> [String] {
        var lines = ["Host: \(authority)", "Accept: text/event-stream", "User-Agent: eventstreams"]
        if options.gzip { lines.append("Accept-Encoding: gzip") }
        if let id = options.lastEventID { lines.append("Last-Event-ID: \(id)") }
        for header in options.headers {
            guard let colon = header.firstIndex(of: ":"), colon > header.startIndex else {
                throw BenchFailure("\(header) is no header; it needs a name, a colon and a value")
            }
            let name = header[..<colon].lowercased()
            lines.removeAll { $0.lowercased().hasPrefix("\(name):") }
            lines.append(header)
        }
        guard lines.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }), !path.contains(" ") else {
            throw BenchFailure("URL, id and headers have no control characters, and the URL no space")
        }
        return lines
    }
}

/// Why a load can't begin: a sentence.
struct BenchFailure: Error, Hashable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

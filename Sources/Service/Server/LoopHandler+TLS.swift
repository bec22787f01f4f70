internal import Endpoints
internal import HTTP
internal import HTTPServer

// From plain HTTP to HTTPS.
extension LoopHandler {
    /// The answer that sends a client to the TLS listener; nil: the request is answered where it came. Health is asked for by
    /// those who can't follow.
    func redirect(_ request: HTTPRequest) -> Answer? {
        guard state.options.redirectsToTLS, request.listener == Route.Listener.streams.rawValue,
            !["/healthz", "/readyz"].contains(request.path)
        else { return nil }
        guard let host = request.host else {
            return Problem.badRequest("Requests are answered over HTTPS. Name a host, or ask there.")
                .answer(.init(method: request.method, uri: request.target))
        }
        let port = state.options.redirectPort ?? Int(state.tlsPort)
        let query = request.query.map { "?" + $0 } ?? ""
        // 308 keeps the method and the body, which filters may stand in.
        return .redirect(status: 308, to: "https://\(Self.authority(host, port))\(request.path)\(query)")
    }

    /// - Parameter host: with a port or without.
    static func authority(_ host: String, _ port: Int) -> String {
        // Colons within brackets are an IPv6 address's.
        let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }) + "]" : String(host.prefix { $0 != ":" })
        return port == 443 ? name : "\(name):\(port)"
    }
}

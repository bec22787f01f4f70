package import HTTP

extension Headers {
    /// The stream's (contract, section 3). No length; nothing on the way may keep, change or gather it
    /// (`no-transform` for compressing proxies, `X-Accel-Buffering` for nginx).
    package static func stream(_ type: StreamMediaType, isGzip: Bool = false) -> Headers {
        isGzip ? make(type, isGzip: true) : plain[type] ?? make(type, isGzip: false)
    }

    private static let plain = Dictionary(
        uniqueKeysWithValues: StreamMediaType.allCases.map { ($0, make($0, isGzip: false)) })

    private static func make(_ type: StreamMediaType, isGzip: Bool) -> Headers {
        var headers = Headers([
            Field("Content-Type", type.contentType),
            Field("Cache-Control", "no-cache, no-store, no-transform"),
            Field("X-Accel-Buffering", "no"),
            Field("Vary", "Accept-Encoding"),
        ])
        if isGzip { headers.add("Content-Encoding", "gzip") }
        return headers + common
    }

    /// What a client may have at once, and what is left of it (draft-ietf-httpapi-ratelimit-headers-10).
    ///
    /// - Parameter policy: whose limit it is: letters, digits, "-" and "_".
    package static func rateLimit(policy: String, limit: Int, rest: Int) -> Headers {
        Headers([
            Field("RateLimit-Policy", "\"\(policy)\";q=\(limit);qu=\"concurrent-requests\""),
            Field("RateLimit", "\"\(policy)\";r=\(max(0, rest))"),
        ])
    }
}

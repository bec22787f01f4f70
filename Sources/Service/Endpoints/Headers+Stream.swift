package import HTTP

extension Headers {
    /// The stream's (contract, section 3). No length; nothing on the way may keep, change or gather it
    /// (`no-transform` for compressing proxies, `X-Accel-Buffering` for nginx).
    package static func stream(_ type: StreamMediaType, isGzip: Bool = false) -> Headers {
        var headers = Headers([
            Field("Content-Type", type.contentType),
            Field("Cache-Control", "no-cache, no-store, no-transform"),
            Field("X-Accel-Buffering", "no"),
            Field("Vary", "Accept-Encoding"),
        ])
        if isGzip { headers.add("Content-Encoding", "gzip") }
        return headers + common
    }
}

/// What people write for an address, as a URL.
package enum ServerAddress {
    /// - Parameters:
    ///   - text: a URL; one without its scheme, such as `localhost:8092/v2/stream/recentchange`, which is http; or names of
    ///     streams with commas between them, which are asked of `server`.
    ///   - server: a URL without a path, such as `http://127.0.0.1:8092`.
    package static func stream(_ text: String, at server: String) -> String {
        let isName = !text.isEmpty && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }
        return isName ? "\(server)/v2/stream/\(text)" : url(text)
    }

    /// - Parameter text: a URL, or one without its scheme, which is http.
    package static func url(_ text: String) -> String {
        text.isEmpty || text.contains("://") ? text : "http://\(text)"
    }
}

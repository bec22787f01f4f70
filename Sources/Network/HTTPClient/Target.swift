internal import CCurl

/// Whom a URL names, for messages and for what depends on it.
struct Target: Sendable {
    let host: String
    let port: Int

    /// - Throws: at anything that isn't an absolute http or https URL.
    init(_ url: String) throws(HTTPClientError) {
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw .invalidURL(url, reason: "it has a space or a control character in it")
        }
        guard let handle = unsafe curl_url() else {
            throw .failed(code: Int(CURLE_OUT_OF_MEMORY.rawValue), reason: "no memory")
        }
        defer { unsafe curl_url_cleanup(handle) }
        let code = unsafe curl_url_set(handle, CURLUPART_URL, url, 0)
        guard code == CURLUE_OK else {
            throw unsafe .invalidURL(url, reason: String(cString: curl_url_strerror(code)).lowercased())
        }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            // Lifetime: libcurl gives a copy, which is read and freed here.
            var text: UnsafeMutablePointer<CChar>?
            guard unsafe curl_url_get(handle, part, &text, UInt32(bitPattern: flags)) == CURLUE_OK,
                let found = unsafe text
            else { return nil }
            defer { unsafe curl_free(found) }
            return unsafe String(cString: found)
        }
        guard let scheme = part(CURLUPART_SCHEME), scheme == "http" || scheme == "https" else {
            throw .invalidURL(url, reason: "only http and https can be used")
        }
        host = part(CURLUPART_HOST) ?? ""
        port = Int(part(CURLUPART_PORT, CURLU_DEFAULT_PORT) ?? "") ?? 0
    }

    /// A proxy from the environment has no way to this host.
    var isLoopback: Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }
}

internal import Time

/// A time as OpenSSL prints it: `Nov 27 21:06:20 2026 GMT`.
enum CertificateDate {
    /// Unix seconds; nil for any other text.
    static func parse(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 5, parts[4] == "GMT", parts[1].utf8.count <= 2, let day = Int(parts[1]) else { return nil }
        // As an HTTP date, whose day's name may be left out.
        return HTTPDate.parse("\(day) \(parts[0]) \(parts[3]) \(parts[2]) GMT").map { $0 / 1000 }
    }
}

/// The parts of a request's target (RFC 9112, section 3.2). Only the forms a server that is no proxy needs: origin,
/// absolute, and the asterisk of `OPTIONS`.
struct RequestTarget {
    var path: String
    var query: String?
    /// The authority of an absolute target.
    var host: String?

    init(path: String, query: String? = nil) {
        self.path = path
        self.query = query
    }

    /// The parts, or nil when the target has none of the forms. Its bytes are known to be printable ASCII without `#`.
    init?(_ target: String, method: String) {
        if target.utf8.first == UInt8(ascii: "/") {
            (path, query) = Self.split(target[...])
        } else if target == "*" {
            guard method == "OPTIONS" else { return nil }
            path = target
        } else {
            guard let rest = Self.afterScheme(target) else { return nil }
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            guard Grammar.isHost(ArraySlice(authority.utf8)) else { return nil }
            (path, query) = Self.split(rest[authority.endIndex...])
            if path.isEmpty { path = "/" }
            host = String(authority)
        }
    }

    static func split(_ target: Substring) -> (path: String, query: String?) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (String(target), nil) }
        return (String(target[..<mark]), String(target[target.utf8.index(after: mark)...]))
    }

    private static func afterScheme(_ target: String) -> Substring? {
        for scheme in ["http://", "https://"]
        where equalsIgnoringCase(target.utf8.prefix(scheme.utf8.count), scheme) {
            return target.dropFirst(scheme.count)
        }
        return nil
    }
}

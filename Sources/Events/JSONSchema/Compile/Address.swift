/// Addresses of schemas: RFC 3986, as far as references need it.
struct Address: Hashable, Sendable {
    /// Without the fragment.
    var base: String
    /// Without the `#`; nil where there is none.
    var fragment: String?

    init(_ text: String) {
        if let mark = text.firstIndex(of: "#") {
            base = String(text[..<mark])
            fragment = String(text[text.index(after: mark)...])
        } else {
            base = text
            fragment = nil
        }
    }

    /// A reference as it is meant where the base is this: RFC 3986, section 5.2.
    ///
    /// - Parameter base: an address without a fragment; it may be relative itself.
    init(_ reference: String, base: String) {
        let reference = Address(reference)
        fragment = reference.fragment
        self.base = Self.resolve(reference.base, base)
    }

    private static func resolve(_ reference: String, _ base: String) -> String {
        guard !reference.isEmpty else { return base }
        if scheme(reference) != nil { return reference }
        let scheme = scheme(base)
        var rest = base[...]
        if let scheme { rest = rest.dropFirst(scheme.count + 1) }
        let prefix = scheme.map { "\($0):" } ?? ""
        if reference.hasPrefix("//") { return prefix + reference }
        var authority = ""
        if rest.hasPrefix("//") {
            let end = rest.dropFirst(2).firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        let path = rest.prefix { $0 != "?" }
        if reference.hasPrefix("?") { return prefix + authority + path + reference }
        let query = reference.firstIndex(of: "?") ?? reference.endIndex
        var target = String(reference[..<query])
        if !target.hasPrefix("/") {
            let folder = path.lastIndex(of: "/").map { path[...$0] } ?? (authority.isEmpty ? "" : "/")
            target = folder + target
        }
        return prefix + authority + withoutDots(target) + reference[query...]
    }

    private static func scheme(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        return AddressFormat.schemeEnd(bytes.span).map { String(decoding: bytes[..<$0], as: UTF8.self) }
    }

    /// RFC 3986, section 5.2.4.
    private static func withoutDots(_ path: String) -> String {
        guard path.contains(".") else { return path }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for (number, part) in parts.enumerated() {
            let isLast = number == parts.count - 1
            switch part {
            case ".": if isLast { kept.append("") }
            case "..":
                if kept.count > 1 || kept.first.map({ !$0.isEmpty }) == true { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(part)
            }
        }
        return kept.joined(separator: "/")
    }
}

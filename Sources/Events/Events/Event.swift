public import JSON

/// A record whose value is a JSON object, scanned: its bytes and an index of its members' places.
public struct Event: Sendable {
    /// The object. Its bytes may stand among others.
    public let document: JSONDocument

    /// The most levels of objects and arrays in an event. Readers in common languages take as many, or can be made to.
    public static let maximumDepth = 512

    /// Nil where the text is something else than an object.
    public init?(_ document: JSONDocument) {
        guard document.kind(of: document.root) == .object else { return nil }
        self.document = document
    }

    /// The values of all members named `meta`: one, where nobody means to confuse readers.
    public var metas: [JSONDocument.Index] {
        var metas: [JSONDocument.Index] = []
        document.forEachMember(of: document.root) { name, _ in
            if document.isName(name, "meta") { metas.append(name + 1) }
        }
        return metas
    }

    /// Whether it only shows that a stream is alive: `meta.domain` is `canary`.
    public var isCanary: Bool { isCanary(metas) }

    /// The same, of an event whose `metas` are known.
    public func isCanary(_ metas: [JSONDocument.Index]) -> Bool {
        guard let meta = metas.last, let domain = document.member("domain", of: meta) else { return false }
        return document.isString(domain, "canary")
    }
}

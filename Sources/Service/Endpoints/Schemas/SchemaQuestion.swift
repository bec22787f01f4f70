internal import HTTP
package import Schemas

/// What is asked for below `/schemas/`, and in which form.
package enum SchemaQuestion: Hashable, Sendable {
    /// A folder of titles or versions, its path without slashes at its ends.
    case folder(String, View)
    /// A schema as a file, in the form that is asked for.
    case file(SchemaName, SchemaForm)
    /// A schema as a page to read.
    case page(SchemaName)

    package enum View: Hashable, Sendable { case page, json }

    /// - Parameters:
    ///   - path: behind `/schemas/`, as the request has it.
    ///   - accept: the header's lines, joined by commas; nil: there is none.
    /// - Returns: nil where it can't be the path of anything here.
    package init?(path: String, accept header: String?) {
        let accept = header.map { Accept($0) }
        if let name = SchemaName(path), name.number != nil || ["latest", "current"].contains(name.version) {
            if let form = name.form {
                self = .file(name, form)
            } else {
                switch Self.choose(Self.schemaOffers, accept) ?? .yaml {
                case .page: self = .page(name)
                case .json: self = .file(name, .json)
                case .yaml: self = .file(name, .yaml)
                }
            }
            return
        }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        guard folder.isEmpty || SchemaName.isTitle(folder) else { return nil }
        self = .folder(folder, Self.choose(Self.folderOffers, accept) == .page ? .page : .json)
    }

    private enum Form: Hashable { case yaml, json, page }

    private typealias Offer = (type: String, subtype: String, form: Form)

    /// The first counts where a client has no preference.
    private static let schemaOffers: [Offer] = [
        ("application", "yaml", .yaml), ("application", "x-yaml", .yaml), ("text", "yaml", .yaml),
        ("text", "x-yaml", .yaml),
        ("application", "json", .json), ("application", "schema+json", .json), ("text", "html", .page),
    ]
    private static let folderOffers: [Offer] = [("application", "json", .json), ("text", "html", .page)]

    /// Nil: whatever is usual.
    private static func choose(_ offers: [Offer], _ accept: Accept?) -> Form? {
        guard let accept else { return nil }
        var best: (form: Form, preference: Accept.Preference)?
        for offer in offers {
            guard let own = accept.preference(for: offer.type, offer.subtype), own.quality > 0 else { continue }
            if let other = best?.preference,
                (own.quality, own.specificity) <= (other.quality, other.specificity)
            {
                continue
            }
            best = (offer.form, own)
        }
        return best?.form
    }
}

internal import Bytes
package import Catalogue
package import HTTP
internal import JSON
package import SchemaLibrary
package import Schemas

/// Makes what is served below `/schemas/`, and keeps it for the next who asks. It works beside the loops: a page of a large
/// schema takes milliseconds.
package actor SchemaRenderer {
    private var made: [SchemaQuestion: Document] = [:]
    /// What they were made from.
    private var versions: (shelf: Int, catalogue: Int) = (0, 0)

    /// Documents that are kept.
    private static let limit = 1_000

    package init() {}

    /// Nil: there is no such folder or schema.
    ///
    /// - Parameter version: grows with each change of the catalogue.
    package func document(
        _ question: SchemaQuestion, _ shelf: SchemaShelf, _ catalogue: StreamCatalogue, version: Int
    ) throws(SchemaError) -> Document? {
        if versions != (shelf.version, version) || made.count >= Self.limit {
            versions = (shelf.version, version)
            made = [:]
        }
        if let document = made[question] { return document }
        let document = try Self.make(question, shelf, catalogue)
        made[question] = document
        return document
    }

    private static func make(
        _ question: SchemaQuestion, _ shelf: SchemaShelf, _ catalogue: StreamCatalogue
    ) throws(SchemaError) -> Document? {
        func streams(of title: String) -> [PublicStream] { catalogue.streams.filter { $0.schemaTitle == title } }
        switch question {
        case .folder(let path, let view):
            guard let names = shelf.names(in: path) else { return nil }
            let versions = try shelf.documents.versions(of: path)
            guard view == .page else { return listing(names, hasVersions: !versions.isEmpty) }
            return SchemaPage.folder(path, names: names, versions: versions, streams: streams(of: path))
        case .file(let name, let form):
            return try file(name, form, shelf)
        case .page(let name):
            guard try shelf.documents.file(name) != nil else { return nil }
            let schema = try MaterializedSchema.dereferenced(try shelf.documents.document(name), in: shelf.documents)
            let versions = try shelf.documents.versions(of: name.title)
            return SchemaPage.schema(name, schema, versions: versions, streams: streams(of: name.title))
        }
    }

    /// The file as it is where it has the form that is asked for, else its value in that form.
    private static func file(_ name: SchemaName, _ form: SchemaForm, _ shelf: SchemaShelf) throws(SchemaError)
        -> Document?
    {
        let asked = SchemaName(title: name.title, version: name.version, form: form)
        let any = SchemaName(title: name.title, version: name.version)
        let bytes: [UInt8]
        if let file = try shelf.documents.file(asked) {
            bytes = file.bytes
        } else if try shelf.documents.file(any) != nil {
            bytes = MaterializedSchema.text(of: try shelf.documents.document(any).value, form)
        } else {
            return nil
        }
        var headers = [Headers.Field("Cache-Control", name.number != nil ? immutable : "public, max-age=60")]
        if name.form == nil { headers.append(.init("Vary", "Accept")) }
        return Document(type: "\(form.mediaType); charset=utf-8", body: bytes, headers: headers)
    }

    /// A version never changes.
    private static let immutable = "public, max-age=31536000, immutable"

    /// In the form that nginx lists directories in.
    private static func listing(_ names: [String], hasVersions: Bool) -> Document {
        let entries = names + (hasVersions ? ["latest"] : [])
        let value = JSONValue.array(
            entries.sorted().map { name in
                let isFolder = name.hasSuffix("/")
                return [
                    "name": .string(isFolder ? String(name.dropLast()) : name), "type": isFolder ? "directory" : "file",
                ]
            })
        return Document(
            type: "application/json; charset=utf-8", body: value.bytes + [0x0A], headers: [.init("Vary", "Accept")])
    }
}

extension Problem {
    /// Nothing is below `/schemas/` at this path.
    package static func noSchema(_ path: String, titles: [String]) -> Problem {
        let title = path.split(separator: "/").dropLast().joined(separator: "/")
        let near = Nearest.names(to: title.isEmpty ? path : title, among: titles)
        let hint = near.isEmpty ? "" : " Nearest: \(Excerpt.list(near))."
        return Problem(.notFound, "There is no schema at \(Excerpt.of(path)).\(hint) /schemas/ lists all.")
    }
}

package import Catalogue
package import JSON
package import SchemaLibrary
internal import Schemas

/// The newest schemas of the streams of a catalogue, as far as they are in memory, in the form in which documents of the
/// service hold them.
package struct StreamSchemas: Sendable {
    package struct Schema: Sendable {
        /// Its name among the document's components (`ComponentNames`).
        package var key: String
        /// Without `$schema` and `$id`, which mean something else inside another document, and without its examples.
        package var value: JSONValue
        package var examples: [JSONValue]
    }

    /// By title.
    private var schemas: [String: Schema] = [:]

    /// Schemas of all streams together, as text. Bytes. Streams whose schema comes beyond it have events of any form.
    private static let limit = 4 << 20

    package init(_ catalogue: StreamCatalogue, _ shelf: SchemaShelf) {
        var left = Self.limit
        var names = ComponentNames(besides: ["problem"])
        for title in Set(catalogue.streams.compactMap(\.schemaTitle)).sorted() {
            guard SchemaName.isTitle(title), let schema = Self.newest(title, shelf),
                case .object(let members) = schema
            else { continue }
            let outer = ["$schema", "$id", "examples"]
            var value = JSONValue.object(members.filter { !outer.contains($0.name) })
            if let name = schema["$id"] { value = value.setting("x-schema-uri", name) }
            let size = value.bytes.count
            guard size <= left else { continue }
            left -= size
            schemas[title] = Schema(
                key: names.name(for: title), value: value,
                examples: (schema["examples"]?.array ?? []).filter { if case .object = $0 { true } else { false } })
        }
    }

    /// Nil where there is none, or it can't be used: streams are there all the same.
    private static func newest(_ title: String, _ shelf: SchemaShelf) -> JSONValue? {
        let name = SchemaName(title: title, version: "latest")
        guard let document = try? shelf.documents.document(name) else { return nil }
        return try? MaterializedSchema.dereferenced(document, in: shelf.documents)
    }

    package subscript(_ stream: PublicStream) -> Schema? { stream.schemaTitle.flatMap { schemas[$0] } }

    /// Members of the document's components, sorted.
    package var components: [JSONValue.Member] {
        schemas.values.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
    }

    /// What refers to the schema of a stream's events; events of any form where there is none.
    func reference(_ stream: PublicStream) -> JSONValue {
        self[stream].map { ["$ref": .string("#/components/schemas/\($0.key)")] } ?? ["type": "object"]
    }
}

/// Names of a document's components, which may have letters, digits, `_` and `-` only. Different texts get different names.
struct ComponentNames {
    private var taken: Set<String> = []

    init(besides taken: Set<String> = []) { self.taken = taken }

    mutating func name(for text: String) -> String {
        let plain = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
        var name = plain
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(plain)_\(number)"
            number += 1
        }
        return name
    }
}

package import JSON
internal import YAML

/// How schemas are materialised; as `.jsonschema-tools.yaml` sets it.
package struct MaterializingOptions: Hashable, Sendable {
    /// Give whole and other numbers the bounds that doubles are exact in, where they have none (`enforcedNumericBounds`).
    package var enforcesNumericBounds = true
    /// Make an example where a schema has none (`shouldGenerateExample`).
    package var generatesExample = true
    /// Put in what `$ref` refers to and merge `allOf` (`shouldDereference`).
    package var dereferences = true

    package init() {}
}

/// A schema ready to be used by itself: what it refers to is put in, `allOf` merged, numbers bounded, an example there, and
/// members in the order that repositories have.
package struct MaterializedSchema: Hashable, Sendable {
    package let value: JSONValue
    /// By the last part of `$id`; nil where that has none.
    package var version: SemanticVersion? {
        value["$id"]?.string.flatMap { $0.split(separator: "/").last }.flatMap { SemanticVersion($0) }
    }

    /// - Parameter documents: where what it refers to is found.
    package init(
        _ document: SchemaDocument, in documents: some SchemaDocuments, options: MaterializingOptions = .init()
    ) throws(SchemaError) {
        var value = document.value
        if options.dereferences { value = try Self.dereferenced(document, in: documents) }
        if options.enforcesNumericBounds { value = SchemaBounds.enforced(in: value) }
        if options.generatesExample, document.value["examples"] == nil {
            value = value.setting("examples", [ExampleMaker.example(of: value)])
        }
        self.value = SchemaOrder.sorted(value)
    }

    /// What it refers to put in, and `allOf` merged; all else as it is written.
    package static func dereferenced(
        _ document: SchemaDocument, in documents: some SchemaDocuments
    ) throws(SchemaError) -> JSONValue {
        var references = Dereferencing(documents)
        var merging = Merging(document: document.path)
        return try merging.merged(try references.resolved(document))
    }

    /// The text of its file.
    package func text(_ form: SchemaForm) -> [UInt8] { Self.text(of: value, form) }

    package static func text(of value: JSONValue, _ form: SchemaForm) -> [UInt8] {
        switch form {
        case .yaml: Array(YAMLWriter.text(of: value).utf8)
        case .json: value.indentedBytes
        }
    }
}

extension JSONValue {
    func without(_ name: String) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.name != name })
    }
}

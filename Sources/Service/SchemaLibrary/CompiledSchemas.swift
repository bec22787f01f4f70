internal import Bytes
internal import JSON
package import JSONSchema
internal import Schemas
internal import Synchronization

/// The schemas of a library, compiled when an event first names them, and kept until the library changes.
package final class CompiledSchemas: SchemaSource {
    private let library: SchemaLibrary
    private let options: SchemaOptions
    private let shelf = Mutex(Shelf())

    private struct Shelf {
        /// The library's version that the schemas are of.
        var version = -1
        /// By the address that an event has. A schema that can't be used is remembered too.
        var schemas: [String: Result<CompiledSchema, JSONSchema.SchemaError>] = [:]
    }

    /// Schemas that are kept; an event may name any.
    private static let limit = 5_000

    package init(_ library: SchemaLibrary, options: SchemaOptions = SchemaOptions()) {
        self.library = library
        self.options = options
    }

    package func knownSchema(at uri: String) -> CompiledSchema? { try? known(uri)?.get() }

    package func schema(at uri: String) async throws(JSONSchema.SchemaError) -> CompiledSchema {
        if let known = known(uri) { return try known.get() }
        guard let name = name(uri) else {
            throw JSONSchema.SchemaError(
                .notFound,
                "\(Excerpt.of(uri, limit: 200)) is no address of a schema, such as /mediawiki/recentchange/1.0.0.")
        }
        let version = library.version
        let tree: JSONValue
        do throws(Schemas.SchemaError) { tree = try await library.schema(name) } catch {
            throw JSONSchema.SchemaError(error)
        }
        let result = compile(tree, name.identifier)
        shelf.withLock { shelf in
            // What was fetched meanwhile has made a new version of the library; then it is compiled once more.
            guard library.version == version else { return }
            if shelf.version != version || shelf.schemas.count >= Self.limit { shelf = Shelf(version: version) }
            shelf.schemas[uri] = result
        }
        return try result.get()
    }

    private func known(_ uri: String) -> Result<CompiledSchema, JSONSchema.SchemaError>? {
        let version = library.version
        return shelf.withLock { $0.version == version ? $0.schemas[uri] : nil }
    }

    private func compile(
        _ tree: JSONValue, _ identifier: String
    ) -> Result<CompiledSchema, JSONSchema.SchemaError> {
        do throws(JSONSchema.SchemaError) {
            return .success(try CompiledSchema(tree, at: identifier, options: options))
        } catch {
            return .failure(error)
        }
    }

    /// The name that an address means: below the repositories, or whole, where it is one of theirs.
    private func name(_ uri: String) -> SchemaName? {
        guard uri.contains("://") else { return SchemaName(uri) }
        for address in library.addresses where uri.hasPrefix(address) {
            let rest = uri.dropFirst(address.count)
            guard address.hasSuffix("/") || rest.hasPrefix("/") else { continue }
            return SchemaName(rest)
        }
        return nil
    }
}

extension JSONSchema.SchemaError {
    fileprivate init(_ error: Schemas.SchemaError) {
        let reason: Reason =
            switch error.kind {
            case .notFound: .notFound
            case .unreadable: .unavailable
            case .tooLarge: .tooLarge
            case .cycle, .conflict, .invalid: .invalid
            }
        self.init(reason, "\(error).")
    }
}

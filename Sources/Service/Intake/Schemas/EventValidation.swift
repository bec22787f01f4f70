internal import Bytes
internal import EventLog
internal import Events
internal import JSON
package import JSONSchema

/// Holds the events of a request against their schemas before they are stored: the schema that an event names in `$schema`
/// must be there, be of the title that its stream has (`schema_title`), and the event must follow it. What the schema
/// says of missing members is filled in.
package struct EventValidation: Sendable {
    private let source: any SchemaSource
    /// Whether a stream without a `schema_title` takes nothing; else it takes events as they are.
    private let requiresSchema: Bool
    /// Returns when a request has waited long enough for schemas.
    private let patience: @Sendable () async -> Void

    /// Schemas that one request may name.
    package static let schemaLimit = 100
    /// Bytes of an address of a schema.
    package static let addressBytes = 1024

    package init(
        _ source: any SchemaSource, requiresSchema: Bool = false,
        patience: @escaping @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(5)) }
    ) {
        self.source = source
        self.requiresSchema = requiresSchema
        self.patience = patience
    }

    /// Schemas by their addresses, as far as they are needed.
    typealias Found = [String: Result<CompiledSchema, SchemaError>]

    // MARK: Schemas

    /// The schemas that the events of a request name.
    nonisolated(nonsending) func schemas(for request: IntakeRequest) async -> Found {
        var found: Found = [:]
        var missing: [String] = []
        var last: String?
        for event in request.accepted where event.schemaTitle != nil {
            let document = event.document
            guard let value = document.member("$schema", of: document.root) else { continue }
            if let last, document.isText(value, last) { continue }
            guard let address = document.string(value), address.utf8.count <= Self.addressBytes else { continue }
            last = address
            guard found[address] == nil, !missing.contains(address) else { continue }
            if let known = source.knownSchema(at: address) {
                found[address] = .success(known)
            } else if missing.count < Self.schemaLimit {
                missing.append(address)
            }
        }
        guard !missing.isEmpty else { return found }
        for (address, schema) in await load(missing) { found[address] = schema }
        return found
    }

    /// Loads schemas at the same time. One that its source keeps waiting for is given up.
    private nonisolated(nonsending) func load(_ addresses: [String]) async -> Found {
        let race = LoadingRace(addresses)
        let source = source
        for address in addresses {
            Task {
                do throws(SchemaError) {
                    let schema = try await source.schema(at: address)
                    race.end(address, .success(schema))
                } catch {
                    race.end(address, .failure(error))
                }
            }
        }
        let timer = Task { [patience] in
            await patience()
            race.giveUp()
        }
        let found = await race.result
        timer.cancel()
        return found
    }

    // MARK: Events

    /// Looks at each accepted event; those that are wrong are refused.
    func check(_ request: inout IntakeRequest, _ schemas: Found, facts: IntakeFacts, limits: IntakeLimits) {
        let headerFields = HeaderFields(field: facts.field)
        var validator = SchemaValidator()
        var last: (address: String, schema: CompiledSchema)?
        request.review { (event: inout IntakeRequest.Accepted) throws(IntakeError) in
            guard let title = event.schemaTitle else {
                if requiresSchema {
                    throw .invalidEvent(
                        "The stream \(event.stream) has no schema_title, and events are taken only where there is one.")
                }
                return
            }
            let document = event.document
            let schema: CompiledSchema
            if let value = document.member("$schema", of: document.root), let last, document.isText(value, last.address)
            {
                schema = last.schema
            } else {
                let (address, found) = try Self.schema(of: document, schemas)
                schema = found
                last = (address, found)
            }
            guard schema.title == title else {
                throw .invalidEvent(
                    "Events of the stream \(event.stream) have a schema titled \(title); this one is of \(Excerpt.of(schema.title ?? "one without a title"))."
                )
            }
            if !event.headerFields.isEmpty,
                let bytes = headerFields.added(to: document, event.headerFields, by: schema)
            {
                try event.replace(bytes, limits)
            }
            switch validator.check(event.document, by: schema, depth: IntakeBody.depth) {
            case .valid: break
            case .invalid(let errors): throw .violation(errors)
            case .filled(let bytes): try event.replace(bytes, limits)
            }
        }
    }

    private static func schema(
        of document: JSONDocument, _ schemas: Found
    ) throws(IntakeError) -> (address: String, schema: CompiledSchema) {
        guard let value = document.member("$schema", of: document.root) else {
            throw .invalidEvent(
                "The event has no $schema: name the schema it follows, such as /mediawiki/recentchange/1.0.0.")
        }
        guard let address = document.string(value), address.utf8.count <= addressBytes else {
            throw .invalidEvent("$schema must be a string of at most \(addressBytes) bytes.")
        }
        switch schemas[address] {
        case .success(let schema)?: return (address, schema)
        case .failure(let error)?:
            let detail = "Failed loading schema at \(Excerpt.of(address, limit: 200)): \(error)"
            throw error.reason == .unavailable ? .unavailable(detail) : .invalidEvent(detail)
        case nil:
            throw .invalidEvent(
                "A request may name \(schemaLimit) schemas that are not known yet; send fewer at a time.")
        }
    }
}

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

    /// Schemas by their addresses.
    typealias Found = [String: Result<CompiledSchema, SchemaError>]

    /// The schemas that the events of a request name.
    struct Named {
        /// The `$schema` of an event.
        enum Name {
            case missing
            /// It is no string, or too long.
            case unusable
            /// The place of its address.
            case address(Int)
        }

        /// Of each accepted event, in their order.
        fileprivate var names: [Name] = []
        fileprivate var addresses: [String] = []
        fileprivate var found: Found = [:]
    }

    // MARK: Schemas

    nonisolated(nonsending) func schemas(for request: IntakeRequest) async -> Named {
        var named = Named()
        named.names.reserveCapacity(request.accepted.count)
        var places: [String: Int] = [:]
        // Neighbouring events mostly name the same.
        var last = 0
        for place in request.accepted.indices {
            let document = request.accepted[place].document
            guard request.accepted[place].schemaTitle != nil,
                let value = document.member("$schema", of: document.root)
            else {
                named.names.append(.missing)
                continue
            }
            if last < named.addresses.count, document.isText(value, named.addresses[last]) {
                named.names.append(.address(last))
                continue
            }
            guard let address = document.string(value), address.utf8.count <= Self.addressBytes else {
                named.names.append(.unusable)
                continue
            }
            last = places[address] ?? named.addresses.count
            if last == named.addresses.count {
                places[address] = last
                named.addresses.append(address)
            }
            named.names.append(.address(last))
        }
        var missing: [String] = []
        for address in named.addresses {
            if let known = source.knownSchema(at: address) {
                named.found[address] = .success(known)
            } else if missing.count < Self.schemaLimit {
                missing.append(address)
            }
        }
        guard !missing.isEmpty else { return named }
        for (address, schema) in await load(missing) { named.found[address] = schema }
        return named
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
    ///
    /// - Parameter schemas: of the request.
    func check(_ request: inout IntakeRequest, _ schemas: Named, facts: IntakeFacts, limits: IntakeLimits) {
        var headerFields = HeaderFields(field: facts.field)
        var validator = SchemaValidator()
        var last: (place: Int, schema: CompiledSchema)?
        var number = 0
        request.review { (event: inout IntakeRequest.Accepted) throws(IntakeError) in
            let name = schemas.names[number]
            number += 1
            guard let title = event.schemaTitle else {
                if requiresSchema {
                    throw .invalidEvent(
                        "The stream \(event.stream) has no schema_title, and events are taken only where there is one.")
                }
                return
            }
            let schema: CompiledSchema
            if case .address(let place) = name, let last, last.place == place {
                schema = last.schema
            } else {
                let (place, found) = try Self.schema(name, schemas)
                schema = found
                last = (place, found)
            }
            guard schema.title == title else {
                throw .invalidEvent(
                    "Events of the stream \(event.stream) have a schema titled \(title); this one is of \(Excerpt.of(schema.title ?? "one without a title"))."
                )
            }
            if headerFields.hasAny(of: event.headerFields),
                let bytes = headerFields.added(to: event.document, event.headerFields, by: schema)
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
        _ name: Named.Name, _ schemas: Named
    ) throws(IntakeError) -> (place: Int, schema: CompiledSchema) {
        let place: Int
        switch name {
        case .missing:
            throw .invalidEvent(
                "The event has no $schema: name the schema it follows, such as /mediawiki/recentchange/1.0.0.")
        case .unusable: throw .invalidEvent("$schema must be a string of at most \(addressBytes) bytes.")
        case .address(let number): place = number
        }
        let address = schemas.addresses[place]
        switch schemas.found[address] {
        case .success(let schema)?: return (place, schema)
        case .failure(let error)?:
            let detail = "Failed loading schema at \(Excerpt.of(address, limit: 200)): \(error)"
            throw error.reason == .unavailable ? .unavailable(detail) : .invalidEvent(detail)
        case nil:
            throw .invalidEvent(
                "A request may name \(schemaLimit) schemas that are not known yet; send fewer at a time.")
        }
    }
}

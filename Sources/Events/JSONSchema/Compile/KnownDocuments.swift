internal import Bytes
internal import JSON

/// The documents that a schema is made of, and what is known in them by an address of its own.
struct KnownDocuments {
    /// A place in one of the documents.
    struct Location: Hashable {
        var document: Int
        var path: [String]
    }

    /// What is at a place.
    struct Found {
        var location: Location
        var value: JSONValue
        /// What its references are relative to.
        var base: String
        var draft: SchemaDraft
    }

    private struct Document {
        var root: JSONValue
        var address: String
        var draft: SchemaDraft
        /// Where the address that references are relative to changes.
        var bases: [[String]: String] = [:]
    }

    private var documents: [Document] = []
    /// Schemas by address, with a fragment where that is a name.
    private var addresses: [String: Location] = [:]
    private let limits: SchemaLimits
    /// Gives the document at an address that is none of those here, if there is one.
    private let resolve: (String) throws(SchemaError) -> JSONValue?

    init(limits: SchemaLimits, resolve: @escaping (String) throws(SchemaError) -> JSONValue?) {
        self.limits = limits
        self.resolve = resolve
    }

    /// Adds a document. Of two schemas with one address the first counts: parts that were copied into a schema may keep theirs.
    mutating func add(_ root: JSONValue, at address: String, draft: SchemaDraft) throws(SchemaError) -> Found {
        guard documents.count < limits.documents else {
            throw SchemaError(.tooLarge, "The schema refers to more than \(limits.documents) documents.")
        }
        let location = Location(document: documents.count, path: [])
        documents.append(Document(root: root, address: address, draft: draft))
        if addresses[address] == nil { addresses[address] = location }
        try look(at: root, location, base: address, depth: 0)
        return found(location, root)
    }

    /// A schema within another, with nothing between that could have an address.
    func child(of parent: Found, at steps: [String], _ value: JSONValue) -> Found {
        var child = parent
        child.location.path += steps
        child.value = value
        if let base = documents[child.location.document].bases[child.location.path] { child.base = base }
        return child
    }

    /// The schema that a reference means.
    mutating func find(_ reference: String, from place: Found) throws(SchemaError) -> Found {
        let address = Address(reference, base: place.base)
        let start = try document(at: address.base, reference, from: place)
        guard let fragment = address.fragment, !fragment.isEmpty else { return try value(at: start, reference) }
        if let steps = JSONPointer(fragment: fragment)?.tokens {
            return try value(at: Location(document: start.document, path: start.path + steps), reference)
        }
        guard let name = try? PercentEncoding.decode(fragment), let named = addresses["\(address.base)#\(name)"] else {
            throw Self.missing(reference)
        }
        return try value(at: named, reference)
    }

    /// Of a place: how reports name it.
    func fragment(_ location: Location) -> String {
        (location.document == 0 ? "" : documents[location.document].address) + "#"
            + location.path.map(Pointer.step).joined()
    }

    private static func missing(_ reference: String) -> SchemaError {
        SchemaError(.invalid, "The schema refers to \(reference), which isn't there.")
    }

    private mutating func document(
        at address: String, _ reference: String, from place: Found
    ) throws(SchemaError) -> Location {
        if let known = addresses[address] { return known }
        if let draft = SchemaDraft(address) {
            return try add(MetaSchema.tree(draft), at: address, draft: draft).location
        }
        guard let root = try resolve(address) else { throw Self.missing(reference) }
        let draft = root["$schema"]?.string.flatMap { SchemaDraft($0) } ?? place.draft
        return try add(root, at: address, draft: draft).location
    }

    private func value(at location: Location, _ reference: String) throws(SchemaError) -> Found {
        var value = documents[location.document].root
        for step in location.path {
            switch value {
            case .object(let members):
                guard let member = members.last(where: { $0.name.unicodeScalars.elementsEqual(step.unicodeScalars) })
                else { throw Self.missing(reference) }
                value = member.value
            case .array(let elements):
                guard let number = Int(step), elements.indices.contains(number) else { throw Self.missing(reference) }
                value = elements[number]
            default: throw Self.missing(reference)
            }
        }
        return found(location, value)
    }

    private func found(_ location: Location, _ value: JSONValue) -> Found {
        let document = documents[location.document]
        var (path, base) = (location.path, document.bases[location.path])
        while base == nil, path.popLast() != nil { base = document.bases[path] }
        return Found(
            location: location, value: value, base: base ?? document.address, draft: document.draft)
    }

    // MARK: Addresses

    /// Notes the addresses of a schema and of those within it.
    private mutating func look(
        at value: JSONValue, _ location: Location, base: String, depth: Int
    ) throws(SchemaError) {
        guard depth <= limits.depth else {
            throw SchemaError(.tooLarge, "The schema is nested deeper than \(limits.depth) levels.")
        }
        guard case .object(let members) = value else { return }
        let draft = documents[location.document].draft
        var base = base
        // What stands beside a reference means nothing.
        if value["$ref"]?.string == nil, let id = value[draft == .four ? "id" : "$id"]?.string {
            base = note(id, location, base)
        }
        for member in members {
            for (path, schema) in SchemaKeyword.schemas(in: member, draft) {
                try look(
                    at: schema, Location(document: location.document, path: location.path + path), base: base,
                    depth: depth + path.count)
            }
        }
    }

    private mutating func note(_ id: String, _ location: Location, _ base: String) -> String {
        let address = Address(id, base: base)
        if let name = address.fragment, !name.isEmpty {
            let key = "\(address.base)#\(name)"
            if addresses[key] == nil { addresses[key] = location }
        }
        guard address.base != base else { return base }
        if addresses[address.base] == nil { addresses[address.base] = location }
        documents[location.document].bases[location.path] = address.base
        return address.base
    }
}

internal import JSON

/// Puts what `$ref` refers to in its place. One of these serves one schema.
///
/// As the reference reader of `jsonschema-tools` has it: members beside `$ref` win over those of what it refers to, member by
/// member; a `$ref` whose value is no text is a member like others; references in examples are followed, too
/// (`$schema: {$ref: '#/$id'}`).
struct Dereferencing<Documents: SchemaDocuments> {
    private let documents: Documents
    private var found: [String: SchemaDocument] = [:]
    /// The references that are being followed, to tell a circle.
    private var path: [Place] = []
    private var values = 0
    private var references = 0

    private struct Place: Hashable {
        var document: String
        var pointer: JSONPointer
    }

    init(_ documents: Documents) { self.documents = documents }

    mutating func resolved(_ document: SchemaDocument) throws(SchemaError) -> JSONValue {
        path = [Place(document: document.path, pointer: JSONPointer())]
        return try resolve(document.value, in: document, at: JSONPointer(), depth: 0)
    }

    private mutating func resolve(
        _ value: JSONValue, in document: SchemaDocument, at pointer: JSONPointer, depth: Int
    ) throws(SchemaError) -> JSONValue {
        values += 1
        guard values <= SchemaLimits.values else {
            throw SchemaError(
                .tooLarge, document.path, "\(pointer)",
                "with everything it refers to the schema has more than \(SchemaLimits.values) values")
        }
        guard depth <= SchemaLimits.depth else {
            throw SchemaError(
                .tooLarge, document.path, "\(pointer)",
                "with everything it refers to the schema has more than \(SchemaLimits.depth) levels")
        }
        switch value {
        case .object(let members):
            if let reference = members.last(where: { $0.name == "$ref" })?.value.string {
                return try follow(reference, members, in: document, at: pointer, depth: depth)
            }
            var result: [JSONValue.Member] = []
            for member in members {
                let value = try resolve(member.value, in: document, at: pointer + member.name, depth: depth + 1)
                result.append(.init(member.name, value))
            }
            return .object(result)
        case .array(let elements):
            var result: [JSONValue] = []
            for (place, element) in elements.enumerated() {
                result.append(try resolve(element, in: document, at: pointer + "\(place)", depth: depth + 1))
            }
            return .array(result)
        default: return value
        }
    }

    private mutating func follow(
        _ reference: String, _ members: [JSONValue.Member], in document: SchemaDocument, at pointer: JSONPointer,
        depth: Int
    ) throws(SchemaError) -> JSONValue {
        let place = try target(of: reference, in: document, at: pointer)
        guard !path.contains(where: { $0.document == place.document.path && $0.pointer == place.pointer }) else {
            let circle = path.map { "\($0.document)#\($0.pointer)" }.joined(separator: ", ")
            throw SchemaError(
                .cycle, document.path, "\(pointer)",
                "$ref \(reference) leads back to where it is used (\(circle)): a schema can't contain itself")
        }
        references += 1
        guard references <= SchemaLimits.references, path.count <= SchemaLimits.depth else {
            throw SchemaError(
                .tooLarge, document.path, "\(pointer)",
                "the schema has more than \(SchemaLimits.references) references, or more than \(SchemaLimits.depth) within "
                    + "one another")
        }
        path.append(Place(document: place.document.path, pointer: place.pointer))
        defer { path.removeLast() }
        let (value, isResolved) = try find(place, for: reference, in: document, at: pointer, depth: depth)
        let target = isResolved ? value : try resolve(value, in: place.document, at: place.pointer, depth: depth)
        guard members.count > 1, case .object(var result) = target else { return target }
        for member in members where member.name != "$ref" {
            let own = try resolve(member.value, in: document, at: pointer + member.name, depth: depth + 1)
            if let index = result.firstIndex(where: { $0.name == member.name }) {
                result[index].value = own
            } else {
                result.append(.init(member.name, own))
            }
        }
        return .object(result)
    }

    /// What stands at a place; the second is whether everything in it is resolved already, because its pointer leads through
    /// another reference.
    private mutating func find(
        _ place: (document: SchemaDocument, pointer: JSONPointer), for reference: String, in document: SchemaDocument,
        at pointer: JSONPointer, depth: Int
    ) throws(SchemaError) -> (JSONValue, Bool) {
        var value = place.document.value
        var isResolved = false
        var walked = JSONPointer()
        for token in place.pointer.tokens {
            var next = value.part(token)
            if next == nil, !isResolved, value["$ref"]?.string != nil {
                value = try resolve(value, in: place.document, at: walked, depth: depth)
                isResolved = true
                next = value.part(token)
            }
            guard let next else {
                throw SchemaError(
                    .notFound, document.path, "\(pointer)",
                    "$ref \(reference) leads to nothing: \(place.document.path) has no \(walked + token)")
            }
            value = next
            walked = walked + token
        }
        return (value, isResolved)
    }

    // MARK: Where references lead

    private mutating func target(
        of reference: String, in document: SchemaDocument, at pointer: JSONPointer
    ) throws(SchemaError) -> (document: SchemaDocument, pointer: JSONPointer) {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard let inside = parts.count > 1 ? JSONPointer(fragment: parts[1]) : JSONPointer() else {
            throw SchemaError(
                .invalid, document.path, "\(pointer)",
                "$ref \(reference) can't be followed: after # stands a pointer such as /properties/meta")
        }
        let file = parts.first ?? ""
        if file.isEmpty || file == "." || file == "./" { return (document, inside) }
        guard let name = Self.name(file, from: document.name) else {
            throw SchemaError(
                .invalid, document.path, "\(pointer)",
                "$ref \(reference) can't be followed: name a schema of these repositories, such as /fragment/common/2.0.0"
            )
        }
        if let known = found[name.description] { return (known, inside) }
        let target: SchemaDocument
        do throws(SchemaError) {
            target = try documents.document(name)
        } catch {
            guard error.kind == .notFound, error.document == name.description else { throw error }
            throw SchemaError(
                .notFound, document.path, "\(pointer)", "$ref \(reference) leads to nothing: \(error.message)")
        }
        found[name.description] = target
        return (target, inside)
    }

    /// The name of a schema by its path from the root, or from the folder of another.
    private static func name(_ path: Substring, from other: SchemaName) -> SchemaName? {
        if path.hasPrefix("/") { return SchemaName(path) }
        guard !path.contains("://") else { return nil }
        var parts = other.title.split(separator: "/")
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..":
                guard parts.popLast() != nil else { return nil }
            default: parts.append(part)
            }
        }
        return SchemaName(parts.joined(separator: "/"))
    }
}

extension JSONValue {
    /// A member by its name, or an element by its number.
    func part(_ token: String) -> JSONValue? {
        switch self {
        case .object: return self[token]
        case .array(let elements):
            guard let place = Int(token), elements.indices.contains(place), String(place) == token else { return nil }
            return elements[place]
        default: return nil
        }
    }
}

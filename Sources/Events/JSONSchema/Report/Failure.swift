internal import JSON

/// A keyword that a value doesn't follow, with what its message needs.
enum Failure {
    case type
    case never
    case minimum(SchemaProgram.Bound)
    case maximum(SchemaProgram.Bound)
    /// The divisor's number among the constants.
    case multipleOf(Int32)
    case minLength(Int)
    case maxLength(Int)
    case pattern, format
    case minItems(Int)
    case maxItems(Int)
    case additionalItems(Int)
    case contains
    case uniqueItems(Int, Int)
    case minProperties(Int)
    case maxProperties(Int)
    case required(String)
    case dependency(property: String, missing: String, all: [String])
    case propertyName(String)
    case additionalProperty(String)
    case constant(Int32)
    case oneOfConstants(SchemaProgram.Span)
    case not, anyOf
    case oneOf(passing: (Int, Int)?)
    case condition(String)
    /// Validating takes more than is allowed.
    case tooComplex
}

extension ValidationError {
    init(_ failure: Failure, _ node: SchemaProgram.NodeID, _ program: borrowing SchemaProgram, at path: DataPath) {
        let note = program.notes[Int(node)]
        let (keyword, params, message) = Self.words(failure, note, program)
        self.init(
            keyword: keyword, dataPath: path.text, schemaPath: "\(note.path)/\(keyword)", params: params,
            message: message)
    }

    private static func words(
        _ failure: Failure, _ note: SchemaProgram.Note, _ program: borrowing SchemaProgram
    ) -> (keyword: String, params: JSONValue, message: String) {
        switch failure {
        case .type: return ("type", ["type": .string(note.kinds)], "should be \(note.kinds)")
        case .never: return ("false schema", [:], "boolean schema is false")
        case .minimum(let bound): return limit("inimum", bound, ">", program)
        case .maximum(let bound): return limit("aximum", bound, "<", program)
        case .multipleOf(let number):
            let value = value(number, program)
            return ("multipleOf", ["multipleOf": value], "should be multiple of \(text(value))")
        case .minLength(let limit):
            return ("minLength", ["limit": .integer(limit)], "should NOT be shorter than \(limit) characters")
        case .maxLength(let limit):
            return ("maxLength", ["limit": .integer(limit)], "should NOT be longer than \(limit) characters")
        case .pattern:
            return (
                "pattern", ["pattern": .string(note.pattern)],
                "should match pattern \"\(DataPath.escaped(note.pattern))\""
            )
        case .format:
            return (
                "format", ["format": .string(note.format)],
                "should match format \"\(DataPath.escaped(note.format))\""
            )
        case .minItems(let limit):
            return ("minItems", ["limit": .integer(limit)], "should NOT have fewer than \(limit) items")
        case .maxItems(let limit):
            return ("maxItems", ["limit": .integer(limit)], "should NOT have more than \(limit) items")
        case .additionalItems(let limit):
            return ("additionalItems", ["limit": .integer(limit)], "should NOT have more than \(limit) items")
        case .contains: return ("contains", [:], "should contain a valid item")
        case .uniqueItems(let i, let j):
            return (
                "uniqueItems", ["i": .integer(i), "j": .integer(j)],
                "should NOT have duplicate items (items ## \(j) and \(i) are identical)"
            )
        case .minProperties(let limit):
            return ("minProperties", ["limit": .integer(limit)], "should NOT have fewer than \(limit) properties")
        case .maxProperties(let limit):
            return ("maxProperties", ["limit": .integer(limit)], "should NOT have more than \(limit) properties")
        case .required(let name):
            return (
                "required", ["missingProperty": .string(name)],
                "should have required property '\(DataPath.escaped(name))'"
            )
        case .dependency(let property, let missing, let all): return dependency(property, missing, all)
        case .propertyName(let name):
            return ("propertyNames", ["propertyName": .string(name)], "property name '\(name)' is invalid")
        case .additionalProperty(let name):
            return (
                "additionalProperties", ["additionalProperty": .string(name)], "should NOT have additional properties"
            )
        case .constant(let number):
            return ("const", ["allowedValue": value(number, program)], "should be equal to constant")
        case .oneOfConstants(let span):
            let values = program.constants[span.indices].map { $0.tree($0.root) }
            return ("enum", ["allowedValues": .array(values)], "should be equal to one of the allowed values")
        case .not: return ("not", [:], "should NOT be valid")
        case .anyOf: return ("anyOf", [:], "should match some schema in anyOf")
        case .oneOf(let passing):
            let numbers: JSONValue = passing.map { [.integer($0.0), .integer($0.1)] } ?? .null
            return ("oneOf", ["passingSchemas": numbers], "should match exactly one schema in oneOf")
        case .condition(let branch):
            return ("if", ["failingKeyword": .string(branch)], "should match \"\(branch)\" schema")
        case .tooComplex: return ("$limit", [:], "is too complex to be validated")
        }
    }

    private static func value(_ number: Int32, _ program: borrowing SchemaProgram) -> JSONValue {
        let document = program.constants[Int(number)]
        return document.tree(document.root)
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }

    private static func limit(
        _ name: String, _ bound: SchemaProgram.Bound, _ sign: String, _ program: borrowing SchemaProgram
    ) -> (String, JSONValue, String) {
        let value = value(bound.constant, program)
        let comparison = bound.isExclusive ? sign : sign + "="
        let keyword = bound.isExclusive ? "exclusiveM\(name)" : "m\(name)"
        return (
            keyword,
            ["comparison": .string(comparison), "limit": value, "exclusive": .boolean(bound.isExclusive)],
            "should be \(comparison) \(text(value))"
        )
    }

    private static func dependency(
        _ property: String, _ missing: String, _ all: [String]
    ) -> (String, JSONValue, String) {
        let list = all.joined(separator: ", ")
        let what = all.count == 1 ? "property" : "properties"
        return (
            "dependencies",
            [
                "property": .string(property), "missingProperty": .string(missing), "depsCount": .integer(all.count),
                "deps": .string(list),
            ],
            "should have \(what) \(DataPath.escaped(list)) when property \(DataPath.escaped(property)) is present"
        )
    }
}

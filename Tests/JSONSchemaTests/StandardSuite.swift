import Glibc
import JSON
import JSONSchema
import System
import TestSupport

/// The JSON Schema test suite, which is not part of the project: `data/json-schema-tests` beside the recorded events.
enum StandardSuite {
    static let folder = Recorded.folder + "/data/json-schema-tests"
    static var isThere: Bool { unsafe access(folder + "/tests/draft7", R_OK) == 0 }
    static let whenMissing = "skipped: no JSON Schema test suite in ../shared/data/json-schema-tests"

    /// A schema and values that follow it or don't.
    struct Group {
        var file: String
        var description: String
        var schema: JSONValue
        var cases: [(description: String, data: JSONValue, isValid: Bool)]
    }

    /// The files of a folder below `tests/draftN`, by name.
    static func files(_ path: String) -> [String] {
        guard let directory = unsafe opendir(folder + "/tests/" + path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name.hasSuffix(".json") { names.append(name) }
        }
        return names.sorted()
    }

    static func groups(_ path: String) throws -> [Group] {
        let text = try SmallFile.read("\(folder)/tests/\(path)")
        return try JSONValue(text ?? [], depth: 128).array?.map { group in
            Group(
                file: path, description: group["description"]?.string ?? "", schema: group["schema"] ?? .null,
                cases: group["tests"]?.array?.map {
                    ($0["description"]?.string ?? "", $0["data"] ?? .null, $0["valid"] == true)
                } ?? [])
        } ?? []
    }

    /// The document at an address of the suite's own.
    static func remote(_ address: String) throws(SchemaError) -> JSONValue? {
        let prefix = "http://localhost:1234/"
        guard address.hasPrefix(prefix) else { return nil }
        do {
            return try SmallFile.read("\(folder)/remotes/\(address.dropFirst(prefix.count))").map { try JSONValue($0) }
        } catch {
            throw SchemaError(.unavailable, "\(error)")
        }
    }

    /// What is answered wrong in the groups of a file, one line each.
    static func faults(in path: String, draft: SchemaDraft, formats: SchemaOptions.Formats = .strict) throws -> [String]
    {
        let options = SchemaOptions(draft: draft, formats: formats, allowsInsecure: true)
        var faults: [String] = []
        var validator = SchemaValidator()
        for group in try groups(path) {
            let schema: CompiledSchema
            do { schema = try CompiledSchema(group.schema, options: options, resolve: remote) } catch {
                faults.append("\(path): \(group.description): \(error)")
                continue
            }
            for test in group.cases {
                let document = try JSONDocument(test.data.bytes)
                let isValid = validator.isValid(document, by: schema)
                // What is told and whether something is told come about in different ways.
                let errors = validator.errors(of: document, by: schema)
                if isValid != test.isValid || errors.isEmpty != test.isValid {
                    faults.append("\(path): \(group.description): \(test.description)")
                }
            }
        }
        return faults
    }
}

internal import JSON
internal import JSONSchema
internal import Schemas
internal import System
internal import YAML

/// Holds events of a file against a schema of a file.
struct SchemaValidation {
    private let schema: CompiledSchema

    /// Why a file can't be used, as a sentence.
    struct Failure: Error { var message: String }

    /// - Parameter path: a schema as YAML or JSON; what it refers to is looked for in its repository where it is a file of one.
    init(_ path: String, bases: [String]) throws(Failure) {
        let tree: JSONValue
        do throws(Schemas.SchemaError) {
            let (document, place) = try SchemaWorkplace.file(path, bases: bases)
            tree = try MaterializedSchema.dereferenced(document, in: place.documents)
        } catch {
            tree = try Self.read(path)
        }
        do throws(JSONSchema.SchemaError) {
            schema = try CompiledSchema(tree, options: SchemaOptions(allowsInsecure: true))
        } catch { throw Failure(message: "\(path): \(error)") }
    }

    private static func read(_ path: String) throws(Failure) -> JSONValue {
        let bytes = try content(path)
        if let value = try? JSONValue(bytes, depth: 128) { return value }
        do throws(YAMLError) { return JSONValue(try YAML.parse(bytes)) } catch {
            throw Failure(message: "\(path): \(error)")
        }
    }

    private static func content(_ path: String) throws(Failure) -> [UInt8] {
        do throws(FileError) {
            if let bytes = try SmallFile.read(path) { return bytes }
        } catch { throw Failure(message: "\(path) can't be read: \(error)") }
        throw Failure(message: "There is no file \(path).")
    }

    /// What is wrong with each event of a file that has one a line; one that is right is left out.
    ///
    /// - Returns: for each a line with the number of its line, and how many events there are.
    func faults(in path: String, asJSON: Bool) throws(Failure) -> (text: String, wrong: Int, events: Int) {
        var validator = SchemaValidator()
        var result = (text: "", wrong: 0, events: 0)
        for (number, line) in try Self.content(path).split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        where !line.isEmpty {
            result.events += 1
            let errors: [ValidationError]
            do throws(JSONError) {
                errors = validator.errors(of: try JSONDocument(Array(line), depth: 512), by: schema)
            } catch {
                result.wrong += 1
                result.text += "\(number + 1): it is not JSON: \(error)\n"
                continue
            }
            guard !errors.isEmpty else { continue }
            result.wrong += 1
            let told: JSONValue = ["line": .integer(number + 1), "errors": .array(errors.map(\.json))]
            result.text +=
                asJSON ? String(decoding: told.bytes, as: UTF8.self) + "\n" : "\(number + 1): \(errors.text)\n"
        }
        return result
    }
}

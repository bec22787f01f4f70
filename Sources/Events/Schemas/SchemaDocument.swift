package import JSON
internal import YAML

/// A schema as a file has it.
package struct SchemaDocument: Hashable, Sendable {
    /// Under which it was found.
    package var name: SchemaName
    /// Of its file, for messages and for those who look for it.
    package var path: String
    package var value: JSONValue

    package init(name: SchemaName, path: String, value: JSONValue) {
        self.name = name
        self.path = path
        self.value = value
    }

    /// Reads YAML or JSON, whatever the file is called.
    ///
    /// - Throws: where it stands, when it is neither, or too large.
    package init(name: SchemaName, path: String, bytes: [UInt8]) throws(SchemaError) {
        guard bytes.count <= SchemaLimits.fileBytes else {
            throw SchemaError(.tooLarge, path, "", "a schema has at most \(SchemaLimits.fileBytes) bytes")
        }
        let value: JSONValue
        if let json = try? JSONValue(bytes) {
            value = json
        } else {
            do throws(YAMLError) {
                value = JSONValue(try YAML.parse(bytes))
            } catch {
                throw SchemaError(.unreadable, "\(path):\(error.line):\(error.column)", "", error.message)
            }
        }
        guard case .object = value else {
            throw SchemaError(.invalid, path, "", "a schema must be a mapping, such as \"type: object\"")
        }
        self.init(name: name, path: path, value: value)
    }

    package var title: String? { value["title"]?.string }
    package var identifier: String? { value["$id"]?.string }
}

/// Finds schemas by their names: one repository, several, or what was fetched of them.
package protocol SchemaDocuments {
    /// - Throws: `notFound` where there is none.
    func document(_ name: SchemaName) throws(SchemaError) -> SchemaDocument
}

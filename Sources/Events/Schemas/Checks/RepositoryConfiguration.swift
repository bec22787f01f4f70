internal import JSON
internal import YAML

/// How a repository is kept: its `.jsonschema-tools.yaml`, whose words these are. What stands there and means nothing here is
/// passed over.
package struct RepositoryConfiguration: Sendable {
    package static let fileName = ".jsonschema-tools.yaml"

    /// `schemaBasePath`, from the file's directory.
    package var basePath: String?
    /// `schemaBaseUris`: the first is the repository itself where it names its own path; the others are looked in after it.
    package var baseURIs: [String] = []
    /// `contentTypes`: the forms that every version is kept in.
    package var forms: [SchemaForm] = [.yaml]
    /// `shouldSymlinkExtensionless`
    package var linksExtensionless = true
    /// `shouldSymlinkLatest`
    package var linksLatest = true
    package var materializing = MaterializingOptions()
    /// `skipSchemaTestCases`: by regular expressions of `$id`.
    package var skipped: [(pattern: String, tests: [String])] = []
    /// `ignoreSchemas`: regular expressions of paths.
    package var ignored: [String] = []

    package init() {}

    /// - Throws: a sentence that names the line.
    package init(_ bytes: [UInt8], path: String) throws(SchemaError) {
        let node: YAMLNode
        do throws(YAMLError) {
            node = try YAML.parse(bytes)
        } catch {
            throw SchemaError(.unreadable, "\(path):\(error.line):\(error.column)", "", error.message)
        }
        for member in node.members ?? [] {
            func mistake(_ expected: String) -> SchemaError {
                SchemaError(.invalid, "\(path):\(member.line)", "", "\(member.name) must be \(expected)")
            }
            func flag() throws(SchemaError) -> Bool {
                guard let value = member.value.boolean else { throw mistake("true or false") }
                return value
            }
            func texts() throws(SchemaError) -> [String] {
                guard let elements = member.value.elements else { throw mistake("a list of texts") }
                return elements.compactMap(\.text)
            }
            switch member.name {
            case "schemaBasePath": basePath = member.value.text
            case "schemaBaseUris": baseURIs = try texts()
            case "contentTypes":
                forms = []
                for name in try texts() {
                    guard let form = SchemaForm(rawValue: name) else { throw mistake("a list of yaml and json") }
                    forms.append(form)
                }
            case "shouldSymlinkExtensionless": linksExtensionless = try flag()
            case "shouldSymlinkLatest": linksLatest = try flag()
            case "shouldDereference": materializing.dereferences = try flag()
            case "shouldGenerateExample": materializing.generatesExample = try flag()
            case "enforcedNumericBounds": materializing.enforcesNumericBounds = member.value.boolean ?? true
            case "ignoreSchemas": ignored = try texts()
            case "skipSchemaTestCases":
                for rule in member.value.members ?? [] {
                    skipped.append((rule.name, (rule.value.elements ?? [rule.value]).compactMap(\.text)))
                }
            default: break
            }
        }
    }

    /// Whether a test is skipped for a schema.
    func skips(_ test: SchemaTest, identifier: String) -> Bool {
        skipped.contains { rule in rule.tests.contains(test.rawValue) && Self.matches(rule.pattern, identifier) }
    }

    func ignores(_ path: String) -> Bool { ignored.contains { Self.matches($0, path) } }

    private static func matches(_ pattern: String, _ text: String) -> Bool {
        // Whoever keeps the repository writes these; a pattern that is none is taken as a text.
        guard let expression = try? Regex(pattern) else { return text.contains(pattern) }
        return text.firstMatch(of: expression) != nil
    }
}

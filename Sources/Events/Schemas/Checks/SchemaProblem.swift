/// What a repository's tests say against a schema.
package struct SchemaProblem: Hashable, Sendable, CustomStringConvertible {
    package var test: SchemaTest
    package var error: SchemaError

    package init(_ test: SchemaTest, _ error: SchemaError) {
        self.test = test
        self.error = error
    }

    /// `mediawiki/page/change/1.0.0.yaml#/properties/x: … (schema-is-valid)`.
    package var description: String { "\(error) (\(test.rawValue))" }
}

/// The tests of a repository, by the names under which `.jsonschema-tools.yaml` skips them. Those that begin with `schema-` are
/// the names of `jsonschema-tools`, which has none for its tests of structure.
package enum SchemaTest: String, Hashable, Sendable, CaseIterable {
    case titleMatchesPath = "title-matches-path"
    case identifierMatchesPath = "id-matches-path"
    case currentExists = "current-exists"
    case newestEqualsCurrent = "newest-equals-current"
    case contentTypes = "content-types"
    case extensionlessLink = "extensionless-link"
    case latestLink = "latest-link"

    case isValid = "schema-is-valid"
    case isSecure = "schema-is-secure"
    case snakeCase = "schema-snake-case-properties"
    case deterministicTypes = "schema-deterministic-types"
    case requiredExist = "schema-required-properties-exist"
    case exampleNames = "schema-examples-$schema-matches-schema-$id"
    case examplesAreValid = "schema-examples-are-valid"
    case numericBounds = "schema-enforced-numeric-bounds"

    case compatibility = "schema-version-compatibility"

    /// What it demands, in a sentence.
    package var demand: String {
        switch self {
        case .titleMatchesPath: "The title is the folder's path, in every version."
        case .identifierMatchesPath: "$id is a slash, the title, a slash and the version of the file's name."
        case .currentExists: "There is a current.yaml, and nothing called current without an ending."
        case .newestEqualsCurrent: "The newest version is what current.yaml makes when it is materialised."
        case .contentTypes: "Every version is there in every form that the repository has, and says the same in each."
        case .extensionlessLink: "Beside 1.0.0.yaml is a link 1.0.0 to it."
        case .latestLink: "latest and latest.yaml are links to the newest version."
        case .isValid: "The schema is one: every keyword has a value that it may have."
        case .isSecure:
            "No event can make validation slow: pattern and format have maxLength, uniqueItems of objects has maxItems."
        case .snakeCase: "Names of fields are in snake_case."
        case .deterministicTypes: "Every field has exactly one type, and lists and objects say what is in them."
        case .requiredExist: "Every required field is among the properties."
        case .exampleNames: "$schema of every example is the schema's $id."
        case .examplesAreValid: "There are examples, and they fit the schema."
        case .numericBounds: "Numbers have bounds within which a double is exact."
        case .compatibility:
            "A version of the same major number takes every event that the one before it took, and has all its fields."
        }
    }
}

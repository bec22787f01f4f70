public import JSON

/// What is wrong with a value, in the words of ajv 6, the validator that EventGate uses.
public struct ValidationError: Hashable, Sendable {
    /// The schema's keyword that isn't followed.
    public var keyword: String
    /// Where the value is, as JavaScript writes it: `.meta.dt`, `.items[2]`, `['a-b']`; empty for the whole.
    public var dataPath: String
    /// Where the keyword is in the schema: `#/properties/meta/type`.
    public var schemaPath: String
    /// What the message is made of.
    public var params: JSONValue
    /// What should be: `should be string`.
    public var message: String
    /// The member whose name is wrong, where a name was looked at.
    public var propertyName: String?

    public init(
        keyword: String, dataPath: String, schemaPath: String, params: JSONValue, message: String,
        propertyName: String? = nil
    ) {
        self.keyword = keyword
        self.dataPath = dataPath
        self.schemaPath = schemaPath
        self.params = params
        self.message = message
        self.propertyName = propertyName
    }

    /// It as an object of JSON.
    public var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("keyword", .string(keyword)), .init("dataPath", .string(dataPath)),
            .init("schemaPath", .string(schemaPath)), .init("params", params), .init("message", .string(message)),
        ]
        if let propertyName { members.append(.init("propertyName", .string(propertyName))) }
        return .object(members)
    }
}

extension [ValidationError] {
    /// All in one line, as EventGate says it: `'.test' should be string, '.meta' should have required property 'dt'`.
    public var text: String { map { "'\($0.dataPath)' \($0.message)" }.joined(separator: ", ") }
}

internal import Bytes
internal import JSON

/// The fields of a query, decoded as a form's (WHATWG URL, application/x-www-form-urlencoded), each name at most once.
public struct Query: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String
    }

    /// The most fields a query may have.
    public static let limit = 64

    /// In the query's order.
    public let fields: [Field]

    /// - Parameter raw: what follows the `?`, as it was sent. Empty fields (`a=1&&b=2`) count for nothing; a field without
    ///   `=` has an empty value.
    /// - Throws: `bad_request` for invalid encoding, `invalid_parameter` for a name that stands twice or too many fields.
    public init(_ raw: some StringProtocol) throws(Problem) {
        var fields: [Field] = []
        for part in Array(raw.utf8).split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.limit else {
                throw Problem(.invalidParameter, "The query has more than \(Self.limit) parameters.")
            }
            let pieces = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(pieces[0], "A parameter's name in the query")
            let shown = Excerpt.of(name)
            let value = pieces.count > 1 ? try Self.decode(pieces[1], "The parameter \(shown)") : ""
            guard !fields.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw Problem(
                    .invalidParameter, "The parameter \(shown) stands more than once in the query. Give it once.",
                    members: [.init("parameter", .string(shown))])
            }
            fields.append(Field(name: name, value: value))
        }
        self.fields = fields
    }

    /// The parameters of a form's body, or of a JSON object of strings, numbers and truth values.
    ///
    /// - Parameter type: what `Content-Type` says.
    /// - Throws: `unsupported_media_type`, `bad_request`, and what a query in an address throws.
    public init(body: [UInt8], type: String?) throws(Problem) {
        switch (type ?? "").prefix(while: { $0 != ";" && $0 != " " }).lowercased() {
        case "application/x-www-form-urlencoded": self = try Query(String(decoding: body, as: UTF8.self))
        case "application/json": self = try Query(json: body)
        default:
            throw .unsupportedMediaType(
                type ?? "not given", supported: "application/x-www-form-urlencoded or application/json")
        }
    }

    private init(json: [UInt8]) throws(Problem) {
        guard let value = try? JSONValue(json), case .object(let members) = value else {
            throw .badRequest("The body must be a JSON object of parameters, such as {\"filter\": \"bot == false\"}.")
        }
        guard members.count <= Self.limit else {
            throw Problem(.invalidParameter, "The body has more than \(Self.limit) parameters.")
        }
        var none = Query(fields: [])
        for member in members {
            let text: String
            switch member.value {
            case .string(let value): text = value
            case .boolean(let value): text = value ? "true" : "false"
            case .number(let value): text = value
            default:
                throw .invalidParameter(
                    Excerpt.of(member.name), value: "\(member.value)", allowed: "a string, a number, true or false")
            }
            none = try none.joined(with: Query(fields: [Field(name: member.name, value: text)]))
        }
        self = none
    }

    private init(fields: [Field]) { self.fields = fields }

    /// Both queries' parameters.
    public func joined(with other: Query) throws(Problem) -> Query {
        for field in other.fields where fields.contains(where: { $0.name.utf8.elementsEqual(field.name.utf8) }) {
            let shown = Excerpt.of(field.name)
            throw Problem(
                .invalidParameter, "The parameter \(shown) stands more than once in the request. Give it once.",
                members: [.init("parameter", .string(shown))])
        }
        return Query(fields: fields + other.fields)
    }

    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    private static func decode(_ bytes: ArraySlice<UInt8>, _ what: String) throws(Problem) -> String {
        do {
            return try PercentEncoding.decode(Array(bytes), plusIsSpace: true)
        } catch {
            throw .badRequest("\(what) \(error.reason). Encode it as UTF-8 and then in percent form.")
        }
    }
}

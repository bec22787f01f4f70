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

    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    private static func decode(_ bytes: ArraySlice<UInt8>, _ what: String) throws(Problem) -> String {
        do {
            return try PercentEncoding.decode(Array(bytes), plusIsSpace: true)
        } catch {
            throw .badRequest("\(what) \(error.reason). Encode it as UTF-8 and then in percent form.")
        }
    }
}

/// Header fields of an answer, in the order they are sent.
public struct Headers: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: String

        /// Control characters (CR and LF above all) become spaces, so that no value can start a field of its own.
        public init(_ name: String, _ value: String) {
            self.name = name
            if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
                self.value = value
            } else {
                let clean = value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
                self.value = String(decoding: clean, as: UTF8.self)
            }
        }
    }

    public private(set) var fields: [Field]

    public init(_ fields: [Field] = []) { self.fields = fields }

    public mutating func add(_ name: String, _ value: String) { fields.append(Field(name, value)) }

    /// The value of the first field of this name, in any case.
    public subscript(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    public static func + (a: Headers, b: Headers) -> Headers {
        b.fields.isEmpty ? a : Headers(a.fields + b.fields)
    }
}

extension Headers {
    /// What every answer carries: anyone's page may read it, and no browser may guess its type (contract, section 3).
    ///
    /// `Last-Event-ID` is listed because a JSON id makes browsers ask first (Fetch, CORS-unsafe request headers).
    public static let common = Headers([
        Field("Access-Control-Allow-Origin", "*"),
        Field("Access-Control-Allow-Headers", allowedRequestHeaders),
        Field(
            "Access-Control-Expose-Headers",
            "retry-after, allow, content-length, x-request-id, ratelimit, ratelimit-policy, duplicate-events"),
        Field("X-Content-Type-Options", "nosniff"),
    ])

    /// The same, but that only pages of this origin may read it; empty: none may.
    public func readable(by origin: String) -> Headers {
        Headers(
            fields.compactMap { field in
                guard field.name.hasPrefix("Access-Control-") else { return field }
                if origin.isEmpty { return nil }
                return field.name == "Access-Control-Allow-Origin" ? Field(field.name, origin) : field
            })
    }

    private static let allowedRequestHeaders =
        "accept, cache-control, last-event-id, content-type, x-requested-with, idempotency-key"

    /// A document's: JSON, text or a page. Its length is the HTTP server's to add.
    public static func document(type: String) -> Headers { Headers([Field("Content-Type", type)]) + common }

    /// Of the 204 that answers `OPTIONS` on a route with these methods.
    public static func options(methods: [String]) -> Headers {
        let list = methods.joined(separator: ", ")
        return Headers([
            Field("Allow", list),
            Field("Access-Control-Allow-Methods", list),
            Field("Access-Control-Max-Age", "86400"),
        ]) + common
    }
}

/// What a request says to the intake beside its body.
package struct IntakeFacts: Sendable {
    /// What `meta.request_id` is where an event has none; nil: it stays without.
    package var requestID: String?
    /// Makes the ids of events that have none: those of the same request, sent again, are the same.
    package var idempotencyKey: IdempotencyKey?
    /// What `meta.stream` and `$schema` are where an event has none: browsers' reports have neither.
    package var stream: String?
    package var schema: String?
    /// The value of a header field, by its name in lower case: for streams that copy some into their events.
    package var field: @Sendable (String) -> String?

    package init(
        requestID: String? = nil, idempotencyKey: IdempotencyKey? = nil, stream: String? = nil, schema: String? = nil,
        field: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
        self.stream = stream
        self.schema = schema
        self.field = field
    }
}

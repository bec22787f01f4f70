package import HTTP
package import Intake

extension IntakeFacts {
    /// - Parameter field: the value of the first header field of a name; nil where there is none.
    /// - Throws: where a key can't be one. To go on without would store events twice that the client sends again.
    package init(_ query: IntakeQuery, field: @escaping @Sendable (String) -> String?) throws(Problem) {
        self.init(
            requestID: field("x-request-id").flatMap { (1...256).contains($0.utf8.count) ? $0 : nil },
            stream: query.stream, schema: query.schema, field: field)
        guard let value = field("idempotency-key") else { return }
        guard let key = IdempotencyKey(value) else {
            let (least, most) = (IdempotencyKey.lengths.lowerBound, IdempotencyKey.lengths.upperBound)
            throw Problem(
                .badRequest,
                "Idempotency-Key must be \(least) to \(most) visible ASCII characters that no other request has, such as a random UUID."
            )
        }
        idempotencyKey = key
    }
}

/// Why a schema can't be had or used: a stable name, and a sentence for a person.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable {
        /// No repository has it.
        case notFound
        /// Its source can't be reached now; worth another try.
        case unavailable
        /// It is no JSON Schema, or refers to what is not there.
        case invalid
        /// Validating what anybody sends by it could take too long.
        case insecure
        /// Larger, deeper or more entangled than `SchemaLimits` allow.
        case tooLarge
    }

    public var reason: Reason
    /// A sentence.
    public var detail: String

    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    public var description: String { detail }
}

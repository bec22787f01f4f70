/// Why the server itself refuses a request, before any handler sees it. The raw value is a stable name for metrics.
public enum Refusal: String, Error, CaseIterable, Sendable {
    case badLineEnd = "bad_line_end"
    case badMethod = "bad_method"
    case badTarget = "bad_target"
    case badVersion = "bad_version"
    case badFieldName = "bad_field_name"
    case badFieldValue = "bad_field_value"
    case foldedField = "folded_field"
    case missingHost = "missing_host"
    case repeatedHost = "repeated_host"
    case badHost = "bad_host"
    case badContentLength = "bad_content_length"
    case repeatedContentLength = "repeated_content_length"
    case ambiguousLength = "ambiguous_length"
    case badTransferCoding = "bad_transfer_coding"
    case badChunk = "bad_chunk"
    case headTimeout = "head_timeout"
    case bodyTimeout = "body_timeout"
    case bodyTooLarge = "body_too_large"
    case bodiesTooLarge = "bodies_too_large"
    case targetTooLong = "target_too_long"
    case unknownExpectation = "unknown_expectation"
    case headTooLarge = "head_too_large"
    case tooManyFields = "too_many_fields"
    case unknownMethod = "unknown_method"
    case unknownTransferCoding = "unknown_transfer_coding"
    case unknownVersion = "unknown_version"
    case addressHasTooMany = "address_connections"
    case addressTooFast = "address_rate"
    case tooManyConnections = "too_many_connections"
    case outOfDescriptors = "out_of_descriptors"
    case plainHTTP = "plain_http"

    public var status: Int {
        switch self {
        case .headTimeout, .bodyTimeout: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .unknownExpectation: 417
        case .addressHasTooMany, .addressTooFast: 429
        case .headTooLarge, .tooManyFields: 431
        case .unknownMethod, .unknownTransferCoding: 501
        case .bodiesTooLarge, .tooManyConnections, .outOfDescriptors: 503
        case .unknownVersion: 505
        default: 400
        }
    }

    /// The problem's type, as the public contract names it (section 7).
    public var type: String {
        switch status {
        case 408: "request_timeout"
        case 413: "content_too_large"
        case 414: "uri_too_long"
        case 417: "expectation_failed"
        case 429: "too_many_connections"
        case 431: "request_header_fields_too_large"
        case 501: "not_implemented"
        case 503: "overloaded"
        case 505: "http_version_not_supported"
        default: "bad_request"
        }
    }

    /// What is wrong and what to change, for a person.
    public var detail: String {
        switch self {
        case .badLineEnd: "A line does not end with CR LF. Send CR LF, and neither of them alone."
        case .badMethod: "The request does not begin with a method: letters, then one space."
        case .badTarget:
            "The request target is not a path or an http URL of printable ASCII. Percent-encode every other byte, and "
                + "leave out the fragment."
        case .badVersion: "The request line does not end with a version such as HTTP/1.1."
        case .badFieldName: "A header field has no valid name directly followed by a colon."
        case .badFieldValue: "A header field has a control character in its value."
        case .foldedField: "A header field is folded over several lines. Send it on one."
        case .missingHost: "The Host field is missing. HTTP/1.1 requires it."
        case .repeatedHost: "The Host field is there more than once."
        case .badHost: "The Host field is not a host name or address with an optional port."
        case .badContentLength: "Content-Length is not a number of digits."
        case .repeatedContentLength: "Content-Length is there more than once."
        case .ambiguousLength: "Content-Length and Transfer-Encoding exclude each other. Send one of them."
        case .badTransferCoding: "Transfer-Encoding must be chunked, once, and only with HTTP/1.1."
        case .badChunk: "The body's chunks are malformed or have overlong extensions."
        case .headTimeout: "The request's header did not arrive in time."
        case .bodyTimeout: "The request's body did not arrive in time."
        case .bodyTooLarge: "The body is larger than this server accepts."
        case .bodiesTooLarge: "The server is reading as many request bodies as it has memory for. Try again later."
        case .targetTooLong:
            "The request target is longer than this server accepts. Send long parameters in a request body."
        case .unknownExpectation: "The only expectation this server meets is 100-continue."
        case .headTooLarge: "The request's header is larger than this server accepts."
        case .tooManyFields: "The request has more header fields than this server accepts."
        case .unknownMethod: "The server does not know this method."
        case .unknownTransferCoding: "The server knows no transfer coding but chunked."
        case .unknownVersion: "The server speaks HTTP/1.1 and HTTP/1.0."
        case .addressHasTooMany:
            "Your address has as many connections as one address may have. Close some, or try again later."
        case .addressTooFast:
            "Your address opens connections faster than one address may. Keep connections open, and wait before trying "
                + "again."
        case .tooManyConnections: "The server has as many connections as it can serve. Try again later."
        case .outOfDescriptors: "The server cannot open another connection now. Try again later."
        case .plainHTTP: "This port speaks HTTPS, and the request came in plain HTTP. Ask with https:// in its address."
        }
    }

    /// Seconds after which trying again may help, or nil where it does not.
    var retryAfterSeconds: Int? { status == 503 ? 5 : status == 429 ? 10 : nil }
}

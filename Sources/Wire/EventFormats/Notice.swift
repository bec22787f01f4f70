internal import Bytes
internal import JSON

/// Something a client has to know that is no loss of records: contract, section 3.
public struct Notice: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// A stream was taken out of service. The body ends behind the notice.
        case streamRemoved = "stream_removed"
        /// A search for matching records stopped before it had looked through all of them.
        case searchStopped = "search_stopped"
    }

    public var reason: Reason
    /// The stream that it is about; nil (`null` in the text): all that was asked for.
    public var stream: String?
    /// A sentence for a person.
    public var detail: String

    public init(_ reason: Reason, stream: String? = nil, detail: String) {
        self.reason = reason
        self.stream = stream
        self.detail = detail
    }

    /// Appends its members as JSON, each with a comma before it but the first; no braces.
    func appendMembers(to bytes: inout [UInt8]) {
        bytes.append("\"reason\":")
        JSONText.append(reason.rawValue, to: &bytes)
        bytes.append(",\"stream\":")
        if let stream { JSONText.append(stream, to: &bytes) } else { bytes.append("null") }
        bytes.append(",\"detail\":")
        JSONText.append(detail, to: &bytes)
    }
}

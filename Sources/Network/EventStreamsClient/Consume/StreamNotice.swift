internal import JSON

/// Something to know about a stream that is no loss of records.
public struct StreamNotice: Hashable, Sendable, CustomStringConvertible {
    /// A stable name: `stream_removed`, `search_stopped`, or one of a later server; nil where the server gave none.
    public let reason: String?
    /// The stream that it is about; nil: all that was asked for.
    public let stream: String?
    /// A sentence for a person. What a server sent that has none, as it stands, cut at 200 bytes.
    public let detail: String

    /// - Parameter data: the event's.
    init(_ data: [UInt8]) {
        let notice = try? JSONDocument(data)
        func text(_ name: StaticString) -> String? {
            notice.flatMap { $0.string($0.member(name, of: $0.root)) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        reason = text("reason")
        stream = text("stream")
        detail = text("detail") ?? String(decoding: data.prefix(200), as: UTF8.self)
    }

    public var description: String { "the server says: \(detail)" }
}

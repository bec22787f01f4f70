internal import Bytes
public import EventLog
internal import Time

/// Writes `text/event-stream` (WHATWG HTML, section 9.2) as contract, sections 3, 4 and 6, has it: fields in the order
/// event, id, data, a space after the colon, LF as the only line end, and a blank line after each block.
///
/// Nothing that is passed in can begin a field or a line of its own: CR, LF and NUL are dropped from ids, and data and
/// comments are split at every kind of line end.
public enum EventStreamEncoder {
    /// The first bytes of every body, sent at once.
    public static func appendPreamble(to bytes: inout [UInt8]) { bytes.append(":ok\n\n") }

    /// One event. With several lines of data the client joins them by LF, whatever the line ends were.
    public static func appendEvent(
        type: EventType = .message, id: Span<UInt8>, data: Span<UInt8>, to bytes: inout [UInt8]
    ) {
        bytes.append(type.line)
        appendID(id, to: &bytes)
        appendData(data, to: &bytes)
        bytes.append(0x0A)
    }

    /// An event without an id: the client keeps the one it has.
    public static func appendEvent(type: EventType = .message, data: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(type.line)
        appendData(data, to: &bytes)
        bytes.append(0x0A)
    }

    /// One event whose id is a cursor. This is what runs once for each record, and for each client that catches up.
    ///
    /// - Parameter isOneLine: whether it is known that no line ends within the data; nil: it is looked for.
    public static func appendEvent(
        type: EventType = .message, cursor: CursorEncoder, positions: Span<Position>, ids: IDForm, data: Span<UInt8>,
        isOneLine: Bool? = nil, to bytes: inout [UInt8]
    ) {
        bytes.append(type.line)
        bytes.append("id: ")
        cursor.append(positions, form: ids, to: &bytes)
        guard isOneLine ?? Self.isOneLine(data) else {
            bytes.append(0x0A)
            appendLines(data, field: "data: ", to: &bytes)
            return bytes.append(0x0A)
        }
        bytes.append("\ndata: ")
        bytes.append(data)
        bytes.append("\n\n")
    }

    /// A block with nothing but an id: it moves the client's cursor and dispatches nothing.
    public static func appendProgress(
        cursor: CursorEncoder, positions: Span<Position>, ids: IDForm, isFinal: Bool = false, to bytes: inout [UInt8]
    ) {
        bytes.append("id: ")
        cursor.append(positions, form: ids, isFinal: isFinal, to: &bytes)
        bytes.append("\n\n")
    }

    /// A block with nothing but an id.
    public static func appendProgress(id: Span<UInt8>, to bytes: inout [UInt8]) {
        appendID(id, to: &bytes)
        bytes.append(0x0A)
    }

    /// - Parameters:
    ///   - id: of the cursor after the gap.
    public static func appendGap(_ gap: Gap, id: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(EventType.gap.line)
        appendID(id, to: &bytes)
        appendData(gap, to: &bytes)
    }

    /// A gap whose id is the cursor after it.
    public static func appendGap(
        _ gap: Gap, cursor: CursorEncoder, positions: Span<Position>, ids: IDForm, to bytes: inout [UInt8]
    ) {
        bytes.append(EventType.gap.line)
        bytes.append("id: ")
        cursor.append(positions, form: ids, to: &bytes)
        bytes.append(0x0A)
        appendData(gap, to: &bytes)
    }

    /// Something to know that is no loss. It has no id: the client keeps the one it has.
    public static func appendNotice(_ notice: Notice, to bytes: inout [UInt8]) {
        bytes.append(EventType.notice.line)
        bytes.append("data: {")
        notice.appendMembers(to: &bytes)
        bytes.append("}\n\n")
    }

    /// The last event of a body.
    ///
    /// - Parameters:
    ///   - problem: a problem document's JSON text (RFC 9457).
    public static func appendError(problem: Span<UInt8>, to bytes: inout [UInt8]) {
        appendEvent(type: .error, data: problem, to: &bytes)
    }

    /// A comment that shows that the connection lives. No blank line follows: clients that take what stands between two
    /// blank lines for an event would see an empty one.
    ///
    /// - Parameters:
    ///   - time: the server's.
    public static func appendHeartbeat(time: Timestamp, to bytes: inout [UInt8]) {
        bytes.append(": heartbeat ")
        ISO8601.append(time, to: &bytes)
        bytes.append(0x0A)
    }

    public static func appendComment(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        appendLines(text, field: ": ", to: &bytes)
        bytes.append(0x0A)
    }

    /// How long the client is to wait before it connects anew. Negative values count as 0. No blank line follows, as behind a
    /// heartbeat.
    public static func appendRetry(milliseconds: Int64, to bytes: inout [UInt8]) {
        bytes.append("retry: ")
        bytes.append(decimal: max(milliseconds, 0))
        bytes.append(0x0A)
    }

    private static func appendID(_ id: Span<UInt8>, to bytes: inout [UInt8]) {
        bytes.append("id: ")
        let start = bytes.count
        bytes.append(id)
        for byte in [0x0A, 0x0D, 0x00] as [UInt8] where id.firstIndex(of: byte) != nil {
            bytes[start...].removeAll { $0 == byte }
        }
        bytes.append(0x0A)
    }

    private static func appendData(_ gap: Gap, to bytes: inout [UInt8]) {
        bytes.append("data: {")
        gap.appendMembers(to: &bytes)
        bytes.append("}\n\n")
    }

    private static func appendData(_ data: Span<UInt8>, to bytes: inout [UInt8]) {
        guard isOneLine(data) else { return appendLines(data, field: "data: ", to: &bytes) }
        bytes.append("data: ")
        bytes.append(data)
        bytes.append(0x0A)
    }

    private static func isOneLine(_ text: Span<UInt8>) -> Bool {
        text.firstIndex(of: 0x0A) == nil && text.firstIndex(of: 0x0D) == nil
    }

    /// `text` split at each CR, LF and CRLF, every part as a field of its own.
    private static func appendLines(_ text: Span<UInt8>, field: StaticString, to bytes: inout [UInt8]) {
        bytes.append(field)
        var previous: UInt8 = 0
        for place in text.indices {
            let byte = text[place]
            if byte == 0x0A || byte == 0x0D {
                if !(byte == 0x0A && previous == 0x0D) {
                    bytes.append(0x0A)
                    bytes.append(field)
                }
            } else {
                bytes.append(byte)
            }
            previous = byte
        }
        bytes.append(0x0A)
    }
}

public import EventLog

/// Writes the frames of one subscription's body, each ready to be sent: its format, the form of its ids, and HTTP/1.1
/// chunks where asked for. Each call appends one whole frame, which with `isChunked` is one chunk of its own; what a
/// format has no words for appends nothing.
public struct FrameEncoder: Sendable {
    public let format: StreamFormat
    public let ids: IDForm
    public let isChunked: Bool
    /// To be replaced when a topic gets partitions.
    public var cursor: CursorEncoder

    public init(format: StreamFormat, ids: IDForm = .json, isChunked: Bool, cursor: CursorEncoder) {
        self.format = format
        self.ids = ids
        self.isChunked = isChunked
        self.cursor = cursor
    }

    public func appendPreamble(to bytes: inout [UInt8]) {
        Self.appendPreamble(of: format, isChunked: isChunked, to: &bytes)
    }

    /// The same where there is no encoder: a body's beginning says nothing of what follows.
    public static func appendPreamble(of format: StreamFormat, isChunked: Bool, to bytes: inout [UInt8]) {
        let mark = isChunked ? ChunkFraming.begin(&bytes) : nil
        switch format {
        case .sse: EventStreamEncoder.appendPreamble(to: &bytes)
        case .ndjson: NDJSONEncoder.appendPreamble(to: &bytes)
        }
        if let mark { ChunkFraming.end(&bytes, mark) }
    }

    /// - Parameters:
    ///   - object: a record's JSON object, on one line.
    ///   - positions: of the cursor after the record, in the order of `cursor.partitions`.
    public func appendRecord(_ object: Span<UInt8>, positions: Span<Position>, to bytes: inout [UInt8]) {
        let mark = begin(&bytes)
        switch format {
        case .sse:
            EventStreamEncoder.appendEvent(
                cursor: cursor, positions: positions, ids: ids, data: object, isOneLine: true, to: &bytes)
        case .ndjson: NDJSONEncoder.appendObject(object, to: &bytes)
        }
        end(&bytes, mark)
    }

    /// Moves the client's cursor without an event. Nothing in NDJSON, which has no ids.
    ///
    /// - Parameter isFinal: whether the stream ends with it, for it has sent all it was asked for.
    public func appendProgress(positions: Span<Position>, isFinal: Bool = false, to bytes: inout [UInt8]) {
        guard format == .sse else { return }
        let mark = begin(&bytes)
        EventStreamEncoder.appendProgress(
            cursor: cursor, positions: positions, ids: ids, isFinal: isFinal, to: &bytes)
        end(&bytes, mark)
    }

    /// - Parameters:
    ///   - positions: of the cursor after the gap.
    public func appendGap(_ gap: Gap, positions: Span<Position>, to bytes: inout [UInt8]) {
        let mark = begin(&bytes)
        switch format {
        case .sse: EventStreamEncoder.appendGap(gap, cursor: cursor, positions: positions, ids: ids, to: &bytes)
        case .ndjson: NDJSONEncoder.appendGap(gap, to: &bytes)
        }
        end(&bytes, mark)
    }

    /// Appends something to know that is no loss.
    public func appendNotice(_ notice: Notice, to bytes: inout [UInt8]) {
        let mark = begin(&bytes)
        switch format {
        case .sse: EventStreamEncoder.appendNotice(notice, to: &bytes)
        case .ndjson: NDJSONEncoder.appendNotice(notice, to: &bytes)
        }
        end(&bytes, mark)
    }

    /// - Parameters:
    ///   - problem: a problem document's JSON text (RFC 9457).
    public func appendError(problem: Span<UInt8>, to bytes: inout [UInt8]) {
        let mark = begin(&bytes)
        switch format {
        case .sse: EventStreamEncoder.appendError(problem: problem, to: &bytes)
        case .ndjson: NDJSONEncoder.appendError(problem: problem, to: &bytes)
        }
        end(&bytes, mark)
    }

    public func appendHeartbeat(time: Timestamp, to bytes: inout [UInt8]) {
        let mark = begin(&bytes)
        switch format {
        case .sse: EventStreamEncoder.appendHeartbeat(time: time, to: &bytes)
        case .ndjson: NDJSONEncoder.appendHeartbeat(to: &bytes)
        }
        end(&bytes, mark)
    }

    /// Nothing in NDJSON, which has no such word.
    public func appendRetry(milliseconds: Int64, to bytes: inout [UInt8]) {
        guard format == .sse else { return }
        let mark = begin(&bytes)
        EventStreamEncoder.appendRetry(milliseconds: milliseconds, to: &bytes)
        end(&bytes, mark)
    }

    /// What must follow the last frame: the last chunk, where there are chunks.
    public func appendEnd(to bytes: inout [UInt8]) {
        if isChunked { ChunkFraming.appendLast(to: &bytes) }
    }

    private func begin(_ bytes: inout [UInt8]) -> ChunkFraming.Mark? {
        isChunked ? ChunkFraming.begin(&bytes) : nil
    }

    private func end(_ bytes: inout [UInt8], _ mark: ChunkFraming.Mark?) {
        if let mark { ChunkFraming.end(&bytes, mark) }
    }
}

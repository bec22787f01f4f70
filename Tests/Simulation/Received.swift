internal import Compression
internal import EventFormats
internal import EventLog
internal import Streaming

/// Reads a body as a client does: chunks, then gzip, then events or lines.
struct BodyReader: ~Copyable {
    enum Item {
        case event(type: String, data: [UInt8], id: [UInt8])
        case retry
        /// An id without an event.
        case progress(id: [UInt8])
        /// An empty line of NDJSON.
        case heartbeat
        case end
    }

    let isChunked: Bool
    let format: StreamFormat
    private var gzip: GzipReader?
    private var chunked: [UInt8] = []
    private var parser = EventStreamParser()
    private var line: [UInt8] = []
    private var lines = 0

    init(_ subscription: Subscription) {
        isChunked = subscription.isChunked
        format = subscription.format
        if subscription.encoding == .gzip { gzip = try? GzipReader() }
    }

    mutating func push(_ bytes: [UInt8]) throws -> [Item] {
        guard isChunked else { return try body(bytes) }
        chunked += bytes
        var items: [Item] = []
        while let lineEnd = chunked.firstIndex(of: 0x0A) {
            let head = String(decoding: chunked[..<lineEnd], as: UTF8.self)
            guard head.hasSuffix("\r"), let size = Int(head.dropLast(), radix: 16) else {
                throw Failure("a bad chunk size: \(head)")
            }
            guard chunked.count >= lineEnd + 1 + size + 2 else { break }
            let payload = Array(chunked[lineEnd + 1..<lineEnd + 1 + size])
            guard chunked[lineEnd + 1 + size] == 0x0D, chunked[lineEnd + 2 + size] == 0x0A else {
                throw Failure("a chunk does not end where its size says")
            }
            chunked.removeFirst(lineEnd + 1 + size + 2)
            items += size == 0 ? [.end] : try body(payload)
        }
        return items
    }

    /// The body is complete: in gzip its end must be right.
    mutating func finish() throws {
        try gzip?.finish()
    }

    private mutating func body(_ coded: [UInt8]) throws -> [Item] {
        var bytes = coded
        if gzip != nil {
            bytes = []
            try gzip?.push(coded, into: &bytes)
        }
        switch format {
        case .sse:
            return try parser.push(bytes).compactMap { item in
                switch item {
                case .event(let event): .event(type: event.type, data: event.data, id: event.lastEventID)
                case .retry: .retry
                case .progress(let id): .progress(id: id)
                default: nil
                }
            }
        case .ndjson:
            var items: [Item] = []
            for byte in bytes {
                guard byte == 0x0A else {
                    line.append(byte)
                    continue
                }
                lines += 1
                // The first line is the preamble.
                if line.isEmpty, lines > 1 { items.append(.heartbeat) }
                if !line.isEmpty {
                    let told = ["gap", "notice"].first { line.starts(with: #"{"$notice":"\#($0)""#.utf8) }
                    items.append(.event(type: told ?? "message", data: line, id: []))
                }
                line = []
            }
            return items
        }
    }
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

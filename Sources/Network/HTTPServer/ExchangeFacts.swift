public import HTTP

/// What an access log says of an exchange: handed to the handler at the end of each stream and at each refusal.
public struct ExchangeFacts: Sendable {
    /// The other end of the connection, as it is counted: an IPv6 address by its network.
    public var peer: AddressKey
    /// Empty where the request was not read so far.
    public var method: String
    /// As the request line has it; cut after 500 bytes. Empty where the request was not read so far.
    public var target: String
    public var status: Int
    /// From the request to the end. Milliseconds.
    public var milliseconds: Int64
    /// Bytes handed to the kernel, the answer's head included.
    public var bytesSent: Int
    /// `EndReason` or `Refusal`, as in metrics.
    public var reason: String
}

/// The line of a request whose answer is a stream, and its status. Most streams of a loop have one of a few, which they share.
final class RequestLine: Sendable {
    let method: String
    let target: String
    let status: Int

    init(_ method: String, _ target: String, _ status: Int) {
        self.method = method
        self.target = target
        self.status = status
    }
}

/// What is remembered of a stream for its facts.
struct StreamRecord {
    var line: RequestLine?
    var startedAt: Int64 = 0
    var bytesSent = 0
}

/// The streams of one loop's connections, at the connections' own places.
struct StreamRecords {
    /// Lines that may be shared; thrown away together when they are too many.
    private static let lineLimit = 1024

    private var records: ContiguousArray<StreamRecord> = []
    private var lines: [String: RequestLine] = [:]

    mutating func begin(_ index: Int, _ method: String, _ target: String, status: Int, now: Int64) {
        while records.count <= index { records.append(StreamRecord()) }
        let key = "\(status) \(method) \(target)"
        let line = lines[key] ?? RequestLine(method, String(decoding: target.utf8.prefix(500), as: UTF8.self), status)
        if lines.count >= Self.lineLimit { lines = [:] }
        lines[key] = line
        records[index] = StreamRecord(line: line, startedAt: now)
    }

    mutating func sent(_ index: Int, _ bytes: Int) {
        if index < records.count { records[index].bytesSent += bytes }
    }

    /// The stream at this place has ended; nil: there is none.
    mutating func end(_ index: Int) -> StreamRecord? {
        guard index < records.count, records[index].line != nil else { return nil }
        defer { records[index] = StreamRecord() }
        return records[index]
    }
}

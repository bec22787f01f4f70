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
    public var transport: Transport
    /// The stream that has ended; nil for a request that was refused.
    public var exchange: ExchangeID?
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

/// Lines of requests that streams share.
struct RequestLines {
    /// Thrown away together when they are too many.
    private static let limit = 1024

    private var lines: [String: RequestLine] = [:]

    mutating func line(_ method: String, _ target: String, status: Int) -> RequestLine {
        let key = "\(status) \(method) \(target)"
        let line = lines[key] ?? RequestLine(method, String(decoding: target.utf8.prefix(500), as: UTF8.self), status)
        if lines.count >= Self.limit { lines = [:] }
        lines[key] = line
        return line
    }
}

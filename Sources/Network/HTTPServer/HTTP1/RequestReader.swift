/// Reads HTTP/1.1 requests from bytes, however they are cut. It does no I/O and knows no time.
///
/// One byte after the other, one state after the other: so a request gives the same result at every cut, and a wrong
/// byte is refused when it arrives. What RFC 9112 leaves to the recipient's leniency is refused, because every leniency
/// is a way for a proxy and this server to see different requests in the same bytes. A reader that has refused stays
/// so: the connection is of no more use.
public struct RequestReader: Sendable {
    /// What the bytes came to.
    public enum Event: Sendable {
        /// A whole request. The bytes after it belong to the next.
        case request(HTTPRequest)
        /// The head is complete, and the client waits for `100 Continue` before it sends the body.
        case continueExpected
        /// The bytes are no request this server takes.
        case refused(Refusal)
    }

    /// How far the present request is, for the choice of a deadline.
    public enum Progress: Sendable { case nothing, head, body }

    enum State: Sendable {
        case start, startLineFeed
        case method, target, version, requestLineFeed
        case fieldStart, fieldName, beforeValue, fieldValue, fieldLineFeed, headLineFeed
        case body
        case chunkSize, chunkExtension, chunkLineFeed, chunk, chunkEnd, chunkEndLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, trailersLineFeed
        case refused(Refusal)
    }

    /// Room for what comes at once is made up to here.
    private static let usualHeadBytes = 1024

    let limits: HTTPLimits
    let maximumBodyBytes: Int
    var state = State.start
    /// The bytes of the head so far; the fields and the target are ranges of it.
    var head: [UInt8] = []
    var emptyLines = 0
    var methodEnd = 0
    var targetEnd = 0
    var versionStart = 0
    var minorVersion = 1
    var nameStart = 0
    var nameEnd = 0
    var valueStart = 0
    var fields: [HTTPHeaders.Field] = []
    var method = ""
    var target = ""
    var parts = RequestTarget(path: "")
    var headers: HTTPHeaders?
    var body: [UInt8] = []
    /// Bytes still to come of the body, or of the present chunk.
    var remaining = 0
    /// The size of the chunk whose line is being read.
    var pendingSize = 0
    var sizeDigits = 0
    var extensionBytes = 0
    var trailerBytes = 0
    var trailers = 0

    /// A reader for one connection. A body of more than `maximumBodyBytes` is refused.
    public init(limits: HTTPLimits = HTTPLimits(), maximumBodyBytes: Int = 1024 * 1024) {
        self.limits = limits
        self.maximumBodyBytes = max(0, maximumBodyBytes)
    }

    /// The method and the target of a request that was not read to its end: what is there of them, the target cut after
    /// 500 bytes.
    var line: (method: String?, target: String?) {
        guard methodEnd > 0 else { return (nil, nil) }
        let end = targetEnd > 0 ? targetEnd : head.count
        let target = head[min(methodEnd + 1, end)..<min(end, methodEnd + 501)]
        return (method, target.isEmpty ? nil : String(decoding: target, as: UTF8.self))
    }

    /// Bytes of the body that were read so far.
    var bodyBytes: Int { body.count }

    public var progress: Progress {
        switch state {
        case .start, .startLineFeed: .nothing
        case .method, .target, .version, .requestLineFeed, .fieldStart, .fieldName, .beforeValue, .fieldValue,
            .fieldLineFeed, .headLineFeed:
            .head
        default: .body
        }
    }

    /// Reads `bytes` from `position` until something has come of them, and moves `position` past what it read. Nil: it
    /// wants more.
    public mutating func read(_ bytes: Span<UInt8>, at position: inout Int) -> Event? {
        if case .refused(let refusal) = state { return .refused(refusal) }
        if head.isEmpty { head.reserveCapacity(min(bytes.count - position, Self.usualHeadBytes)) }
        while position < bytes.count {
            if remaining > 0 {
                takeBody(bytes, at: &position)
                if remaining == 0, case .body = state { return .request(finish()) }
                continue
            }
            if keepRun(bytes, at: &position) { continue }
            let event = read(bytes[position])
            position += 1
            if let event { return event }
        }
        return nil
    }

    private mutating func read(_ byte: UInt8) -> Event? {
        do throws(Refusal) {
            switch state {
            case .start, .startLineFeed, .method, .target, .version, .requestLineFeed: try readRequestLine(byte)
            case .fieldStart, .fieldName, .beforeValue, .fieldValue, .fieldLineFeed: try readField(byte)
            case .headLineFeed:
                try require(byte == Self.lineFeed, or: .badLineEnd)
                try keep(byte)
                return try endHead()
            case .chunkSize, .chunkExtension, .chunkLineFeed, .chunk, .chunkEnd, .chunkEndLineFeed: try readChunk(byte)
            case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed: try readTrailer(byte)
            case .trailersLineFeed:
                try require(byte == Self.lineFeed, or: .badLineEnd)
                return .request(finish())
            case .body, .refused: break
            }
            return nil
        } catch {
            return refuse(error)
        }
    }

    private mutating func refuse(_ refusal: Refusal) -> Event {
        state = .refused(refusal)
        // The request line stays, for the answer to speak of.
        head.removeSubrange(min(head.count, targetEnd > 0 ? targetEnd : methodEnd + 501)...)
        body = []
        fields = []
        return .refused(refusal)
    }

    /// The request that is complete, and the reader ready for the next.
    private mutating func finish() -> HTTPRequest {
        let request = HTTPRequest(
            method: method, target: target, parts, minorVersion: minorVersion, headers: headers ?? HTTPHeaders([]),
            body: body)
        self = RequestReader(limits: limits, maximumBodyBytes: maximumBodyBytes)
        return request
    }

    /// After the head: a body, or the whole request.
    private mutating func endHead() throws(Refusal) -> Event? {
        let headers = HTTPHeaders(storage: head, fields: fields)
        self.headers = headers
        let framing = try BodyFraming(headers, minorVersion: minorVersion, maximumBytes: maximumBodyBytes)
        switch framing.length {
        case .none, .bytes(0): return .request(finish())
        case .bytes(let count):
            remaining = count
            state = .body
        case .chunked:
            sizeDigits = 0
            state = .chunkSize
        }
        return framing.expectsContinue ? .continueExpected : nil
    }

    func require(_ condition: Bool, or refusal: Refusal) throws(Refusal) {
        if !condition { throw refusal }
    }

    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
    static let space: UInt8 = 0x20
    static let tab: UInt8 = 0x09
}

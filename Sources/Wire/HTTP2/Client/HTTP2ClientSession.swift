internal import CNghttp2

/// One HTTP/2 connection's client side, without its socket: bytes in, events and bytes out (RFC 9113, over nghttp2).
///
/// Nothing is called back: what happened is in `events` when `receive` or `takeOutput` returns, until `removeEvents`.
/// To be used by one thread at a time.
@safe public final class HTTP2ClientSession {
    public enum ContentCoding: UInt8, Hashable, Sendable { case identity, gzip, other }

    /// What happened. A request is named by the number that it was made with.
    public enum Event: Hashable, Sendable {
        /// The server has said what it allows: requests may be made, `streamLimit` at a time.
        case ready
        /// A final response begins.
        case head(request: Int, status: Int, ContentCoding)
        /// The next bytes of a body are those of this range of the bytes that were received.
        case data(request: Int, Range<Int>)
        /// A response has ended in order.
        case end(request: Int)
        /// A response will not come, or not wholly.
        case reset(request: Int, HTTP2ErrorCode)
        /// The server takes no more requests on this connection.
        case goAway(HTTP2ErrorCode)
    }

    /// A header section as far as it was received.
    private struct Head {
        /// Nil in trailers.
        var status: Int?
        var coding = ContentCoding.identity
    }

    /// How much a server may send before it is told that more is taken. Once half of it has come, it is told.
    public struct Windows: Hashable, Sendable {
        /// Of each stream, and of the connection. Bytes.
        public let stream: Int32
        public let connection: Int32

        /// More than is ever under way: flow control holds nobody up.
        public static let wide = Windows(stream: 1 << 30, connection: 1 << 30)
        /// As the browser Chromium has them (`kSpdyStreamMaxRecvWindowSize` and `kSpdySessionMaxRecvWindowSize` of its network stack).
        public static let browser = Windows(stream: 6 << 20, connection: 15 << 20)
    }

    /// Lifetime: made in `init`, deleted in `deinit`. It has an unowned pointer to this object and uses it within calls
    /// that this object makes, so never when the object is gone.
    private let session: OpaquePointer
    public private(set) var events: [Event] = []
    /// How many requests the server takes at a time; known with the event `ready`.
    public private(set) var streamLimit = 0

    /// By the place of a stream's identifier among those of clients: its request's number; nil when it is over.
    private var requests: [Int?] = []
    /// The head that is being received.
    private var head = Head()
    /// Where the bytes are that are being received.
    private var input: UnsafeRawPointer?
    private var isReady = false
    /// Why this side ends the connection.
    private var failure: HTTP2Error?

    public init(windows: Windows = .wide) throws(HTTP2Error) {
        var callbacks: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks = unsafe callbacks else {
            throw .noMemory
        }
        // The session has a copy of its own.
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe Self.set(callbacks)
        var session: OpaquePointer?
        guard unsafe nghttp2_session_client_new(&session, callbacks, nil) == 0, let session = unsafe session else {
            throw .noMemory
        }
        unsafe self.session = session
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        try unsafe open(
            session,
            [(NGHTTP2_SETTINGS_ENABLE_PUSH, 0), (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(windows.stream))],
            window: windows.connection)
    }

    deinit { unsafe nghttp2_session_del(session) }

    /// The connection is of no more use: nothing is to be sent, and what comes would not be read.
    public var isOver: Bool {
        unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Takes what came from the server. The ranges of the events are of these bytes.
    ///
    /// - Throws: when the connection must be closed. The events before that have happened.
    public func receive(_ bytes: Span<UInt8>) throws(HTTP2Error) {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            // Lifetime: `input` is forgotten before the bytes are; the library keeps no pointer to them.
            unsafe input = buffer.baseAddress
            defer { unsafe input = nil }
            return unsafe nghttp2_session_mem_recv(
                session, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count)
        }
        if let failure { throw failure }
        guard count >= 0 else { throw Self.error(count) }
    }

    /// Appends what is to be sent to the server.
    ///
    /// - Throws: when the connection must be closed.
    public func takeOutput(into output: inout [UInt8]) throws(HTTP2Error) {
        while true {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            guard count >= 0 else { throw Self.error(count) }
            guard count > 0, let bytes = unsafe bytes else { break }
            // Lifetime: valid until the next call to the library; copied at once.
            unsafe output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        }
        if let failure { throw failure }
    }

    public func removeEvents() { events.removeAll(keepingCapacity: true) }

    /// Makes a request. It is sent with the next output.
    ///
    /// - Parameter number: what the events of this request are known by.
    /// - Returns: its stream.
    public func request(_ head: HTTP2RequestHead, number: Int) throws(HTTP2Error) -> Int32 {
        let stream = unsafe head.withFields {
            unsafe nghttp2_submit_request(session, nil, $0.baseAddress, $0.count, nil, nil)
        }
        guard stream > 0 else { throw .noMemory }
        let place = Int(stream - 1) / 2
        while requests.count <= place { requests.append(nil) }
        requests[place] = number
        return stream
    }

    /// Wants no more of a response. Nothing is told of its request from now on.
    public func cancel(_ stream: Int32) { cancel(stream, .cancel) }

    private func cancel(_ stream: Int32, _ code: HTTP2ErrorCode) {
        guard takeRequest(stream) != nil else { return }
        // It fails only when there is no memory, and then whatever comes of the stream is passed over.
        _ = unsafe nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
    }

    private func request(of stream: Int32) -> Int? {
        let place = Int(stream - 1) / 2
        return stream > 0 && place < requests.count ? requests[place] : nil
    }

    private func takeRequest(_ stream: Int32) -> Int? {
        guard let request = request(of: stream) else { return nil }
        requests[Int(stream - 1) / 2] = nil
        return request
    }

    private static func error(_ code: Int) -> HTTP2Error {
        switch Int32(truncatingIfNeeded: code) {
        case NGHTTP2_ERR_FLOODED.rawValue: .flooded
        default: HTTP2Error(libraryCode: code)
        }
    }

    // MARK: What the library tells

    func beganHead() { head = Head() }

    func received(field name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        if unsafe name.elementsEqual(":status".utf8) {
            // Three digits; the library has seen to it.
            head.status = unsafe Int(String(decoding: value, as: UTF8.self))
        } else if unsafe name.elementsEqual("content-encoding".utf8) {
            let coding = unsafe String(decoding: value, as: UTF8.self).lowercased()
            head.coding = coding == "gzip" ? .gzip : coding == "identity" ? .identity : .other
        }
    }

    func receivedHead(_ stream: Int32) {
        // Interim responses and trailers are passed over.
        guard let status = head.status, !(100..<200).contains(status), let request = request(of: stream) else { return }
        guard status >= 200 else { return refuse(stream, request) }
        events.append(.head(request: request, status: status, head.coding))
    }

    /// Ends a response whose status is below 100, such as `050`: it has three digits, so the library takes it for a final
    /// one, but there is no such status (RFC 9110, section 15).
    private func refuse(_ stream: Int32, _ request: Int) {
        cancel(stream, .protocolError)
        events.append(.reset(request: request, .protocolError))
    }

    func received(data: UnsafePointer<UInt8>, count: Int, _ stream: Int32) {
        guard let request = request(of: stream), let input = unsafe input else { return }
        // The library hands on a part of its input.
        let start = unsafe UnsafeRawPointer(data) - input
        events.append(.data(request: request, start..<start + count))
    }

    func receivedEnd(_ stream: Int32) {
        if let request = takeRequest(stream) { events.append(.end(request: request)) }
    }

    func closed(_ stream: Int32, _ code: HTTP2ErrorCode) {
        if let request = takeRequest(stream) { events.append(.reset(request: request, code)) }
    }

    func receivedSettings() {
        streamLimit = Int(
            unsafe nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
        guard !isReady else { return }
        isReady = true
        events.append(.ready)
    }

    func receivedGoAway(_ code: HTTP2ErrorCode) { events.append(.goAway(code)) }

    func gaveUp(_ code: HTTP2ErrorCode, _ reason: String) {
        guard code != .noError, failure == nil else { return }
        failure = isReady ? .violation(code, reason: reason) : .notHTTP2
    }
}

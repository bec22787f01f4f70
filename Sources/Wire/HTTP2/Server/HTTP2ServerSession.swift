internal import CNghttp2

/// One HTTP/2 connection's server side, without its socket: bytes in, events and bytes out (RFC 9113, over nghttp2).
///
/// Nothing is called back: what happened is in `events` when a call returns, until `removeEvents`. The bytes of a stream are
/// framed when they are written, as many as its window and the output have room for; what is not taken stays with the
/// caller, and `writable` tells when more is taken. The clock is a parameter: monotonic milliseconds.
///
/// To be used by one thread at a time.
@safe public final class HTTP2ServerSession {
    /// What happened. A stream is named by its identifier.
    public enum Event: Hashable, Sendable {
        /// A request is complete.
        case request(Int32, HTTP2Request)
        /// A request is not to be handed on; what was received of it is given. It waits for its answer all the same.
        case refused(Int32, HTTP2Refusal, HTTP2Request)
        /// More bytes of a stream are taken, after not all were.
        case writable(Int32)
        /// A request and its answer are over: `noError` where both are whole. The tag is the one that the stream had; nil: it had
        /// none.
        case closed(Int32, HTTP2ErrorCode, tag: Int32?)
    }

    /// Every client's first bytes (RFC 9113, section 3.4).
    public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    /// Of the whole connection, for what clients send. Bytes.
    private static let window: Int32 = 1 << 20

    /// Lifetime: made in `init`, deleted in `deinit`. It has an unowned pointer to this object and uses it within calls
    /// that this object makes, so never when the object is gone.
    private let session: OpaquePointer
    // First what each write needs: of a thousand connections nothing is in the processor's caches.
    private var streams = HTTP2StreamTable()
    /// The bytes that are being written, and to which stream.
    private var writing: (id: Int32, bytes: UnsafeRawBufferPointer)?
    /// The caller's output during a call that adds to it, and how large it may become.
    private var output: [UInt8] = []
    private var most = 0
    public private(set) var events: [Event] = []
    /// Why this side ends the connection.
    private var failure: HTTP2Error?
    private var now: Int64
    private let limits: HTTP2Limits
    /// When the header that is being received began; nil: none is.
    public private(set) var headSince: Int64?
    private var rates: [HTTP2Abuse: HTTP2Rate] = [:]
    /// Bytes of requests' bodies that were received and not yet told.
    public private(set) var bodyBytes = 0
    /// Bytes of whole answers that were not framed yet.
    public private(set) var unframedBytes = 0

    public init(_ limits: HTTP2Limits, now: Int64) throws(HTTP2Error) {
        self.limits = limits
        self.now = now
        var callbacks: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks = unsafe callbacks else {
            throw .noMemory
        }
        // The session has a copy of its own.
        defer { unsafe nghttp2_session_callbacks_del(callbacks) }
        unsafe Self.set(callbacks)
        var session: OpaquePointer?
        // Lifetime: the session has a copy of it, too.
        var memory = unsafe sessionMemory()
        guard unsafe nghttp2_session_server_new3(&session, callbacks, nil, nil, &memory) == 0,
            let session = unsafe session
        else { throw .noMemory }
        unsafe self.session = session
        unsafe nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        try unsafe open(
            session,
            [
                (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, UInt32(clamping: limits.streams)),
                (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(clamping: limits.headBytes)),
            ], window: Self.window)
    }

    deinit { unsafe nghttp2_session_del(session) }

    // MARK: Bytes

    /// Takes what came from the client, its preface included.
    ///
    /// - Throws: when the connection must be closed, after what `takeOutput` still gives. The events before that have
    ///   happened.
    public func receive(_ bytes: Span<UInt8>, now: Int64) throws(HTTP2Error) {
        self.now = now
        let count = unsafe bytes.withUnsafeBytes { buffer in
            // Lifetime: the library keeps no pointer to the bytes.
            unsafe nghttp2_session_mem_recv(
                session, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count)
        }
        if count == Int(NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue) { fail(.abuse(.continuations)) }
        if count < 0 { fail(Self.error(count)) }
        if let failure { throw failure }
    }

    /// Appends what is to be sent to the client, until the output has about `most` bytes.
    ///
    /// - Throws: when the connection must be closed, after this output.
    public func takeOutput(into output: inout [UInt8], most: Int, now: Int64) throws(HTTP2Error) {
        self.now = now
        self.most = most
        swap(&output, &self.output)
        collectOutput()
        swap(&output, &self.output)
        if let failure { throw failure }
    }

    private func collectOutput() {
        while output.count < most {
            var bytes: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &bytes)
            if count < 0 { fail(Self.error(count)) }
            guard count > 0, let bytes = unsafe bytes else { break }
            // Lifetime: valid until the next call to the library; copied at once.
            unsafe output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        }
    }

    public func removeEvents() { events.removeAll(keepingCapacity: events.capacity <= 64) }

    /// The connection is of no more use: nothing is to be sent, and what comes would not be read.
    public var isOver: Bool {
        unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    // MARK: Answers

    /// How many requests there are that are not over.
    public var streamCount: Int { streams.count }

    /// Requests that have been received in part for longer than since `time`.
    public func incomplete(since time: Int64) -> [Int32] {
        streams.ids { !$0.isTold && $0.incoming.map { $0.since <= time } ?? false }
    }

    /// Requests that have been told for longer than since `time` though their bodies are not complete.
    public func unfinished(since time: Int64) -> [Int32] {
        streams.ids { $0.isTold && !$0.isComplete && $0.incoming.map { $0.since <= time } ?? false }
    }

    /// Whole answers of which nothing has been taken since `time`.
    public func stalledAnswers(since time: Int64) -> [Int32] {
        streams.ids {
            if case .whole(let answer) = $0.answer { answer.unframed > 0 && answer.progressAt <= time } else { false }
        }
    }

    // MARK: Tags

    /// Whether a request or its answer is not over.
    public func hasStream(_ id: Int32) -> Bool { streams.place(of: id) != nil }

    /// Has a stream known by a number of the caller's, from zero, or by none. The number is no other stream's.
    public func tag(_ id: Int32, _ tag: Int32?) {
        if let place = streams.place(of: id) { streams[place].tag = tag ?? -1 }
    }

    /// The number that a stream is known by; nil: none.
    public func tag(of id: Int32) -> Int32? {
        guard let place = streams.place(of: id), streams[place].tag >= 0 else { return nil }
        return streams[place].tag
    }

    /// The stream that is known by a number; nil: none, or it is over.
    public func stream(tagged tag: Int32) -> Int32? { streams.place(tagged: tag).map { streams[$0].id } }

    /// All numbers that streams are known by, and those of streams whose end is still to be told.
    public var tags: [Int32] {
        streams.tags + events.compactMap { if case .closed(_, _, let tag?) = $0 { tag } else { nil } }
    }

    // MARK: Answering

    /// Answers a request as a whole.
    ///
    /// - Parameters:
    ///   - fields: names in lower case; none that HTTP/2 leaves out.
    ///   - body: nil: the answer has none, as to a `HEAD` request.
    public func respond(_ id: Int32, status: Int, fields: [(name: String, value: String)], body: [UInt8]?) {
        guard let place = streams.place(of: id), case .none = streams[place].answer else { return }
        dropBody(streams[place])
        streams[place].tell()
        let body = body ?? []
        streams[place].answer = .whole(HTTP2WholeAnswer(body, now: now))
        unframedBytes += body.count
        submit(id, status, fields, hasBody: !body.isEmpty)
    }

    /// Begins a stream as the answer to a request.
    public func startStream(_ id: Int32, status: Int, fields: [(name: String, value: String)]) {
        guard let place = streams.place(of: id), case .none = streams[place].answer else { return }
        streams[place].answer = .stream
        submit(id, status, fields, hasBody: true)
    }

    private func submit(_ id: Int32, _ status: Int, _ fields: [(name: String, value: String)], hasBody: Bool) {
        var head = HTTP2Fields()
        head.append(":status", "\(status)")
        for (name, value) in fields { head.append(name, value) }
        var provider = unsafe nghttp2_data_provider()
        unsafe provider.read_callback = unsafe Self.provide
        let result = unsafe head.withFields { head in
            // Lifetime: the library copies the fields and the provider.
            unsafe withUnsafePointer(to: &provider) {
                unsafe nghttp2_submit_response(session, id, head.baseAddress, head.count, hasBody ? $0 : nil)
            }
        }
        // It fails only without memory, or when the client has reset the stream in the same bytes, which is told.
        if result == NGHTTP2_ERR_NOMEM.rawValue { fail(.noMemory) }
    }

    /// Frames bytes of a stream.
    ///
    /// - Parameters:
    ///   - output: takes the frames, and what else is to be sent, until it has about `most` bytes.
    /// - Returns: how many were taken. If that is less than all, `writable` follows.
    public func write(
        _ bytes: UnsafeRawBufferPointer, to id: Int32, into output: inout [UInt8], most: Int, now: Int64
    ) throws(HTTP2Error) -> Int {
        guard let place = streams.place(of: id), case .stream = streams[place].answer, unsafe !bytes.isEmpty else {
            return 0
        }
        // Where the output is full, the library asks for the stream's bytes once there is room, and that is told.
        resume(place)
        guard output.count < most else {
            streams[place].wantsWritable = true
            return 0
        }
        // Lifetime: forgotten before this returns.
        unsafe writing = (id, bytes)
        defer { unsafe writing = nil }
        try takeOutput(into: &output, most: most, now: now)
        let left = unsafe writing?.bytes.count ?? 0
        if left > 0, let place = streams.place(of: id) { streams[place].wantsWritable = true }
        return bytes.count - left
    }

    /// Ends a stream after what was written.
    public func finish(_ id: Int32) {
        guard let place = streams.place(of: id), case .stream = streams[place].answer else { return }
        streams[place].answer = .endOfStream
        streams[place].wantsWritable = false
        resume(place)
    }

    private func resume(_ place: Int) {
        guard streams[place].isDeferred else { return }
        streams[place].isDeferred = false
        // It fails only without memory: then the stream stalls, and is given up for that.
        _ = unsafe nghttp2_session_resume_data(session, streams[place].id)
    }

    /// Ends a request or stream now. Nothing is told of it from here on.
    public func reset(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard forget(id) != nil else { return }
        _ = unsafe nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
    }

    private func forget(_ id: Int32) -> HTTP2ServerStream? {
        guard let stream = streams.remove(id) else { return nil }
        dropBody(stream)
        unframedBytes -= stream.unframed
        return stream
    }

    private func dropBody(_ stream: HTTP2ServerStream) {
        guard let incoming = stream.incoming else { return }
        bodyBytes -= incoming.request.body.count
        incoming.request.body = []
    }

    // MARK: The end

    /// Tells the client to make no more requests, and takes those that are on their way (RFC 9113, section 6.8).
    public func announceEnd() { _ = unsafe nghttp2_submit_shutdown_notice(session) }

    /// Takes no more requests. Those that were taken go on.
    public func end(_ code: HTTP2ErrorCode = .noError) {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        _ = unsafe nghttp2_submit_goaway(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, nil, 0)
    }

    /// The first reason stands. The client is told the code.
    private func fail(_ error: HTTP2Error) {
        guard failure == nil else { return }
        failure = error
        if case .abuse = error { end(.enhanceYourCalm) }
    }

    private static func error(_ code: Int) -> HTTP2Error {
        switch Int32(truncatingIfNeeded: code) {
        case NGHTTP2_ERR_FLOODED.rawValue: .abuse(.untakenAnswers)
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: .notHTTP2
        default: HTTP2Error(libraryCode: code)
        }
    }

    // MARK: What the library tells

    /// Counts one of a kind; too many end the connection.
    func count(_ kind: HTTP2Abuse) {
        let perSecond =
            kind == .rapidReset || kind == .madeYouReset ? limits.resetsPerSecond : limits.framesPerSecond
        if !rates[kind, default: HTTP2Rate()].take(perSecond: perSecond, now: now) { fail(.abuse(kind)) }
    }

    func beganFrame() { if headSince == nil { headSince = now } }

    func beganHead(_ id: Int32) {
        // Trailers come on a stream that there is.
        if streams.place(of: id) == nil { streams.add(HTTP2ServerStream(id, since: now)) }
    }

    /// - Returns: whether to go on with the header.
    func received(_ id: Int32, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let place = streams.place(of: id), let incoming = streams[place].incoming else { return true }
        incoming.headBytes += name.count + value.count + 32
        if incoming.headBytes > 4 * limits.headBytes {
            fail(.abuse(.headerBomb))
            return false
        }
        // The trailers of a request are not needed.
        guard !streams[place].isComplete, incoming.refusal == nil, !incoming.hasHead else { return true }
        if incoming.headBytes > limits.headBytes {
            incoming.refusal = .headTooLarge
        } else if unsafe name.first == UInt8(ascii: ":") {
            unsafe incoming.setPseudo(name, value)
        } else if incoming.request.fields.count == limits.fields {
            incoming.refusal = .tooManyFields
        } else {
            unsafe incoming.request.append(name, value)
        }
        return true
    }

    func receivedHead(_ id: Int32, isEnd: Bool) {
        headSince = nil
        guard let place = streams.place(of: id), let incoming = streams[place].incoming else { return }
        incoming.hasHead = true
        if isEnd {
            receivedEnd(id)
        } else if incoming.refusal != nil {
            tell(place)
        } else if incoming.expectsContinue {
            var head = HTTP2Fields()
            head.append(":status", "100")
            _ = unsafe head.withFields {
                // Lifetime: the library copies the fields.
                unsafe nghttp2_submit_headers(
                    session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, nil, $0.baseAddress, $0.count, nil)
            }
        }
    }

    func received(data: UnsafeBufferPointer<UInt8>, _ id: Int32) {
        guard let place = streams.place(of: id), let incoming = streams[place].incoming else { return }
        guard !streams[place].isTold else {
            incoming.discarded += data.count
            if incoming.discarded > limits.refusedBodyBytes { reset(id, .noError) }
            return
        }
        if incoming.request.body.count + data.count > limits.bodyBytes {
            incoming.refusal = .bodyTooLarge
            dropBody(streams[place])
            return tell(place)
        }
        unsafe incoming.request.body += data
        bodyBytes += data.count
    }

    func receivedEnd(_ id: Int32) {
        guard let place = streams.place(of: id) else { return }
        streams[place].complete()
        tell(place)
    }

    private func tell(_ place: Int) {
        guard !streams[place].isTold, let incoming = streams[place].incoming else { return }
        let id = streams[place].id
        bodyBytes -= incoming.request.body.count
        let request = incoming.request
        incoming.request = HTTP2Request()
        streams[place].tell()
        events.append(incoming.refusal.map { .refused(id, $0, request) } ?? .request(id, request))
    }

    /// A stream's end, by whichever side.
    func closed(_ id: Int32, _ code: HTTP2ErrorCode) {
        headSince = nil
        guard let stream = forget(id) else { return }
        // Of requests that were never told nothing is to be told now.
        if stream.isTold { events.append(.closed(id, code, tag: stream.tag >= 0 ? stream.tag : nil)) }
    }

    func gaveUp(_ code: HTTP2ErrorCode, _ reason: String) {
        guard code != .noError else { return }
        fail(code == .enhanceYourCalm ? .abuse(.rapidReset) : .violation(code, reason: reason))
    }

    /// The library wants bytes of a stream, `buffer.count` at most.
    func provide(_ id: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Provision {
        if unsafe writing?.id == id, let bytes = unsafe writing?.bytes, unsafe !bytes.isEmpty {
            let count = min(buffer.count, bytes.count)
            if count < 64, count < bytes.count { self.count(.tinyWindows) }
            return .written(count)
        }
        guard let place = streams.place(of: id) else { return .copied(0, isEnd: true) }
        switch streams[place].answer {
        case .whole(let answer):
            let count = unsafe answer.frame(into: buffer, now: now)
            if count < 64, answer.unframed > 0 { self.count(.tinyWindows) }
            unframedBytes -= count
            return .copied(count, isEnd: answer.unframed == 0)
        case .stream:
            streams[place].isDeferred = true
            if streams[place].wantsWritable {
                streams[place].wantsWritable = false
                events.append(.writable(id))
            }
            return .nothingYet
        case .endOfStream, .none: return .copied(0, isEnd: true)
        }
    }

    /// Adds a frame with the first `count` of the bytes that are being written to the output.
    ///
    /// - Parameter head: the frame's head.
    /// - Returns: whether more may follow at once; nil: there are not so many bytes.
    func frame(_ head: UnsafeRawBufferPointer, _ count: Int) -> Bool? {
        guard let bytes = unsafe writing?.bytes, count <= bytes.count else { return nil }
        unsafe output.append(contentsOf: head)
        unsafe output.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        unsafe writing?.bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
        return count < bytes.count && output.count < most
    }
}

extension HTTP2ServerSession {
    /// The answer when the library wants bytes of a stream.
    enum Provision {
        /// So many were copied to the library's buffer. With `isEnd` they are the last.
        case copied(Int, isEnd: Bool)
        /// So many of those that are being written come when the library has made the frame's head.
        case written(Int)
        /// The library is told when there are any.
        case nothingYet
    }
}

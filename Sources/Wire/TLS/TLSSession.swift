internal import COpenSSL

/// One connection's TLS, without its socket: bytes of the wire in and out, by `TLSBuffers`, and bytes of the application.
///
/// To be used by one thread at a time.
@safe public final class TLSSession {
    /// The most that `receive` takes, so that what comes of it, with what was left of a record before, fits into
    /// `plainBytes`.
    public static let wireBytes = 32 * 1024
    public static let plainBytes = 64 * 1024

    /// Made once for all.
    private static let method = unsafe SharedMethod(pointer: copenssl_make_transfer_method())

    /// Sendable by hand: it is not changed once it was made.
    @safe private struct SharedMethod: @unchecked Sendable { let pointer: OpaquePointer? }

    /// Lifetime: made in `init`, freed in `deinit`, with the BIO that it owns.
    let session: OpaquePointer
    private let buffers: TLSBuffers
    /// What OpenSSL's callbacks find by an unowned pointer.
    private let context: AnyObject
    /// Why nothing more is read or sent.
    public private(set) var failure: TLSError?
    /// The peer has said that nothing follows.
    public private(set) var hasPeerEnded = false
    /// Nil: none was told, or it can't be used any more.
    private var sendingKey: TLSSendingKey?
    /// Somebody else encrypts what is sent: nothing goes out by this session.
    private var isSendingElsewhere = false

    /// The server's side.
    public convenience init(_ context: TLSServerContext, _ buffers: TLSBuffers) throws(TLSError) {
        try unsafe self.init(context, context.first, buffers)
        unsafe SSL_set_accept_state(session)
    }

    /// The client's side.
    ///
    /// - Parameter host: the server's name, or nothing where it has none.
    public convenience init(_ context: TLSClientContext, host: String?, _ buffers: TLSBuffers) throws(TLSError) {
        try unsafe self.init(context, context.context, buffers)
        unsafe SSL_set_connect_state(session)
        if let host { _ = unsafe copenssl_set_host(session, host) }
    }

    private init(_ owner: AnyObject, _ context: OpaquePointer, _ buffers: TLSBuffers) throws(TLSError) {
        guard let session = unsafe SSL_new(context) else { throw .noMemory }
        guard let bio = unsafe copenssl_make_transfer(Self.method.pointer, buffers.transfer) else {
            unsafe SSL_free(session)
            throw .noMemory
        }
        unsafe SSL_set_bio(session, bio, bio)
        unsafe self.session = session
        self.context = owner
        self.buffers = buffers
    }

    deinit { unsafe SSL_free(session) }

    /// What was agreed on; nil: nothing yet.
    public private(set) var facts: TLSFacts?

    /// The two sides have not agreed yet.
    public var isHandshaking: Bool { facts == nil }

    private func lookForEndOfHandshake() {
        guard facts == nil, unsafe SSL_is_init_finished(session) == 1 else { return }
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        // Lifetime: the session's, which is not touched meanwhile.
        unsafe SSL_get0_alpn_selected(session, &name, &count)
        let chosen = unsafe Array(UnsafeBufferPointer(start: name, count: Int(count)))
        facts = unsafe TLSFacts(
            version: SSL_version(session) == TLS1_3_VERSION ? .tls13 : .tls12,
            isResumed: SSL_session_reused(session) == 1,
            isHTTP2: chosen == ApplicationProtocol.http2)
    }

    /// A client speaks first.
    public func begin() {
        let before = buffers.outputCount
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(session)
        if result != 1 { note(result) }
        noteSendingKey(outputBefore: before)
    }

    /// Takes what came over the wire: all of it, or the session has failed. What is to be sent is then in the buffers' output, also when it has.
    ///
    /// - Parameters:
    ///   - wire: `wireBytes` at most.
    ///   - plain: where the application's bytes go: room for `plainBytes`.
    /// - Returns: how many those are.
    public func receive(_ wire: UnsafeRawBufferPointer, into plain: UnsafeMutableRawBufferPointer) -> Int {
        precondition(wire.count <= Self.wireBytes && plain.count >= Self.plainBytes)
        guard failure == nil, !hasPeerEnded else { return 0 }
        let before = buffers.outputCount
        // Lifetime: the bytes are the caller's during this call, and forgotten at its end.
        unsafe buffers.transfer.pointee.input = wire.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe buffers.transfer.pointee.input_count = wire.count
        defer {
            unsafe buffers.transfer.pointee.input = nil
            unsafe buffers.transfer.pointee.input_count = 0
        }
        var total = 0
        while failure == nil, !hasPeerEnded {
            var count = 0
            ERR_clear_error()
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: plain[total...])
            let result = unsafe SSL_read_ex(session, rest.baseAddress, rest.count, &count)
            lookForEndOfHandshake()
            guard result == 1 else {
                note(result)
                break
            }
            total += count
        }
        noteSendingKey(outputBefore: before)
        return total
    }

    /// Encrypts bytes of the application, all of them, into the buffers' output.
    ///
    /// - Returns: false: nothing can be sent; before the two sides have agreed, or when the session has failed.
    public func send(_ plain: UnsafeRawBufferPointer) -> Bool {
        guard failure == nil, !isHandshaking, !isSendingElsewhere else { return false }
        let before = buffers.outputCount
        var count = 0
        ERR_clear_error()
        // Lifetime: the bytes are copied.
        let result = unsafe SSL_write_ex(session, plain.baseAddress, plain.count, &count)
        if result != 1 { note(result) }
        noteSendingKey(outputBefore: before)
        return failure == nil
    }

    /// Has somebody else encrypt what is sent from now on, if the context allows it (`TLSServerContext.offersKeys`). All that
    /// the session has given before must have gone out.
    ///
    /// - Parameter take: gets the key in the form of `<linux/tls.h>`, valid until it returns, and answers whether it encrypts. It is
    ///   asked once.
    /// - Returns: whether that is so: `send` is not to be called again, nor `end`.
    public func handSending(to take: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        guard failure == nil, !isHandshaking, let key = sendingKey else { return false }
        sendingKey = nil
        isSendingElsewhere = unsafe key.bytes.withUnsafeBytes { unsafe take($0) }
        return isSendingElsewhere
    }

    /// Notes a key that the session sends with, and follows the number of its records.
    private func noteSendingKey(outputBefore: Int) {
        guard !isSendingElsewhere else { return refuseToSend(outputBefore: outputBefore) }
        // The next record of this session's own is with a key that is told to nobody.
        guard !isAskedForNewKey else {
            sendingKey = nil
            return
        }
        let (count, start) = unsafe (buffers.transfer.pointee.key_count, buffers.transfer.pointee.key_start)
        var begin = outputBefore
        if count > 0 {
            // The bytes are copied.
            let bytes = unsafe withUnsafeBytes(of: &buffers.transfer.pointee.key) { unsafe Array($0[..<count]) }
            buffers.removeKey()
            sendingKey = TLSSendingKey(bytes: bytes)
            begin = start
        }
        guard sendingKey != nil else { return }
        let isWhole = unsafe buffers.withOutput { output in
            unsafe sendingKey?.pass(UnsafeRawBufferPointer(rebasing: output[begin...])) ?? false
        }
        if !isWhole { sendingKey = nil }
    }

    /// Where somebody else sends, this session's records would come with a number twice. An alert says why the session has failed
    /// already; a new key, for which the peer may ask (RFC 8446, section 4.6.3), nobody else has.
    private func refuseToSend(outputBefore: Int) {
        buffers.removeOutput(after: outputBefore)
        buffers.removeKey()
        if failure == nil, isAskedForNewKey { failure = .asksForNewKey }
    }

    private var isAskedForNewKey: Bool { unsafe SSL_get_key_update_type(session) != SSL_KEY_UPDATE_NONE }

    /// Tells the peer that nothing follows.
    public func end() {
        guard failure == nil, !isHandshaking, !isSendingElsewhere else { return }
        ERR_clear_error()
        _ = unsafe SSL_shutdown(session)
        ERR_clear_error()
    }

    /// - Parameter result: of a call that did not do all.
    private func note(_ result: Int32) {
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_NONE, SSL_ERROR_WANT_READ: break
        case SSL_ERROR_ZERO_RETURN: hasPeerEnded = true
        default: failure = .violation(takeReason())
        }
    }
}

internal import CNghttp2

// Calls of nghttp2 that the sessions of clients and of servers share.

/// Sends a session's first settings and opens the connection's window.
///
/// - Parameter session: valid during the call.
func open(
    _ session: OpaquePointer, _ settings: [(id: nghttp2_settings_id, value: UInt32)], window: Int32
) throws(HTTP2Error) {
    let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.id.rawValue), value: $0.value) }
    let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    // Lifetime: the library copies the settings.
    guard
        unsafe entries.withUnsafeBufferPointer({
            unsafe nghttp2_submit_settings(session, flags, $0.baseAddress, $0.count)
        }) == 0, unsafe nghttp2_session_set_local_window_size(session, flags, 0, window) == 0
    else { throw .noMemory }
}

extension HTTP2Error {
    /// The error for a code of nghttp2: no memory, or a broken rule of HTTP/2.
    init(libraryCode code: Int) {
        let code = Int32(truncatingIfNeeded: code)
        // The library's texts are constants.
        self =
            code == NGHTTP2_ERR_NOMEM.rawValue
            ? .noMemory : .violation(.protocolError, reason: unsafe String(cString: nghttp2_strerror(code)))
    }
}

internal import CNghttp2

/// Why a stream or a connection was ended (RFC 9113, section 7).
public struct HTTP2ErrorCode: RawRepresentable, Hashable, Sendable {
    public static let noError = HTTP2ErrorCode(rawValue: 0)
    public static let protocolError = HTTP2ErrorCode(rawValue: 1)
    public static let internalError = HTTP2ErrorCode(rawValue: 2)
    public static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)
    public static let refusedStream = HTTP2ErrorCode(rawValue: 7)
    public static let cancel = HTTP2ErrorCode(rawValue: 8)

    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// As the RFC writes it, such as `PROTOCOL_ERROR`; `unknown` for codes that it doesn't know.
    public var name: String {
        // The library's names are constants.
        unsafe String(cString: nghttp2_http2_strerror(rawValue))
    }
}

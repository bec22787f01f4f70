internal import Time

/// A time in a stream.
public struct StreamTime: Hashable, Sendable {
    /// As the server reads it.
    public let text: String

    /// As it is written: ISO 8601 with or without a zone (none: UTC), a date, an HTTP date, milliseconds or seconds since
    /// 1970, or a duration such as `PT1H`, which means that long ago. The server refuses what it can't read.
    public init(_ text: String) { self.text = text }

    /// - Parameter unixMilliseconds: milliseconds since 1970.
    public static func at(unixMilliseconds: Int64) -> StreamTime { StreamTime(ISO8601.format(unixMilliseconds)) }

    /// So long before the server's now. Less than a second of it doesn't count.
    public static func ago(_ duration: Duration) -> StreamTime {
        StreamTime("PT\(max(duration.components.seconds, 0))S")
    }
}

/// Memory for outputs, which the HTTP/2 connections of one loop use one after the other: it is warm, has grown already, and a
/// connection that waits has none.
struct SpareOutputs {
    /// So many are kept.
    private static let most = 16
    /// Larger ones are not. Bytes.
    private static let mostBytes = 2 * HTTP2Connection.outputBytes

    private var spare: [[UInt8]] = []

    mutating func take() -> [UInt8] { spare.popLast() ?? [] }

    /// - Parameter room: empty.
    mutating func giveBack(_ room: [UInt8]) {
        if room.capacity > 0, room.capacity <= Self.mostBytes, spare.count < Self.most { spare.append(room) }
    }
}

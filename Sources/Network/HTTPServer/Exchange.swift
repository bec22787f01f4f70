internal import HTTP
internal import Reactor

/// One request and its answer or stream, as long as it lives. The identifier of an exchange that is over never means
/// another one.
public struct ExchangeID: Hashable, Sendable {
    let key: SlabKey
}

/// The server's state of one exchange.
struct Exchange {
    /// Stands for the connection of an exchange that has ended, until its handler knows.
    private static let noConnection = UInt32.max

    /// Of a stream.
    private var line: RequestLine?
    /// Bytes of the stream that were handed to the kernel, the head included.
    private(set) var bytesSent = 0
    private var place: UInt32
    /// When the stream began, in hundredths of a second: so a place in the slab takes a quarter less, and a stream's time
    /// is right for more than a year.
    private var startedAt: UInt32 = 0

    /// Stands where there is none.
    static let vacant = Exchange(on: Int(noConnection))

    /// - Parameter connection: its place in the slab.
    init(on connection: Int) { place = UInt32(connection) }

    /// The place of its connection; nil: it has ended.
    var connection: Int? { place == Self.noConnection ? nil : Int(place) }

    mutating func beginStream(_ line: RequestLine, now: Int64) {
        self.line = line
        startedAt = UInt32(truncatingIfNeeded: now / 10)
    }

    mutating func sent(_ count: Int) { bytesSent += count }

    /// Ends it.
    ///
    /// - Returns: the facts of a stream; nil: it was none.
    mutating func end(_ peer: AddressKey, _ reason: EndReason, _ transport: Transport, now: Int64) -> ExchangeFacts? {
        place = Self.noConnection
        guard let line else { return nil }
        self.line = nil
        let hundredths = UInt32(truncatingIfNeeded: now / 10) &- startedAt
        return ExchangeFacts(
            peer: peer, method: line.method, target: line.target, status: line.status,
            milliseconds: Int64(hundredths) * 10, bytesSent: bytesSent, reason: reason.rawValue,
            transport: transport)
    }
}

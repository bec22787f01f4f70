/// What may be taken of one listener. Each listener has its own, so that none can starve another. Nil: no limit.
public struct ListenerLimits: Sendable, Equatable {
    /// Connections at once: 503. Idle ones are closed for new ones before that.
    public var connections: Int?
    /// Connections at once of one client address (IPv6: one /64): 429.
    public var connectionsPerAddress: Int?
    /// New connections a second of one client address, on average over `rateSeconds`: 429.
    public var newPerSecondPerAddress: Int?
    /// New connections a second: what is more waits to be accepted.
    public var newPerSecond: Int?
    /// Connections at once that were taken on only to be told that there is no place, and the same for one client
    /// address: further ones are closed without a word.
    public var refusals = 64
    public var refusalsPerAddress = 8

    /// What the rates are averaged over, which is how long a burst may be.
    public static let rateSeconds = 10

    public init() {}
}

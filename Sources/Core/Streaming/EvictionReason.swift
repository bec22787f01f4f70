/// Why a client is cut off. The raw values name them in metrics.
public enum EvictionReason: String, Hashable, Sendable, CaseIterable {
    /// Its socket took nothing for the stall timeout.
    case stalled
    /// All sockets together, or the server for all clients, held too much, and much of it for this one.
    case overBudget = "over_budget"
    /// It had taken a part of an event that was prepared under rules that do not hold any more.
    case outdated
    /// It did not take the end of its stream in time.
    case drainTimeout = "drain_timeout"
}

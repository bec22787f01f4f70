public import Reactor

/// Something an operator should know of a running server.
public enum ServerNotice: Sendable, Equatable {
    /// Nothing is accepted on any listener until a descriptor, or memory, is free again.
    case acceptingPaused(SystemError)
    case acceptingResumed
}

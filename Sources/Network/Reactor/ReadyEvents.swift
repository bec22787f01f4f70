internal import CLinux

/// What a descriptor is watched for, or what happened to it.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer has ended its side: no more bytes come after those that can be read.
    public static let peerEnded = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Reset, timed out, or both sides have ended. Always reported, asked for or not.
    public static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
    /// Reported once for each change instead of for as long as it holds.
    public static let edgeTriggered = Readiness(rawValue: EPOLLET.rawValue)
}

/// The events of one turn of a loop, valid for the time of the call that brings them.
@safe
public struct ReadyEvents {
    // The loop's own array, which it neither moves nor fills again before the call that brings the events has returned.
    private let events: UnsafeMutablePointer<epoll_event>
    public let count: Int

    init(_ events: UnsafeMutablePointer<epoll_event>, count: Int) {
        unsafe self.events = unsafe events
        self.count = count
    }

    public subscript(index: Int) -> (key: SlabKey, readiness: Readiness) {
        precondition(index >= 0 && index < count)
        let event = unsafe events[index]
        return unsafe (SlabKey(word: event.data.u64), Readiness(rawValue: event.events))
    }
}

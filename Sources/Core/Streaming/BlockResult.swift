public import EventFormats
public import EventLog

/// What became of a request for a block.
public enum BlockResult: Sendable {
    /// It covers the offset asked for.
    case block(Block)
    /// Those before `next` can't be had and never will be.
    case missing(next: Offset, Gap.Reason, detail: String)
    /// Not now: worth another try.
    case unavailable
}

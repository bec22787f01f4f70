internal import CLinux

/// How long a thread runs before others of the same core that are ready get their turn.
///
/// A loop with much to do keeps its core busy, and an event passes several threads on its way to the loop. Where they share
/// that core, each of them waits for the loop's slice to be over: milliseconds by the kernel's choice (EEVDF, Linux 6.12 and later).
public enum TimeSlices {
    /// The shortest there is. Nanoseconds.
    private static let shortest: UInt64 = 100_000

    /// Has the calling thread, and all threads that come of it from now on, take turns quickly, so that those with little to do
    /// need not wait for a loop. To be called before there are others. What it gets in all does not change. Where the kernel
    /// can't, nothing does.
    public static func shorten() { _ = linux_set_slice(shortest) }

    /// Gives the calling thread the kernel's choice again: a loop goes on for longer, and is interrupted by who has less to do.
    static func restore() { _ = linux_set_slice(0) }
}

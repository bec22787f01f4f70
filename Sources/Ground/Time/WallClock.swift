internal import Glibc

/// The time of day, which somebody may set.
public enum WallClock {
    /// Unix milliseconds.
    public static func now() -> Int64 {
        var time = timespec()
        // The time is written before the call returns; the call can't fail for this clock.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000)
    }
}

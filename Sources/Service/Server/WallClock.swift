internal import EventLog
internal import Glibc

/// The time of day.
enum WallClock {
    static func now() -> Timestamp {
        var time = timespec()
        // The time is written before the call returns; it can't fail for this clock.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(time.tv_sec) * 1000 + Timestamp(time.tv_nsec / 1_000_000)
    }
}

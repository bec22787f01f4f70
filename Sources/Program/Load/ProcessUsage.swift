internal import Clients
internal import Glibc
internal import System

/// What a process has used, from its clock and from `/proc` (proc(5)).
struct ProcessUsage: Hashable, Sendable {
    /// In user and kernel mode, of all its threads, in microseconds.
    var processor: Int64
    /// Resident memory, in bytes.
    var memory: Int64

    /// nil: there is no such process.
    init?(process: Int32) {
        var clock = clockid_t()
        var time = timespec()
        // Not the times in /proc/PID/stat, which are counted in hundredths of a second.
        guard unsafe clock_getcpuclockid(process, &clock) == 0, unsafe clock_gettime(clock, &time) == 0,
            let bytes = try? SmallFile.read("/proc/\(process)/status")
        else { return nil }
        processor = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        memory = line.flatMap { Int64($0.filter { "0"..."9" ~= $0 }) }.map { $0 * 1024 } ?? 0
    }

    /// What this process has used. Its memory is the most it had.
    static func own() -> ProcessUsage {
        var usage = rusage()
        unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
        func microseconds(_ time: timeval) -> Int64 { Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec) }
        return ProcessUsage(
            processor: microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
            memory: Int64(usage.ru_maxrss) * 1024)
    }

    private init(processor: Int64, memory: Int64) {
        self.processor = processor
        self.memory = memory
    }
}

internal import Glibc

/// What a process has used, from `/proc` (proc(5)).
struct ProcessUsage: Hashable, Sendable {
    /// In user and kernel mode, of all its threads, in microseconds. The kernel counts in hundredths of a second.
    var processor: Int64
    /// Resident memory, in bytes.
    var memory: Int64

    /// nil: there is no such process.
    init?(process: Int32) {
        // The name may have spaces and brackets; the fields begin behind the last one.
        guard let stat = Self.text("/proc/\(process)/stat"), let name = stat.lastIndex(of: ")"),
            let status = Self.text("/proc/\(process)/status")
        else { return nil }
        let fields = stat[stat.index(after: name)...].split(separator: " ")
        guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return nil }
        processor = (user + system) * 1_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
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

    private static func text(_ path: String) -> String? {
        guard let bytes = try? SmallFile.read(path) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

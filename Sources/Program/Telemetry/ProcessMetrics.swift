internal import Glibc

/// What the system says of this process (`/proc/self`), under the names that Prometheus' clients use.
public enum ProcessMetrics {
    public static func collect() -> [Metric] {
        var metrics: [Metric] = []
        let fields = statistics()
        let ticks = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        if fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]),
            let pages = Double(fields[21])
        {
            metrics.append(
                Metric(
                    "process_cpu_seconds_total", .counter, "CPU time used, in user and system mode.",
                    (user + system) / ticks))
            metrics.append(
                Metric(
                    "process_resident_memory_bytes", .gauge, "Memory that is resident.",
                    pages * Double(sysconf(Int32(_SC_PAGESIZE)))))
            if let boot = bootTime {
                metrics.append(
                    Metric(
                        "process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.",
                        boot + start / ticks))
            }
        }
        if let open = openDescriptors { metrics.append(Metric("process_open_fds", .gauge, "Open descriptors.", open)) }
        var limit = rlimit()
        // Written before the call returns.
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            metrics.append(
                Metric("process_max_fds", .gauge, "Descriptors the process may open.", Double(limit.rlim_cur)))
        }
        return metrics
    }

    /// The fields of `/proc/self/stat` from the state on: the name before it may hold anything.
    private static func statistics() -> [Substring] {
        let text = read("/proc/self/stat")
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
    }

    /// When the system started, in seconds since 1970 by the time of day as it is set now.
    private static var bootTime: Double? {
        guard let now = seconds(CLOCK_REALTIME), let running = seconds(CLOCK_BOOTTIME) else { return nil }
        return now - running
    }

    private static func seconds(_ clock: clockid_t) -> Double? {
        var time = timespec()
        // Written before the call returns.
        guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static var openDescriptors: Int? {
        // Linux 6.2 and later know the number, and need not go through all of them.
        var status = stat()
        // Written before the call returns.
        if unsafe stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Neither `.` and `..` nor the one that reads.
        return max(count - 3, 0)
    }

    private static func read(_ path: String) -> String {
        guard let file = unsafe fopen(path, "r") else { return "" }
        defer { unsafe fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}

internal import Glibc

/// Listening sockets a service manager opened for this process (systemd socket activation, `sd_listen_fds(3)`).
public enum InheritedSockets {
    /// The first descriptor passed; the others follow it.
    private static let first: Int32 = 3

    /// The descriptors and the names the manager gave them (empty when it gave none), by this process's environment.
    public static func all() -> [(descriptor: Int32, name: String)] {
        // The environment is read at start, before another thread could change it; the strings are copied at once.
        func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }
        return parse(
            process: getpid(), listenProcess: variable("LISTEN_PID"), count: variable("LISTEN_FDS"),
            names: variable("LISTEN_FDNAMES"))
    }

    static func parse(
        process: Int32, listenProcess: String?, count: String?, names: String?
    ) -> [(descriptor: Int32, name: String)] {
        guard listenProcess.flatMap({ Int32($0) }) == process, let count = count.flatMap({ Int32($0) }),
            count > 0, count <= 1024
        else { return [] }
        let names = (names ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return (0..<count).map { index in
            (first + index, Int(index) < names.count ? names[Int(index)] : "")
        }
    }
}

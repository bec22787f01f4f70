import EventLog
import Glibc
import Synchronization
import TestSupport
import Testing

/// A real broker on loopback, started when the first test needs it and stopped when the process ends. The tool that starts
/// it is outside the project: tests that need it are skipped where it isn't.
enum Broker {
    /// The tool's folder: `EVENTSTREAMS_SHARED`, or `shared` beside the project.
    static let tool: String? = {
        let folders = [environment("EVENTSTREAMS_SHARED"), "../shared"].compactMap { $0 }
        return folders.map { $0 + "/kafka/kafka" }.first { unsafe access($0, X_OK) == 0 }
    }()

    static let skipped: Comment = "no broker: the shared folder with kafka/kafka is not there (EVENTSTREAMS_SHARED)"

    private static let running = Mutex<(address: String, directory: String)?>(nil)

    /// `HOST:PORT` of the one broker of this process.
    static func start() throws -> String {
        try running.withLock { known in
            if let known { return known.address }
            let tool = try #require(tool)
            let directory = TemporaryDirectory.make()
            let port = Int.random(in: 21_000..<31_000)
            // The process outlives no test run: a shell waits for this one's end and then stops the broker.
            let line = """
                '\(tool)' start --dir '\(directory)' --port \(port) || exit 1
                """
            try #require(shell(line) == 0)
            // The suite's times are of 1970: retention would remove every record at once.
            let keep = """
                '\(tool)' configs --bootstrap-server 127.0.0.1:\(port) --alter --entity-type brokers --entity-default \
                --add-config log.retention.ms=-1 > /dev/null
                """
            try #require(shell(keep) == 0)
            let stop = """
                (while kill -0 \(getpid()) 2>/dev/null; do sleep 0.5; done
                '\(tool)' stop --dir '\(directory)'; rm -rf '\(directory)') </dev/null >/dev/null 2>&1 &
                """
            try #require(shell(stop) == 0)
            let found = "127.0.0.1:\(port)"
            known = (found, directory)
            return found
        }
    }

    /// Changes one byte in the file that holds a partition's records, at the first place where a text stands, as a disk would.
    static func damage(_ partition: TopicPartition, at text: String) throws {
        let directory = try #require(running.withLock { $0?.directory })
        let name = "\(partition.topic)-\(partition.partition)/00000000000000000000.log"
        let line = """
            file=$(find '\(directory)' -path '*/\(name)') && \
            place=$(grep -abo '\(text)' "$file" | head -1 | cut -d: -f1) && [ -n "$place" ] && \
            printf '#' | dd of="$file" bs=1 seek="$place" conv=notrunc status=none
            """
        try #require(shell(line) == 0)
    }

    @discardableResult
    static func shell(_ line: String) -> Int32 { unsafe system(line) }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

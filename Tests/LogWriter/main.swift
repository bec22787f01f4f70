// Appends to a log until it is killed, and writes to standard output what was acknowledged. The test of recovery
// (`CrashTests`) runs and kills it.
//
//     log-writer DIRECTORY RUN [RETENTION-BYTES [FILE-BYTES]]
//
// A line for each acknowledged record: TOPIC PARTITION OFFSET RUN APPENDER NUMBER. A value is "RUN APPENDER NUMBER " and
// a filling whose length depends on the number. With RETENTION-BYTES, old records are removed all the while. With
// FILE-BYTES, the system lets no file grow past that.

import EmbeddedLog
import EventLog
import Glibc

func say(_ line: String) {
    // One write a line, short enough to be whole in a pipe. The buffer is valid within the closure.
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let run = Int(arguments[2]) else {
    say("usage: log-writer DIRECTORY RUN [RETENTION-BYTES [FILE-BYTES]]")
    exit(2)
}
if arguments.count > 4, let bytes = rlim_t(arguments[4]) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(4) }
}
let options = EmbeddedLogOptions(
    directory: arguments[1], retention: Retention(maximumBytes: arguments.count > 3 ? Int(arguments[3]) : nil),
    retentionInterval: .milliseconds(1), maximumCommitRecords: 20, readers: 1)
let log = try await EmbeddedLog.open(options)
try await log.createTopic("a", partitions: 3)
try await log.createTopic("b", partitions: 1)
say("ready")

/// The records that an appender appends in one call: more with each call, then fewer again.
func records(_ appender: Int, from first: Int) -> [NewRecord] {
    (first...first + first % 5).map { number in
        NewRecord(
            topic: first % 3 == 0 ? "b" : "a", timestamp: Timestamp(number), key: Array("\(number)".utf8),
            value: Array("\(run) \(appender) \(number) ".utf8) + [UInt8](repeating: 120, count: number * 37 % 3000))
    }
}

await withTaskGroup(of: Void.self) { group in
    for appender in 0..<4 {
        group.addTask {
            var number = 0
            while true {
                let results = await log.append(records(appender, from: number))
                for result in results {
                    guard let place = try? result.get() else {
                        say("failed: \(result)")
                        exit(3)
                    }
                    let partition = place.topicPartition
                    say("\(partition.topic) \(partition.partition) \(place.offset) \(run) \(appender) \(number)")
                    number += 1
                }
            }
        }
    }
}

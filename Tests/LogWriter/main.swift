// Appends to a log until it is killed, and writes to standard output what was acknowledged. The test of recovery
// (`CrashTests`) runs and kills it.
//
//     log-writer DIRECTORY RUN [retention=BYTES] [files=BYTES] [appenders=NUMBER] [durability=normal]
//
// A line for each acknowledged record: TOPIC PARTITION OFFSET RUN APPENDER NUMBER. A value is "RUN APPENDER NUMBER " and
// a filling whose length depends on the number. With `retention`, old records are removed all the while. With `files`,
// the system lets no file grow past that.

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
    say("usage: log-writer DIRECTORY RUN [retention=BYTES] [files=BYTES] [appenders=NUMBER] [durability=normal]")
    exit(2)
}

func option(_ name: String) -> String? {
    arguments.dropFirst(3).first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
}

if let bytes = option("files").flatMap({ rlim_t($0) }) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(4) }
}
let options = EmbeddedLogOptions(
    directory: arguments[1], retention: Retention(maximumBytes: option("retention").flatMap { Int($0) }),
    retentionInterval: .milliseconds(1), maximumCommitRecords: 20, readers: 1,
    durability: option("durability") == "normal" ? .normal : .full)
let appenders = option("appenders").flatMap { Int($0) } ?? 4
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
    for appender in 0..<appenders {
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

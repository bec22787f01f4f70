// Appends to a log until it is killed, and writes to standard output what was acknowledged. The test of recovery
// (`CrashTests`) runs and kills it.
//
//     log-writer DIRECTORY RUN
//
// A line for each acknowledged record: TOPIC PARTITION OFFSET RUN APPENDER NUMBER. A value is "RUN APPENDER NUMBER " and
// a filling whose length depends on the number.

import EmbeddedLog
import EventLog
import Glibc

func say(_ line: String) {
    // One write a line, short enough to be whole in a pipe. The buffer is valid within the closure.
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
}

guard CommandLine.arguments.count == 3, let run = Int(CommandLine.arguments[2]) else {
    say("usage: log-writer DIRECTORY RUN")
    exit(2)
}
let options = EmbeddedLogOptions(
    directory: CommandLine.arguments[1], maximumCommitRecords: 20, readers: 1)
let log = try await EmbeddedLog.open(options)
try await log.createTopic("a", partitions: 3)
try await log.createTopic("b", partitions: 1)
say("ready")

await withTaskGroup(of: Void.self) { group in
    for appender in 0..<4 {
        group.addTask {
            var number = 0
            while true {
                var records: [NewRecord] = []
                for _ in 0...number % 5 {
                    let head = "\(run) \(appender) \(number) "
                    records.append(
                        NewRecord(
                            topic: number % 3 == 0 ? "b" : "a", timestamp: Timestamp(number),
                            key: Array("\(number)".utf8),
                            value: Array(head.utf8) + [UInt8](repeating: 120, count: number * 37 % 6000)))
                    number += 1
                }
                let results = await log.append(records)
                for (index, result) in results.enumerated() {
                    guard let place = try? result.get() else {
                        say("failed: \(result)")
                        exit(3)
                    }
                    say(
                        "\(place.topicPartition.topic) \(place.topicPartition.partition) \(place.offset) \(run) \(appender) "
                            + "\(number - results.count + index)")
                }
            }
        }
    }
}

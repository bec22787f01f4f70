// What reading an event costs, once for all clients: `scan FILE [ROUNDS]` takes a file with an event a line and prints
// nanoseconds of CPU time an event as JSON: for the scan alone, and for all that makes a record ready to be sent.

import EventLog
import Events
import Glibc
import JSON
import System

@main struct Scan {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let text = try SmallFile.read(arguments[1]) else {
            print("usage: scan FILE [ROUNDS]")
            exit(2)
        }
        let events = text.split(separator: 0x0A).map(Array.init)
        guard !events.isEmpty else { exit(2) }
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 20 : 20
        let calls = Double(rounds * events.count)
        let scanning = try measure(rounds) { try scanAll(events) }
        let preparing = try measure(rounds) { try prepareAll(events) }
        let bytes = events.reduce(0) { $0 + $1.count } / events.count
        print(
            """
            {"events": \(events.count), "bytes": \(bytes), "scan": \(Double(scanning.time) / calls), \
            "prepare": \(Double(preparing.time) / calls), "words": \(scanning.result / events.count), \
            "index_bytes": \(preparing.result * 2 / events.count)}
            """)
    }

    /// The number of words in the indices.
    static func scanAll(_ events: [[UInt8]]) throws -> Int {
        var scanner = JSONScanner()
        var words = 0
        for event in events {
            scanner.removeAll()
            try scanner.scanAll(event.span, depth: 64)
            words += scanner.count
        }
        return words
    }

    /// The number of words in the block's index.
    static func prepareAll(_ events: [[UInt8]]) throws -> Int {
        let splice = MetaSplice(TopicPartition("bench.events", 0))
        var (bytes, index): ([UInt8], [UInt16]) = ([], [])
        var scanner = JSONScanner()
        var words = 0
        for (number, value) in events.enumerated() {
            guard case .event(let event) = ScannedRecord(value, scanner: &scanner), !event.isCanary else { continue }
            splice.append(event, offset: Offset(number), to: &bytes, index: &index, scanner: &scanner)
            // Blocks are about this long.
            guard number % 100 == 99 else { continue }
            words += index.count
            (bytes, index) = ([], [])
        }
        return words + index.count
    }

    static func measure(_ rounds: Int, _ work: () throws -> Int) rethrows -> (time: Int64, result: Int) {
        var result = try work()
        let began = time()
        for _ in 0..<rounds { result = try work() }
        return (time() - began, result)
    }

    static func time() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

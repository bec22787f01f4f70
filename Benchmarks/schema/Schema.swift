// What validating costs an event: `schema SCHEMA FILE [ROUNDS]` takes a JSON Schema as JSON and a file with an event a line,
// and prints nanoseconds of CPU time an event as JSON, each event having been scanned before.

import Glibc
import JSON
import JSONSchema
import System

@main struct Schema {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 2, let tree = try SmallFile.read(arguments[1]),
            let text = try SmallFile.read(arguments[2])
        else {
            print("usage: schema SCHEMA FILE [ROUNDS]")
            exit(2)
        }
        let value = try JSONValue(tree, depth: 128)
        let schema = try CompiledSchema(value)
        let events = try text.split(separator: 0x0A).map { try JSONDocument(Array($0)) }
        let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 20 : 20
        guard !events.isEmpty, rounds > 0 else { exit(2) }
        var validator = SchemaValidator()
        var right = 0
        func round(_ validator: inout SchemaValidator) {
            for event in events where validator.isValid(event, by: schema) { right += 1 }
        }
        round(&validator)
        right = 0
        let began = time()
        for _ in 0..<rounds { round(&validator) }
        let validating = Double(time() - began) / Double(rounds * events.count)
        let share = Double(right) / Double(rounds * events.count)
        let compiling = time()
        for _ in 0..<100 { _ = try CompiledSchema(value) }
        let results = [
            ("events", Double(events.count)), ("validating", validating), ("right", share),
            ("compiling", Double(time() - compiling) / 100),
        ]
        print("{\(results.map { "\"\($0.0)\": \(($0.1 * 100).rounded() / 100)" }.joined(separator: ", "))}")
    }

    static func time() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

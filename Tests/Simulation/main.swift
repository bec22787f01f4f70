internal import Glibc
internal import Streaming

// Runs the simulation for many seeds: `simulate [--seed N | --seeds N] [--steps N] [--from N]`.
var seeds: ClosedRange<UInt64> = 1...1000
var steps = 400
var from: UInt64 = 1
var arguments = CommandLine.arguments.dropFirst()
while let option = arguments.popFirst() {
    guard let value = arguments.popFirst().flatMap({ UInt64($0) }) else {
        print("usage: simulate [--seed N | --seeds N] [--from N] [--steps N]")
        exit(2)
    }
    switch option {
    case "--seed": seeds = value...value
    case "--seeds": seeds = from...max(from, from + value - 1)
    case "--from":
        from = value
        seeds = value...max(value, value + 999)
    case "--steps": steps = Int(value)
    default:
        print("unknown option \(option); known: --seed, --seeds, --from, --steps")
        exit(2)
    }
}

var faults: [Fault: Int] = [:]
for seed in seeds {
    let world = await World(seed: seed)
    world.isTraced = seeds.count == 1
    do {
        try await world.run(steps: steps)
    } catch {
        print("seed \(seed): \(error)")
        print("again: script/simulate --seed \(seed) --steps \(steps)")
        exit(1)
    }
    faults.merge(world.faults, uniquingKeysWith: +)
}
for fault in Fault.allCases { print("\(fault.rawValue): \(faults[fault] ?? 0)") }
let never = Fault.allCases.filter { faults[$0] == nil }
if seeds.count >= 500, !never.isEmpty {
    print("never happened: \(never.map(\.rawValue).joined(separator: ", "))")
    exit(1)
}
print("\(seeds.count) passed, 0 failed")

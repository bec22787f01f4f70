internal import Glibc
internal import Streaming

// Runs the simulation for many seeds: `simulate [--seed N | --seeds N] [--steps N] [--from N]`.

// A seed makes the same history each time, so the order of sets and dictionaries is not left to chance.
if unsafe getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
    unsafe setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    // Returns only where it failed.
    _ = unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
    print("the simulation can't be started again with SWIFT_DETERMINISTIC_HASHING set: errno \(errno)")
    exit(2)
}

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

/// The faults that were injected, or what went wrong.
@concurrent func simulate(seed: UInt64, steps: Int, isTraced: Bool) async -> Result<[Fault: Int], any Error> {
    let world = await World(seed: seed)
    world.isTraced = isTraced
    do {
        try await world.run(steps: steps)
        return .success(world.faults)
    } catch {
        return .failure(error)
    }
}

// As many seeds at a time as there are cores.
let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
let faults = await withTaskGroup(of: (UInt64, Result<[Fault: Int], any Error>).self) { [seeds, steps] group in
    var faults: [Fault: Int] = [:]
    var rest = seeds.makeIterator()
    func startNext() {
        guard let seed = rest.next() else { return }
        group.addTask { (seed, await simulate(seed: seed, steps: steps, isTraced: seeds.count == 1)) }
    }
    for _ in 0..<cores { startNext() }
    while let (seed, result) = await group.next() {
        switch result {
        case .success(let more): faults.merge(more, uniquingKeysWith: +)
        case .failure(let error):
            print("seed \(seed): \(error)")
            print("again: script/simulate --seed \(seed) --steps \(steps)")
            exit(1)
        }
        startNext()
    }
    return faults
}
for fault in Fault.allCases { print("\(fault.rawValue): \(faults[fault] ?? 0)") }
let never = Fault.allCases.filter { faults[$0] == nil }
if seeds.count >= 500, !never.isEmpty {
    print("never happened: \(never.map(\.rawValue).joined(separator: ", "))")
    exit(1)
}
print("\(seeds.count) passed, 0 failed")

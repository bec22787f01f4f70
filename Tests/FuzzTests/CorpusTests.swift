import FoundationEssentials
import FuzzTargets
import System
import TestSupport
import Testing

/// What was found once stays found: every input in `Fuzz/Corpus` is fed to its target.
@Suite struct CorpusTests {
    @Test func eachTargetHasACorpusAndEachCorpusATarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus).sorted()
        #expect(folders == FuzzTarget.all.map(\.name).sorted())
    }

    @Test(arguments: FuzzTarget.all)
    func theCorpusKeepsEachPromise(target: FuzzTarget) throws {
        let inputs = try Self.inputs(target)
        #expect(!inputs.isEmpty)
        for (name, input) in inputs {
            #expect(throws: Never.self, "\(target.name)/\(name)") { try target.check(input) }
        }
    }

    @Test(arguments: FuzzTarget.all)
    func theCorpusWithRandomDamageKeepsEachPromise(target: FuzzTarget) throws {
        var random = SeededGenerator(seed: 1)
        for (name, input) in try Self.inputs(target) {
            for round in 0..<40 {
                let damaged = random.damage(input)
                #expect(throws: Never.self, "\(target.name)/\(name), round \(round): \(damaged)") {
                    try target.check(damaged)
                }
            }
        }
    }

    private static let corpus =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Fuzz/Corpus"

    private static func inputs(_ target: FuzzTarget) throws -> [(String, [UInt8])] {
        let folder = corpus + "/" + target.name
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            let data = try #require(FileManager.default.contents(atPath: folder + "/" + name))
            return (name, [UInt8](data))
        }
    }
}

extension SeededGenerator {
    /// The input with a few changes.
    fileprivate mutating func damage(_ input: [UInt8]) -> [UInt8] {
        var result = input
        for _ in 0..<1 + below(4) {
            let place = below(result.count + 1)
            switch below(4) {
            case 0: result.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 1 where place < result.count: result.remove(at: place)
            case 2 where place < result.count: result[place] ^= 1 << UInt8(below(8))
            default: result.insert(contentsOf: result[below(place + 1)...].prefix(8), at: place)
            }
        }
        return result
    }
}

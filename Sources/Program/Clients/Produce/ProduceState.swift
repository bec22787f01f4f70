internal import Bytes
internal import JSON

/// Up to where files have been delivered, kept in a file of its own.
struct ProduceState: Hashable, Sendable {
    var file: String
    /// The last line that is settled; 0: none of this file yet.
    var line: Int64
    /// Of that line's bytes, to notice that the file has become another.
    var digest: UInt64
    /// Lines behind it that are settled too, of a batch that was given up halfway.
    var beyond: [Int64]
    /// What the ids of lines without one are made from.
    var seed: UInt64

    init(file: String, line: Int64 = 0, digest: UInt64 = 0, beyond: [Int64] = [], seed: UInt64) {
        self.file = file
        self.line = line
        self.digest = digest
        self.beyond = beyond
        self.seed = seed
    }

    init?(_ bytes: [UInt8]) {
        guard let document = try? JSONDocument(bytes), let file = document.string(document.value(at: ["file"])),
            let line = document.integer(document.value(at: ["line"])), line >= 0,
            let digest = document.string(document.value(at: ["digest"])).flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        let beyond = document.value(at: ["beyond"]).map { document.elements(of: $0) } ?? []
        let seed = document.string(document.value(at: ["seed"])).flatMap { UInt64($0, radix: 16) }
        self.init(
            file: file, line: line, digest: digest, beyond: beyond.compactMap { document.integer($0) },
            seed: seed ?? .random(in: .min ... .max))
    }

    var bytes: [UInt8] {
        let value: JSONValue = [
            "file": .string(file), "line": .integer(line), "digest": .string(String(digest, radix: 16)),
            "beyond": .array(beyond.map { .integer($0) }), "seed": .string(String(seed, radix: 16)),
        ]
        return value.bytes + [0x0A]
    }

    /// FNV-1a of 64 bits.
    static func digest(_ bytes: [UInt8]) -> UInt64 { FNV.hash(bytes) }
}

import EventFormats
import EventLog
import Testing

/// Compact ids that no encoder of ours makes: well formed around, wrong inside.
@Suite struct CompactIDTests {
    /// No base.
    private static let base = "0000000"
    /// o and t for offsets below 16 and no times; then that every entry has a timestamp.
    private static let widths = "0000100" + "0000000" + "1"

    @Test func bitsWrittenByHandAreRead() throws {
        let bits = Self.base + "0" + "110" + "0" + Self.widths + "0101" + "1111"
        #expect(
            try LastEventID.parse(Self.id(bits), topics: ["a", "b"]).entries == [
                RequestedPosition(topic: "a", partition: 0, place: .at(5), timestamp: 0),
                RequestedPosition(topic: "a", partition: 1, place: .at(15), timestamp: 0),
            ])
        let listed = Self.base + "1" + "0" + "110" + "00100" + "011" + Self.widths + "0101" + "1111"
        #expect(
            try LastEventID.parse(Self.id(listed), topics: ["a", "b"]).entries == [
                RequestedPosition(topic: "b", partition: 3, place: .at(5), timestamp: 0),
                RequestedPosition(topic: "b", partition: 6, place: .at(15), timestamp: 0),
            ])
    }

    @Test(
        arguments: [
            ("", .damaged), (base, .damaged), (base + "0" + "1", .damaged),
            (base + "0" + "00" + widths, .emptyList),
            // A partition beyond Int32, once and by adding up; a number of 64 bits.
            (base + "1" + "10" + gamma(1 << 32 - 1) + "0" + widths + "0000", .damaged),
            (base + "1" + "110" + gamma(1 << 31) + gamma(1) + "0" + widths + "00000000", .damaged),
            (
                base + "1" + "10" + gamma(1 << 63) + "0" + widths + "0000",
                .damaged
            ),
            // More bits than a number has.
            (base + "0" + "10" + "0" + "1000000" + "0000000" + "1" + String(repeating: "0", count: 64), .damaged),
            ("1000001" + "0" + "10" + "0" + "0000100" + "0000000" + String(repeating: "0", count: 80), .damaged),
            (base + "0" + "10" + "0" + "0000100" + "1111111" + String(repeating: "0", count: 160), .damaged),
            // One bit set behind the end, and a byte too many.
            (base + "0" + "10" + "0" + widths + "0000" + "1", .damaged),
            (base + "0" + "10" + "0" + widths + "0000" + "000000000000", .damaged),
            (base + "0" + String(repeating: "1", count: 256) + "0" + "10" + widths, .tooManyEntries(limit: 256)),
            (String(repeating: "1", count: 10_000), .damaged),
        ] as [(String, LastEventIDError)])
    func whatIsWrongInsideIsRefused(bits: String, expected: LastEventIDError) {
        #expect(throws: expected) { try LastEventID.parse(Self.id(bits), topics: ["a", "b"]) }
    }

    @Test func ofSeveralTextsOfTheSameBytesOneIsTaken() throws {
        let text = Self.id(Self.base + "0" + "10" + "0" + Self.widths + "0101")
        try #require(text.count % 4 != 0)
        #expect(try LastEventID.parse(text, topics: ["a", "b"]).entries.count == 1)
        let alphabet = Self.alphabet
        let last = try #require(text.last.flatMap(alphabet.firstIndex))
        #expect(throws: LastEventIDError.damaged) {
            try LastEventID.parse(text.dropLast() + [alphabet[last + 1]], topics: ["a", "b"])
        }
        for padding in ["=", "==", "A", "\n"] {
            #expect(throws: LastEventIDError.self) {
                try LastEventID.parse(text + padding.bytes, topics: ["a", "b"])
            }
        }
    }

    private static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".bytes

    /// The text of an id with these bits, made for the topics a and b.
    private static func id(_ bits: String) -> [UInt8] {
        let content = [2] + bigEndian(hash([0x61]) &+ hash([0x62])) + bytes(ofBits: Array(bits.utf8))
        let all = content + bigEndian(hash(content))
        let characters = all.flatMap { byte in (0..<8).map { 48 + (byte >> UInt8(7 - $0) & 1) } }
        return stride(from: 0, to: characters.count, by: 6).map { start in
            let six =
                characters[start...].prefix(6) + [UInt8](repeating: 48, count: max(0, start + 6 - characters.count))
            return alphabet[Int(six.reduce(0) { $0 << 1 | $1 & 1 })]
        }
    }

    private static func bytes(ofBits bits: [UInt8]) -> [UInt8] {
        stride(from: 0, to: bits.count, by: 8).map { start in
            let eight = bits[start...].prefix(8)
            return eight.reduce(0) { $0 << 1 | $1 & 1 } << UInt8(8 - eight.count)
        }
    }

    private static func gamma(_ number: UInt64) -> String {
        let digits = String(number, radix: 2)
        return String(repeating: "0", count: digits.count - 1) + digits
    }

    private static func hash(_ bytes: [UInt8]) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

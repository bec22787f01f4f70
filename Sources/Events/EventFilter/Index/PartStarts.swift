/// The beginnings of strings that are looked for anywhere in one field's text: at most places of a text none of them stands.
///
/// A beginning is a string's first four bytes, or all of a shorter one. A filter of hashes (Bloom's, of one hash) passes over
/// most places; where it doesn't, the beginning tells how long the strings are that begin so. A text costs little more than
/// its length, however many strings are looked for.
struct PartStarts {
    private static let longest = 4
    /// The most words of the filter: 128 KiB.
    private static let mostWords = 1 << 14

    private struct Start {
        var word: UInt64 = 0
        var lengths = PartLengths()
    }

    private var starts: ContiguousArray<Start> = []
    private var byWord = IDTable()
    private var free: [Int32] = []
    /// How many beginnings there are of 1, 2, 3 and 4 bytes.
    private var counts: [Int] = Array(repeating: 0, count: longest + 1)
    /// A power of two of words: 32 bits for a beginning, or more, as long as that is not too much.
    private var filter: ContiguousArray<UInt64> = [0]
    /// How many beginnings have gone whose bits are still set.
    private var stale = 0
    private let keyed = KeyedHash()

    var isEmpty: Bool { byWord.count == 0 }

    mutating func change(_ part: Text, by change: Int32) {
        let length = min(part.bytes.count, Self.longest)
        let word = Self.word(part.bytes.span, at: 0, length)
        let hash = hash(word)
        var place = byWord.find(hash) { starts[Int($0)].word == word }
        if place < 0 {
            place = free.popLast() ?? Int32(starts.count)
            if Int(place) == starts.count { starts.append(Start()) }
            starts[Int(place)].word = word
            rehashing { $0.insert(place, hash, rehash: $1) }
            counts[length] += 1
            if byWord.count * 32 > filter.count * 64, filter.count < Self.mostWords {
                refill(filter.count * 2)
            } else {
                setBit(word)
            }
        }
        starts[Int(place)].lengths.change(part.bytes.count, by: change)
        guard starts[Int(place)].lengths.mask == 0 else { return }
        rehashing { $0.remove(place, hash, rehash: $1) }
        starts[Int(place)] = Start()
        free.append(place)
        counts[length] -= 1
        stale += 1
        if stale > 64 + byWord.count { refill(filter.count) }
    }

    private mutating func rehashing(_ change: (inout IDTable, (Int32) -> UInt64) -> Void) {
        let (starts, keyed) = (starts, keyed)
        change(&byWord) { keyed.mix(keyed.start(0), starts[Int($0)].word) }
    }

    private mutating func refill(_ size: Int) {
        filter = ContiguousArray(repeating: 0, count: size)
        stale = 0
        for start in starts where start.word != 0 { setBit(start.word) }
    }

    private mutating func setBit(_ word: UInt64) {
        let bit = Self.bit(word, filter.count &* 64 &- 1)
        filter[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    private func hash(_ word: UInt64) -> UInt64 { keyed.mix(keyed.start(0), word) }

    /// Bytes and their number, on top.
    @inline(__always)
    private static func word(_ text: Span<UInt8>, at place: Int, _ length: Int) -> UInt64 {
        text.word(from: place, count: length)
    }

    /// A place of a text where strings that are looked for may begin.
    struct Candidate {
        var place: Int
        /// How long those are that begin as the text does here: bit n where there are some of n bytes.
        var lengths: UInt64
    }

    func append(placesIn text: Span<UInt8>, to candidates: inout ContiguousArray<Candidate>) {
        for length in 1...Self.longest where counts[length] > 0 && length <= text.count {
            append(placesIn: text, length, to: &candidates)
        }
    }

    /// The places of beginnings of one length: this looks at every byte of texts, so it loads eight at once and tests one bit.
    @inline(__always)
    private func append(placesIn text: Span<UInt8>, _ length: Int, to candidates: inout ContiguousArray<Candidate>) {
        let raw = unsafe text.bytes
        let mask: UInt64 = 1 << UInt64(length &* 8) &- 1
        let count = UInt64(length) << 56
        let filter = filter.span
        let bits = filter.count &* 64 &- 1
        var place = 0
        while text.count &- place >= 8 {
            // Eight bytes within the span, as was just seen.
            let eight = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self))
            let word = eight & mask | count
            let bit = Self.bit(word, bits)
            // A bit's number is below that of the filter's bits.
            if unsafe filter[unchecked: bit >> 6] >> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0 {
                append(word, place, to: &candidates)
            }
            place &+= 1
        }
        while text.count &- place >= length {
            let word = text.word(from: place, count: length)
            let bit = Self.bit(word, bits)
            if filter[bit >> 6] >> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0 {
                append(word, place, to: &candidates)
            }
            place &+= 1
        }
    }

    /// Which bit of the filter a beginning sets.
    @inline(__always)
    private static func bit(_ word: UInt64, _ bits: Int) -> Int {
        Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 40) & bits
    }

    private func append(_ word: UInt64, _ place: Int, to candidates: inout ContiguousArray<Candidate>) {
        let start = byWord.find(hash(word)) { starts[Int($0)].word == word }
        if start >= 0 { candidates.append(Candidate(place: place, lengths: starts[Int(start)].lengths.mask)) }
    }
}

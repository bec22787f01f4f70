/// The beginnings of strings that are looked for in one field's text, at its start, its end or anywhere: at most places of a
/// text none of them stands.
///
/// A beginning is a string's first four bytes (its last four where it is looked for at texts' ends), or all of a shorter one. A
/// filter of hashes (Bloom's, of one hash) passes over most places; where it doesn't, the beginning tells how long the
/// strings are that begin so. A text costs little more than its length, however many strings are looked for.
struct PartStarts: ~Copyable {
    private static let longest = 4
    /// The most words of the filter: 128 KiB.
    private static let mostWords = 1 << 14
    /// Up to so many beginnings of one length are looked for one by one, eight places at once.
    private static let few = 4

    struct Start {
        var word: UInt64 = 0
        var lengths = PartLengths()
        /// Its place among those of its length.
        var place: Int32 = 0
    }

    let isAtEnd: Bool
    private var starts = Row<Start>()
    private var byWord = IDTable()
    private var free: [Int32] = []
    /// The beginnings of 1, 2, 3 and 4 bytes.
    private var ofLength: InlineArray<5, [Int32]> = .init(repeating: [])
    /// Bit n: there are beginnings of n bytes.
    private var present: UInt8 = 0
    /// A power of two of words: 64 bits for a beginning, or more, as long as that is not too much.
    private var filter = Row<UInt64>(repeating: 0, count: 1)
    /// How many beginnings have gone whose bits are still set.
    private var stale = 0
    private let keyed = KeyedHash()

    init(isAtEnd: Bool = false) { self.isAtEnd = isAtEnd }

    var isEmpty: Bool { byWord.count == 0 }

    mutating func change(_ part: Text, by change: Int32) {
        let length = min(part.bytes.count, Self.longest)
        let word = word(part.bytes.span, length)
        let hash = hash(word)
        var place = find(word, hash)
        if place < 0 {
            place = free.popLast() ?? Int32(starts.count)
            if Int(place) == starts.count { starts.append(Start()) }
            starts[Int(place)].word = word
            starts[Int(place)].place = Int32(ofLength[length].count)
            ofLength[length].append(place)
            present |= 1 << UInt8(length)
            byWord.insert(place, hash)
            if byWord.count > filter.count, filter.count < Self.mostWords {
                refill(filter.count * 2)
            } else {
                setBit(word)
            }
        }
        starts[Int(place)].lengths.change(part.bytes.count, by: change)
        guard starts[Int(place)].lengths.mask == 0 else { return }
        byWord.remove(place, hash)
        let own = Int(starts[Int(place)].place)
        if let last = ofLength[length].popLast(), last != place {
            ofLength[length][own] = last
            starts[Int(last)].place = Int32(own)
        }
        if ofLength[length].isEmpty { present &= ~(1 << UInt8(length)) }
        starts[Int(place)] = Start()
        free.append(place)
        stale += 1
        if stale > 64 + byWord.count { refill(filter.count) }
    }

    private mutating func refill(_ size: Int) {
        filter = Row(repeating: 0, count: size)
        stale = 0
        for place in starts.indices where starts[place].word != 0 { setBit(starts[place].word) }
    }

    private mutating func setBit(_ word: UInt64) {
        let bit = Self.bit(word, filter.count &* 64 &- 1)
        filter[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    private func hash(_ word: UInt64) -> UInt64 { keyed.mix(keyed.start(0), word) }

    @inline(__always)
    private func find(_ word: UInt64, _ hash: UInt64) -> Int32 { byWord.find(hash) { starts[Int($0)].word == word } }

    /// A string's beginning: its bytes and their number, on top.
    @inline(__always)
    private func word(_ text: Span<UInt8>, _ length: Int) -> UInt64 {
        text.word(from: isAtEnd ? text.count &- length : 0, count: length)
    }

    /// Which bit of the filter a beginning sets.
    @inline(__always)
    private static func bit(_ word: UInt64, _ bits: Int) -> Int {
        Int(truncatingIfNeeded: (word &* 0x9E37_79B9_7F4A_7C15) >> 40) & bits
    }

    @inline(__always)
    private func mayHave(_ word: UInt64) -> Bool {
        let bit = Self.bit(word, filter.count &* 64 &- 1)
        return filter[bit >> 6] >> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0
    }

    @inline(__always)
    private func has(_ length: Int) -> Bool { present >> UInt8(truncatingIfNeeded: length) & 1 != 0 }

    // MARK: Texts

    // Methods of texts change nothing. As `mutating` methods they are given where the beginnings are; else the compiler
    // (Swift 6.3) copies what holds them for each call.

    /// How long the strings are that the text may begin with, or end with (`isAtEnd`): bit n where there are some of n bytes.
    @inline(__always)
    mutating func lengths(_ text: Span<UInt8>) -> UInt64 {
        var lengths: UInt64 = 0
        for length in 1...Self.longest where has(length) && length <= text.count {
            let word = word(text, length)
            guard mayHave(word) else { continue }
            let start = find(word, hash(word))
            if start >= 0 { lengths |= starts[Int(start)].lengths.mask }
        }
        return lengths
    }

    /// A place of a text where strings that are looked for may begin.
    struct Candidate {
        var place: Int
        /// How long those are that begin as the text does here: bit n where there are some of n bytes.
        var lengths: UInt64
    }

    mutating func append(placesIn text: Span<UInt8>, to candidates: inout Row<Candidate>) {
        for length in 1...Self.longest where has(length) && length <= text.count {
            if ofLength[length].count > Self.few {
                append(placesIn: text, length, to: &candidates)
            } else {
                for number in ofLength[length].indices {
                    append(placesIn: text, of: Int(ofLength[length][number]), length, to: &candidates)
                }
            }
        }
    }

    /// The places of beginnings of one length: this looks at every byte of texts, so it loads eight at once and tests one bit.
    private mutating func append(placesIn text: Span<UInt8>, _ length: Int, to candidates: inout Row<Candidate>) {
        let first = candidates.count
        let raw = unsafe text.bytes
        let mask: UInt64 = 1 << UInt64(length &* 8) &- 1
        let count = UInt64(length) << 56
        let bits = filter.count &* 64 &- 1
        var place = 0
        // The filter doesn't change during the call, and has as many words as bits of a beginning's number name.
        unsafe filter.withElements { filter in
            while text.count &- place >= 8 {
                // Eight bytes within the span, as was just seen.
                let eight = unsafe UInt64(
                    littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self))
                let word = eight & mask | count
                let bit = Self.bit(word, bits)
                if unsafe filter[bit >> 6] >> UInt64(truncatingIfNeeded: bit & 63) & 1 != 0 {
                    candidates.append(Candidate(place: place, lengths: word))
                }
                place &+= 1
            }
        }
        while text.count &- place >= length {
            let word = text.word(from: place, count: length)
            if mayHave(word) { candidates.append(Candidate(place: place, lengths: word)) }
            place &+= 1
        }
        for number in first..<candidates.count {
            let word = candidates[number].lengths
            let start = find(word, hash(word))
            candidates[number].lengths = start < 0 ? 0 : starts[Int(start)].lengths.mask
        }
    }

    /// The places of one beginning: where its first and its last byte are, which eight places are tested for at once.
    private mutating func append(
        placesIn text: Span<UInt8>, of start: Int, _ length: Int, to candidates: inout Row<Candidate>
    ) {
        let word = starts[start].word
        let lengths = starts[start].lengths.mask
        let raw = unsafe text.bytes
        let ones: UInt64 = 0x0101_0101_0101_0101
        let first = (word & 0xFF) &* ones
        let last = (word >> UInt64((length &- 1) &* 8) & 0xFF) &* ones
        // The last place from which eight are tested: those that were tested before are passed over there.
        let end = text.count &- length &- 7
        guard end >= 0 else {
            var place = 0
            while text.count &- place >= length {
                if text.word(from: place, count: length) == word {
                    candidates.append(Candidate(place: place, lengths: lengths))
                }
                place &+= 1
            }
            return
        }
        var (place, tested) = (0, 0)
        while true {
            // Eight bytes from either place within the span: `place` is `end` at most.
            let own = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self))
            let behind = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: place &+ length &- 1, as: UInt64.self))
            let other = (own ^ first) | (behind ^ last)
            // The high bit of each byte that is 0, and perhaps of some behind one.
            var found = (other &- ones) & ~other & (ones &* 0x80)
            found &= UInt64.max &<< UInt64(truncatingIfNeeded: tested &* 8)
            while found != 0 {
                let candidate = place &+ found.trailingZeroBitCount / 8
                if text.word(from: candidate, count: length) == word {
                    candidates.append(Candidate(place: candidate, lengths: lengths))
                }
                found &= found &- 1
            }
            guard place < end else { return }
            let next = min(place &+ 8, end)
            tested = place &+ 8 &- next
            place = next
        }
    }
}

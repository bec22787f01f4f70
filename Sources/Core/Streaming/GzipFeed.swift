internal import Bytes
internal import Compression
internal import EventFormats

/// Compresses a feed's frames, once for all its subscribers.
///
///     plain   │frame frame│frame│frame frame frame│      frames since the last delivery, or enough of them, are a piece
///     ring    │piece──────│piece│piece────────────│      deflate blocks, in one HTTP chunk
///             ▲                 ▲
///             └─ starts anew ───┘                        refers to nothing before it
///
/// All subscribers' bodies hold the same pieces, and each may hold others before them. A piece may only refer back to what all
/// who get it have had, so: *where anybody joins, or gets anything of its own, the next piece starts anew.* That place is
/// the ring's end of that moment, for nobody gets anything of its own anywhere else. There is no other rule.
final class GzipFeed {
    /// Where a piece begins, and what the feed's text sums up to there.
    private struct Piece {
        var start: Int
        var sum: GzipSum
        var startsAnew: Bool
    }

    private let isChunked: Bool
    private let deflater = Deflater(.quick)
    private var pieces: ContiguousArray<Piece> = []
    private var firstPiece = 0
    private var startsAnew = true
    /// Of all text that was ever compressed.
    private(set) var sum = GzipSum()
    /// Frames that are not compressed yet.
    var plain: [UInt8] = []
    /// Bytes before and after compression, since they were last taken.
    private var counts = (plain: 0, packed: 0)

    init(isChunked: Bool) {
        self.isChunked = isChunked
    }

    /// Somebody joins at the ring's end, or gets bytes of its own there.
    func startAnew() { startsAnew = true }

    /// So many subscribers make it worth while to look longer for repetitions. With each event that takes some 100 us more, for
    /// what is looked into is in no cache, and makes it a fifth smaller.
    private static let crowd = 256

    /// Compresses the frames that wait.
    func close(into ring: inout ByteRing, for users: Int) {
        guard !plain.isEmpty else { return }
        deflater.effort = users < Self.crowd ? .quick : .thorough
        // Taken out, for a span can't be had of a class' property.
        var text: [UInt8] = []
        swap(&text, &plain)
        let start = ring.end
        pieces.append(Piece(start: start, sum: sum, startsAnew: startsAnew))
        sum.add(text.span)
        let mark = isChunked ? ChunkFraming.begin(&ring.bytes) : nil
        deflater.append(text.span, startsAnew: startsAnew, to: &ring.bytes)
        if let mark { ChunkFraming.end(&ring.bytes, mark) }
        startsAnew = false
        counts.plain += text.count
        counts.packed += ring.end - start
        text.removeAll(keepingCapacity: text.capacity <= 64 << 10)
        swap(&text, &plain)
    }

    func takeCounts() -> (plain: Int, packed: Int) {
        defer { counts = (0, 0) }
        return counts
    }

    /// What the text sums up to at the beginning of a piece, or at the ring's end.
    func sum(at place: Int) -> GzipSum { piece(at: place)?.sum ?? sum }

    /// Whether a piece begins here that starts anew.
    func startsAnew(at place: Int) -> Bool { piece(at: place)?.startsAnew ?? startsAnew }

    private func piece(at place: Int) -> Piece? {
        let index = index(startingAtOrAfter: place)
        return index < pieces.count && pieces[index].start == place ? pieces[index] : nil
    }

    private func index(startingAtOrAfter place: Int) -> Int {
        (firstPiece..<pieces.count).firstIndex(thatHasReached: { pieces[$0].start >= place })
    }

    /// Forgets the pieces before the ring's start.
    func trim(before place: Int) {
        firstPiece = index(startingAtOrAfter: place)
        if firstPiece > 256, firstPiece > pieces.count / 2 {
            pieces.removeFirst(firstPiece)
            firstPiece = 0
        }
    }

    /// The ring was emptied: whoever joins it says so.
    func restart() {
        pieces = []
        firstPiece = 0
    }
}

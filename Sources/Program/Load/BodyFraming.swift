/// Finds a body's bytes among those of its framing: chunks, a length, or all up to the connection's end (RFC 9112,
/// sections 6.3 and 7.1). Trailers are passed over.
struct BodyFraming: Hashable, Sendable {
    private enum Phase: UInt8 { case size, afterSize, data, afterData, trailer, trailerLine, done }

    private var phase: Phase
    private let isChunked: Bool
    private let endsWithConnection: Bool
    /// Bytes of the chunk, or of the body, that are still to come; in the phase `size`, the size so far.
    private var remaining: Int
    private var digits: UInt8 = 0

    init(_ head: AnswerHead) {
        isChunked = head.isChunked
        endsWithConnection = !head.isChunked && head.length == nil
        remaining = head.isChunked ? 0 : head.length ?? .max
        phase = head.isChunked ? .size : remaining > 0 ? .data : .done
    }

    /// The body has ended as its framing says.
    var isDone: Bool { phase == .done }
    /// The connection's end is a good end of the body here.
    var mayEnd: Bool { phase == .done || endsWithConnection }

    /// The next bytes of the body from `place` on, which moves behind them; nil: there are none in these bytes.
    mutating func next(in bytes: Span<UInt8>, _ place: inout Int) throws(StreamFault) -> Range<Int>? {
        while place < bytes.count {
            let byte = bytes[place]
            switch phase {
            case .data:
                let start = place
                let count = min(remaining, bytes.count - place)
                place += count
                if !endsWithConnection { remaining -= count }
                if remaining == 0 { phase = isChunked ? .afterData : .done }
                return start..<place
            case .size:
                if let digit = Self.digit(byte) {
                    guard digits < 8 else { throw .badChunk }
                    remaining = remaining << 4 | digit
                    digits += 1
                } else {
                    guard digits > 0 else { throw .badChunk }
                    phase = .afterSize
                    continue
                }
            case .afterSize:
                if byte == 0x0A {
                    digits = 0
                    phase = remaining == 0 ? .trailer : .data
                }
            case .afterData:
                guard byte == 0x0A || byte == 0x0D else { throw .badChunk }
                if byte == 0x0A { phase = .size }
            case .trailer:
                if byte == 0x0A {
                    phase = .done
                } else if byte != 0x0D {
                    phase = .trailerLine
                }
            case .trailerLine: if byte == 0x0A { phase = .trailer }
            case .done: return nil
            }
            place += 1
        }
        return nil
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte - 48)
        case 65...70: Int(byte - 55)
        case 97...102: Int(byte - 87)
        default: nil
        }
    }
}

/// Bodies of a known length, and chunked ones with their trailers (RFC 9112, sections 6 and 7).
extension RequestReader {
    /// How much room the first bytes of a body make for others.
    private static let roomForEachByte = 8

    /// Takes what is there of the body or the present chunk.
    mutating func takeBody(_ bytes: Span<UInt8>, at position: inout Int) {
        let count = min(remaining, bytes.count - position)
        let part = bytes.extracting(position..<(position + count))
        if body.isEmpty, remaining > count {
            // Room for all of it, so that the body isn't moved while it grows; but for no more than a client of few bytes earns.
            body.reserveCapacity(min(remaining, Self.roomForEachByte * count))
        }
        // The bytes are copied into the body before the span ends.
        unsafe part.withUnsafeBufferPointer { unsafe body.append(contentsOf: $0) }
        position += count
        remaining -= count
        if remaining == 0, case .chunk = state { state = .chunkEnd }
    }

    mutating func readChunk(_ byte: UInt8) throws(Refusal) {
        switch state {
        case .chunkSize:
            if let digit = Grammar.hexadecimal(byte) {
                // Eight digits are 4 GiB, which is more than any body and less than an overflow.
                try require(sizeDigits < 8, or: .badChunk)
                sizeDigits += 1
                pendingSize = pendingSize << 4 | digit
                try require(pendingSize <= maximumBodyBytes - body.count, or: .bodyTooLarge)
            } else {
                try require(sizeDigits > 0, or: .badChunk)
                if byte == UInt8(ascii: ";") {
                    state = .chunkExtension
                    try countExtension()
                } else {
                    try require(byte == Self.carriageReturn, or: byte == Self.lineFeed ? .badLineEnd : .badChunk)
                    state = .chunkLineFeed
                }
            }
        case .chunkExtension:
            if byte == Self.carriageReturn {
                state = .chunkLineFeed
            } else {
                try require(byte != Self.lineFeed, or: .badLineEnd)
                try require(Grammar.isFieldValue(byte), or: .badChunk)
                try countExtension()
            }
        case .chunkLineFeed:
            try require(byte == Self.lineFeed, or: .badLineEnd)
            remaining = pendingSize
            state = pendingSize == 0 ? .trailerStart : .chunk
            pendingSize = 0
            sizeDigits = 0
        case .chunkEnd:
            try require(byte == Self.carriageReturn, or: .badChunk)
            state = .chunkEndLineFeed
        default:
            try require(byte == Self.lineFeed, or: .badLineEnd)
            state = .chunkSize
        }
    }

    private mutating func countExtension() throws(Refusal) {
        extensionBytes += 1
        try require(extensionBytes <= limits.chunkExtensionBytes, or: .badChunk)
    }

    /// Trailer fields are held to the grammar and thrown away: nothing here needs one.
    mutating func readTrailer(_ byte: UInt8) throws(Refusal) {
        trailerBytes += 1
        try require(trailerBytes <= limits.trailerBytes, or: .headTooLarge)
        switch state {
        case .trailerStart:
            if byte == Self.carriageReturn {
                state = .trailersLineFeed
            } else {
                try requireFieldStart(byte)
                try require(trailers < limits.fields, or: .tooManyFields)
                trailers += 1
                state = .trailerName
            }
        case .trailerName:
            if byte == UInt8(ascii: ":") {
                state = .trailerValue
            } else {
                try require(Grammar.isToken(byte), or: .badFieldName)
            }
        case .trailerValue:
            if byte == Self.carriageReturn {
                state = .trailerLineFeed
            } else {
                try require(byte != Self.lineFeed, or: .badLineEnd)
                try require(Grammar.isFieldValue(byte), or: .badFieldValue)
            }
        default:
            try require(byte == Self.lineFeed, or: .badLineEnd)
            state = .trailerStart
        }
    }
}

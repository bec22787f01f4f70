/// Compresses a text piece by piece into deflate blocks (RFC 1951), none of which is the last one.
///
/// Each piece ends at the edge of a byte and can be decompressed as soon as it is there. A piece that starts anew refers to
/// nothing before it, so it may stand behind anything. Costs about 170 KiB of memory.
public final class Deflater {
    /// How long it looks for repetitions.
    public enum Effort: Sendable {
        case quick
        /// Makes texts smaller, and takes several times as long.
        case thorough

        fileprivate func stream() -> (any DeflateStream)? {
            switch self {
            case .quick: ISALStream()
            case .thorough: ZlibStream()
            }
        }
    }

    /// A new one holds from the next piece on that starts anew.
    public var effort: Effort
    private var effortInUse: Effort
    /// Nil: there was no piece yet, or no memory, and pieces go out as they are.
    private var stream: (any DeflateStream)?

    /// How much is compressed by one call.
    private static let stepBytes = 1 << 20

    public init(_ effort: Effort) {
        self.effort = effort
        effortInUse = effort
    }

    /// - Parameter startsAnew: whether the piece must not refer to the one before it.
    public func append(_ bytes: Span<UInt8>, startsAnew: Bool, to output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        if startsAnew || stream == nil { startAnew() }
        guard let stream else { return Gzip.appendStored(bytes, to: &output) }
        var start = 0
        var used = output.count
        var progress = 0
        repeat {
            let step = bytes.extracting(start..<min(bytes.count, start + Self.stepBytes))
            // As much as it takes to store the text as it is; a little more than a flush needs in any case.
            output.append(contentsOf: repeatElement(0, count: step.count + 1024))
            var room = output.mutableSpan
            let (taken, written) = stream.flush(step, into: &room, from: used)
            start += taken
            used += written
            progress = taken + written
        } while progress > 0 && (start < bytes.count || used == output.count)
        output.removeLast(output.count - used)
    }

    /// All of the piece before went out with its flush, so nothing is lost.
    private func startAnew() {
        if stream == nil || effort != effortInUse, let other = effort.stream() {
            (stream, effortInUse) = (other, effort)
        } else {
            stream?.reset()
        }
    }
}

internal import Compression
internal import Glibc
internal import System

/// The lines of a file or of standard input, plain or gzip.
struct LineReader: ~Copyable {
    enum Item: Hashable {
        /// Without its end; lines are counted from 1.
        case line(number: Int64, [UInt8])
        /// A line that was passed over since it has more bytes than allowed.
        case tooLong(number: Int64)
        /// No more for now, from a pipe.
        case idle
        case end
    }

    enum Failure: Error, CustomStringConvertible {
        case file(FileError)
        case gzip(GzipError)

        var description: String {
            switch self {
            case .file(let error): "\(error)"
            case .gzip(let error): "\(error)"
            }
        }
    }

    private let descriptor: Int32
    private let limit: Int
    private var gzip: GzipReader?
    private var isStarted = false
    private var isOver = false
    private var waiting: [UInt8] = []
    private var place = 0
    private var number: Int64 = 0
    /// Within a line that is too long.
    private var isSkipping = false

    /// - Parameters:
    ///   - path: `-` for standard input.
    ///   - limit: bytes of a line.
    init(_ path: String, limit: Int) throws(FileError) {
        self.limit = limit
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", errno) }
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// - Parameter patience: milliseconds to wait for a pipe; negative: as long as it takes.
    mutating func next(patience: Int32 = -1) throws(Failure) -> Item {
        while true {
            if let end = waiting[place...].firstIndex(of: 0x0A) {
                let line = waiting[place..<end]
                place = end + 1
                if let item = take(line) { return item }
                continue
            }
            if isOver {
                let rest = waiting[place...]
                guard !rest.isEmpty || isSkipping else { return .end }
                place = waiting.count
                if let item = take(rest) { return item }
                continue
            }
            waiting.removeFirst(place)
            place = 0
            if waiting.count > limit + 1 {
                waiting = []
                isSkipping = true
            }
            guard patience < 0 || Descriptor.isReady(descriptor, Int16(POLLIN), milliseconds: patience) else {
                return .idle
            }
            try fill()
        }
    }

    /// nil: an empty line.
    private mutating func take(_ line: ArraySlice<UInt8>) -> Item? {
        number += 1
        let content = line.last == 0x0D ? line.dropLast() : line
        guard !isSkipping, content.count <= limit else {
            isSkipping = false
            return .tooLong(number: number)
        }
        return content.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? nil : .line(number: number, Array(content))
    }

    private mutating func fill() throws(Failure) {
        do {
            var piece = try Descriptor.read(descriptor)
            if !isStarted, !piece.isEmpty {
                isStarted = true
                // A pipe may hand over a single byte first.
                while piece.count == 1, piece[0] == 0x1F {
                    let more = try Descriptor.read(descriptor)
                    if more.isEmpty { break }
                    piece += more
                }
                do { gzip = GzipReader.isGzip(piece) ? try GzipReader() : nil } catch { throw Failure.gzip(error) }
            }
            isOver = piece.isEmpty
            if gzip == nil {
                waiting += piece
            } else if isOver {
                do { try gzip?.finish() } catch { throw Failure.gzip(error) }
            } else {
                do { try gzip?.push(piece, into: &waiting) } catch { throw Failure.gzip(error) }
            }
        } catch let error as FileError {
            throw .file(error)
        } catch let error as Failure {
            // The lines before the damage are good, what is begun is not.
            throw error
        } catch {
            throw .file(FileError("read", EIO))
        }
    }
}

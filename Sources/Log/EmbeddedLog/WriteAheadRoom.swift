internal import Glibc

/// Room at the end of the write-ahead log that is written before SQLite needs it.
///
/// A sync of what lies in blocks that the file has already writes these blocks; one of a file that grew writes the file
/// system's journal too, which takes several times as long (with ext4, a commit of three pages takes 0.1 ms against 0.5 ms).
/// SQLite starts the file over after each checkpoint, so it grows once to its usual length and is written in place from then
/// on; this makes that first growth cheap as well, a step at a time. What is behind the last frame is nothing to SQLite, be it
/// zeros or frames of before (https://sqlite.org/walformat.html, section 4.4): recovery ends at the first frame whose salt or
/// checksum is not right.
///
/// Used on the writer's thread only.
struct WriteAheadRoom {
    private let path: String
    /// The file's length when it was asked for last; 0: it is to be asked for. Only SQLite makes the file longer meanwhile, past this,
    /// or shorter, which `forget` is for. Asking for it at each commit would make each sync write the file's times, too.
    private var length: Int64 = 0
    /// Bytes of a frame: its header and a page.
    private let frame: Int
    /// Where less than this is left behind the last frame, a step is added.
    private static let least: Int64 = 256 << 10
    private static let step = 1 << 20
    /// A step is written from these, over and over.
    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameter pageBytes: of a page of the database.
    init(_ directory: String, pageBytes: Int) {
        frame = 24 + pageBytes
        path = "\(directory)/\(Schema.fileName)-wal"
    }

    /// The file may have become shorter. To be called now and then.
    mutating func forget() { length = 0 }

    /// Little is left behind so many frames.
    mutating func isNarrow(behind frames: Int) -> Bool {
        let end = Int64(frames * frame)
        if length - end < Self.least { length = DiskRoom.size(path) }
        let rest = length - end
        return 0 <= rest && rest < Self.least
    }

    /// Makes the file longer by a step. Where that fails, SQLite makes its own room.
    func widen() {
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var written = 0
        // The buffer is valid within the closure.
        while written < Self.step {
            let count = unsafe Self.zeros.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            written += count
        }
        if written > 0 { fdatasync(descriptor) }
    }
}

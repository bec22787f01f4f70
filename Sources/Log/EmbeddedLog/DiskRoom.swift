internal import EventLog
internal import Glibc

/// The room on the log's file system, of which the log leaves a part free: a disk that is full to the last byte would keep
/// old records from being removed, too, since that is written before it takes effect.
struct DiskRoom {
    private let directory: String
    private let minimumFree: Int?
    /// What is left free where nothing else was asked for, in bytes: a write-ahead log of the usual size, twice.
    private static let usualMinimum: Int64 = 128 << 20
    /// The most of a file system that is left free by itself: a tenth. A small one could never take a record otherwise.
    private static let usualShare: Int64 = 10

    /// - Parameter minimumFree: bytes to leave free; nil: 128 MiB, or a tenth of a file system that is smaller than ten
    ///   times that.
    init(_ directory: String, minimumFree: Int?) {
        self.directory = directory
        self.minimumFree = minimumFree
    }

    /// Bytes free for users without privileges, less what the write-ahead log takes when it is copied into the database;
    /// and bytes that are to stay free. Nil where the system does not say.
    private var state: (free: Int64, spare: Int64, minimum: Int64)? {
        var status = statvfs()
        guard unsafe statvfs(directory, &status) == 0 else { return nil }
        func bytes(_ blocks: UInt) -> Int64 {
            let (bytes, overflow) = UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize))
            return overflow ? .max : Int64(clamping: bytes)
        }
        let free = bytes(status.f_bavail)
        let minimum =
            minimumFree.map { Int64($0) } ?? min(Self.usualMinimum, bytes(status.f_blocks) / Self.usualShare)
        return (free, free - Self.size("\(directory)/\(Schema.fileName)-wal"), minimum)
    }

    /// Bytes free on the file system for users without privileges; nil where the system does not say.
    var free: Int64? { state?.free }

    /// Less is free than the log is to leave, when the write-ahead log is copied into the database.
    var isShort: Bool { state.map { $0.spare < $0.minimum } ?? false }

    /// Bytes that may be taken before room is short; 0 where it is short, or the system does not say.
    var left: Int64 { state.map { max(0, $0.spare - $0.minimum) } ?? 0 }

    /// More than twice the room that the log must leave is free, so that some of it may be taken early.
    var isAmple: Bool { state.map { $0.spare / 2 > max($0.minimum, Self.usualMinimum) } ?? false }

    /// - Throws: `full` with the numbers where room is short.
    func check() throws(LogError) {
        guard let state, state.spare < state.minimum else { return }
        throw .full(
            "\(state.free) bytes are free in \(directory), and the log leaves \(state.minimum) free so that it can still "
                + "remove old records; free some, lower the retention, or lower storage.minimum_free_bytes")
    }

    /// The size of a file in bytes, 0 where there is none.
    static func size(_ path: String) -> Int64 {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}

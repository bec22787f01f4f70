internal import EventLog
internal import Glibc

/// The room on the log's file system.
enum DiskRoom {
    /// Bytes free for users without privileges; nil where the system does not say.
    static func free(_ directory: String) -> Int64? {
        var status = statvfs()
        guard unsafe statvfs(directory, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// The size of a file in bytes, 0 where there is none.
    static func size(_ path: String) -> Int64 {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}

extension Writer {
    /// Less is free than the log is to leave, when the write-ahead log is copied into the database.
    var isShortOfRoom: Bool {
        guard let free = DiskRoom.free(options.directory) else { return false }
        let writeAhead = DiskRoom.size("\(options.directory)/\(Schema.fileName)-wal")
        return free - writeAhead < Int64(options.minimumFreeBytes)
    }

    /// Looks for room before a commit. What the write-ahead log takes twice may be enough.
    func findRoom(_ connection: Connection) throws(LogError) {
        guard isShortOfRoom else { return }
        try? connection.checkpointAndTruncate()
        guard isShortOfRoom, let free = DiskRoom.free(options.directory) else { return }
        throw .full(
            "\(free) bytes are free in \(options.directory), and the log leaves \(options.minimumFreeBytes) free so that it "
                + "can still remove old records; free some or lower the retention")
    }

    /// After a change. Failing to copy the write-ahead log loses nothing; the next change tries again.
    func checkpoint(_ connection: Connection) {
        if isShortOfRoom {
            try? connection.checkpointAndTruncate()
        } else {
            try? connection.checkpointIfDue()
        }
    }
}

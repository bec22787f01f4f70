internal import CSQLite
internal import EventLog
internal import Glibc

/// A call of SQLite's that failed.
struct SQLiteError: Error, CustomStringConvertible {
    /// The C function's name.
    var call: String
    /// The extended result code.
    var code: Int32
    /// `errno` of the system call behind it, 0 if there was none.
    var systemError: Int32
    /// SQLite's own words.
    var message: String

    private var primaryCode: Int32 { code & 0xFF }

    /// The disk, a quota or a limit on the size of files is used up.
    var isFull: Bool {
        primaryCode == SQLITE_FULL
            || primaryCode == SQLITE_IOERR && (systemError == ENOSPC || systemError == EDQUOT || systemError == EFBIG)
    }

    /// What is stored is not what was written.
    var isDamage: Bool {
        switch primaryCode {
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT: true
        // The statements are constant, and offsets are given once: a table or column that is not there, or a row that is
        // there already or has another type, is not what was written.
        case SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH: true
        default: false
        }
    }

    /// SQLite can't read the stored bytes: they are damaged, or the disk reports an input error.
    var isUnreadable: Bool { isDamage || primaryCode == SQLITE_IOERR && !isFull }

    /// For what SQLite can't know to be wrong.
    static func damage(_ message: String) -> SQLiteError {
        SQLiteError(call: "sqlite3_step", code: SQLITE_CORRUPT, systemError: 0, message: message)
    }

    var description: String {
        let system = systemError == 0 ? "" : ", \(errorText(systemError))"
        return "\(call): \(message) (SQLite code \(code)\(system))"
    }
}

extension LogError {
    /// - Parameter what: begins the sentence: what can't be done.
    init(_ error: SQLiteError, _ what: String = "the log's database can't be used") {
        if error.isFull {
            self = .full(
                "there is no room on the disk or within maximumFileBytes; make some or lower the retention (\(error))")
        } else if error.isDamage {
            self = .invalid(
                "\(what): it is damaged; check it with `sqlite3 log.sqlite 'PRAGMA integrity_check'` (\(error))")
        } else {
            self = .unavailable("\(what): \(error)")
        }
    }

    /// As it is where it is one already.
    init(_ error: any Error, _ what: String) {
        switch error {
        case let error as LogError: self = error
        case let error as SQLiteError: self = LogError(error, what)
        default: self = .invalid("\(what): \(error)")
        }
    }
}

/// The system's sentence for an `errno`.
func errorText(_ code: Int32) -> String {
    // strerror never returns null, and its text is valid until this thread's next call; it is copied here.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}

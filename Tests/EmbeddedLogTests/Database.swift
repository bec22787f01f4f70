import CSQLite
import TestSupport

/// SQLite as the tests need it: to make logs of earlier formats, and to know where something is in the file.
enum Database {
    /// Runs statements, as `sqlite3` does with a file of them.
    static func run(_ sql: String, _ path: String) throws {
        var handle: OpaquePointer?
        defer { unsafe sqlite3_close_v2(handle) }
        guard unsafe sqlite3_open(path, &handle) == SQLITE_OK else { throw ChildError("sqlite3_open", 5) }
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw ChildError("sqlite3_exec: \(code)", 5) }
    }

    /// The first column of each row.
    static func integers(_ sql: String, _ path: String) throws -> [Int] {
        var handle: OpaquePointer?
        var statement: OpaquePointer?
        // In this order: the statement goes before its database.
        defer {
            unsafe sqlite3_finalize(statement)
            unsafe sqlite3_close_v2(handle)
        }
        guard unsafe sqlite3_open(path, &handle) == SQLITE_OK,
            unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK
        else { throw ChildError("sqlite3_prepare_v2", 5) }
        var integers: [Int] = []
        while unsafe sqlite3_step(statement) == SQLITE_ROW {
            integers.append(Int(unsafe sqlite3_column_int64(statement, 0)))
        }
        return integers
    }
}

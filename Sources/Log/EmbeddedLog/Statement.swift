internal import CSQLite
internal import Glibc

/// A prepared statement. Indices of parameters count from 1, of columns from 0, as in SQLite.
///
/// Used by the thread that uses its connection.
@safe final class Statement {
    // Valid from init to deinit. The connection's handle may be closed before: sqlite3_close_v2 waits for statements.
    private let handle: OpaquePointer

    /// Compiles `sql` to be kept for long.
    init(_ sql: String, database: OpaquePointer) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle = unsafe handle else {
            throw unsafe SQLiteError("sqlite3_prepare_v3", code: code, database: database)
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    /// The next row. False: there is none, the statement has done its work.
    func step() throws(SQLiteError) -> Bool {
        errno = 0
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure("sqlite3_step", code)
        }
    }

    /// Runs a statement without rows, or whose rows don't matter, and makes it ready to be run again.
    func run() throws(SQLiteError) {
        defer { reset() }
        while try step() {}
    }

    /// Ends the run and forgets the parameters. Its result code repeats the last step's error, so it says nothing new.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    func bind(_ value: Int64?, at index: Int32) throws(SQLiteError) {
        guard let value else { return try bindNull(at: index) }
        let code = unsafe sqlite3_bind_int64(handle, index, value)
        guard code == SQLITE_OK else { throw failure("sqlite3_bind_int64", code) }
    }

    func bind(_ text: String, at index: Int32) throws(SQLiteError) {
        // SQLite copies the text before the call returns.
        let code = unsafe csqlite_bind_text_copy(handle, index, text, -1)
        guard code == SQLITE_OK else { throw failure("sqlite3_bind_text", code) }
    }

    func bind(_ bytes: [UInt8]?, at index: Int32) throws(SQLiteError) {
        guard let bytes else { return try bindNull(at: index) }
        // An empty array may have no address, and a blob without one would be NULL.
        // SQLite copies the bytes before the call returns.
        let code =
            bytes.isEmpty
            ? unsafe sqlite3_bind_zeroblob(handle, index, 0)
            : unsafe bytes.withUnsafeBytes {
                unsafe csqlite_bind_blob_copy(handle, index, $0.baseAddress, UInt64($0.count))
            }
        guard code == SQLITE_OK else { throw failure("sqlite3_bind_blob64", code) }
    }

    /// Runs the statement with these bytes, which SQLite reads where they are, and makes it ready to be run again.
    func run(with bytes: [UInt8], at index: Int32) throws(SQLiteError) {
        guard !bytes.isEmpty else {
            try bind(bytes, at: index)
            return try run()
        }
        let span = bytes.span
        try unsafe span.withUnsafeBytes { bytes throws(SQLiteError) in
            // Without a destructor SQLite neither copies nor frees the bytes. They are valid until `run` has made it forget them.
            let code = unsafe sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), nil)
            guard code == SQLITE_OK else { throw failure("sqlite3_bind_blob64", code) }
            try run()
        }
    }

    private func bindNull(at index: Int32) throws(SQLiteError) {
        let code = unsafe sqlite3_bind_null(handle, index)
        guard code == SQLITE_OK else { throw failure("sqlite3_bind_null", code) }
    }

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    func text(_ column: Int32) -> String {
        // Valid until the next step or reset; copied here.
        guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
        return unsafe String(cString: text)
    }

    /// The size of a blob in bytes, 0 for NULL.
    func byteCount(_ column: Int32) -> Int {
        Int(unsafe sqlite3_column_bytes(handle, column))
    }

    /// Nil: NULL. Throws where the blob can't be read whole: its later pages are read only now.
    func blob(_ column: Int32) throws(SQLiteError) -> [UInt8]? {
        guard !isNull(column) else { return nil }
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = byteCount(column)
        guard count > 0 else { return [] }
        guard let start = unsafe start else { throw failure("sqlite3_column_blob", nil) }
        // Valid until the next step or reset, `count` bytes long; copied here.
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    private func failure(_ call: String, _ code: Int32?) -> SQLiteError {
        // A statement has a connection as long as it lives.
        unsafe SQLiteError(call, code: code, database: sqlite3_db_handle(handle))
    }
}

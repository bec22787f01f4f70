import EmbeddedLog
import EventLog
import Glibc

/// A directory of a test's own, removed with everything in it.
struct TemporaryDirectory: ~Copyable, Sendable {
    let path: String

    init() {
        var template = Array("/tmp/embedded-log-XXXXXX".utf8CString)
        // The buffer is valid within the closure, null-terminated, and written to in place.
        path = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) } ?? ""
        }
        precondition(!path.isEmpty, "no temporary directory could be made")
    }

    deinit {
        Self.remove(path)
    }

    static func remove(_ path: String) {
        for name in entries(path) {
            let entry = "\(path)/\(name)"
            if unsafe unlink(entry) != 0 { remove(entry) }
        }
        unsafe rmdir(path)
    }

    static func entries(_ path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            // d_name is null-terminated and valid until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension LogClock {
    /// Never wakes anybody: the background pass of retention stays out of the way.
    static let stopped = LogClock(
        now: { 0 },
        sleep: { _ in
            try await Task.sleep(for: .seconds(100_000))
        })
}

extension EmbeddedLogOptions {
    init(test directory: String) {
        self.init(directory: directory, durability: .normal, clock: .stopped)
    }
}

extension EventLog {
    /// Appends values to a topic with their index as timestamp, all of which must be taken.
    @discardableResult
    func fill(_ topic: String, _ values: [[UInt8]], from time: Timestamp = 0) async throws -> [Appended] {
        let records = values.enumerated().map {
            NewRecord(topic: topic, timestamp: time + Timestamp($0.offset), value: $0.element)
        }
        return try await append(records).map { try $0.get() }
    }
}

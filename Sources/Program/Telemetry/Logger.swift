internal import Glibc
public import Time

/// Writes structured lines: a time, a level, a message and fields. A line is written at once and whole, and nothing in a
/// value can begin a line of its own.
///
/// ```
/// 2026-11-21T10:00:00.123Z INFO    ready streams=3 address="127.0.0.1:8092"
/// {"time":"2026-11-21T10:00:00.123Z","level":"info","message":"ready","streams":3,"address":"127.0.0.1:8092"}
/// ```
public struct Logger: Sendable {
    public enum Format: String, CaseIterable, Sendable { case text, json }

    public typealias Field = (name: String, value: any LogValue)

    private let level: LogLevel
    private let format: Format
    private let now: @Sendable () -> Int64
    private let sink: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - level: the least important lines that are written.
    ///   - now: milliseconds since 1970.
    ///   - sink: takes one line with its end; standard error if not said.
    public init(
        level: LogLevel = .info, format: Format = .text, now: @escaping @Sendable () -> Int64 = WallClock.now,
        sink: @escaping @Sendable ([UInt8]) -> Void = Logger.standardError
    ) {
        self.level = level
        self.format = format
        self.now = now
        self.sink = sink
    }

    public func debug(_ message: @autoclosure () -> String, _ fields: Field...) { log(.debug, message(), fields) }
    public func info(_ message: @autoclosure () -> String, _ fields: Field...) { log(.info, message(), fields) }
    public func notice(_ message: @autoclosure () -> String, _ fields: Field...) { log(.notice, message(), fields) }
    public func warning(_ message: @autoclosure () -> String, _ fields: Field...) { log(.warning, message(), fields) }
    public func error(_ message: @autoclosure () -> String, _ fields: Field...) { log(.error, message(), fields) }

    public func log(_ level: LogLevel, _ message: @autoclosure () -> String, _ fields: [Field] = []) {
        guard level >= self.level else { return }
        let time = ISO8601.format(now())
        var line = ""
        switch format {
        case .text:
            let name = level.rawValue.uppercased()
            line = "\(time) \(name)\(String(repeating: " ", count: max(1, 8 - name.count)))\(LogText.plain(message()))"
            for field in fields { line += " \(LogText.name(field.name))=\(LogText.value(field.value.logText))" }
        case .json:
            line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"message\":\(LogText.json(message()))"
            for field in fields { line += ",\(LogText.json(LogText.name(field.name))):\(field.value.logJSON)" }
            line += "}"
        }
        sink(Array((line + "\n").utf8))
    }

    /// One `write`, so that lines of several threads don't mix.
    public static func standardError(_ line: [UInt8]) {
        // The bytes are read within the call. A log that can't be written is nobody's to be told.
        _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

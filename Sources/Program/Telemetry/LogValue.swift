/// What a field of a log line may hold: a text, or a number, which JSON lines have without quotes.
public protocol LogValue: Sendable {
    /// As text lines have it, before quotes and escapes.
    var logText: String { get }
    /// As JSON lines have it.
    var logJSON: String { get }
}

extension String: LogValue {
    public var logText: String { self }
    public var logJSON: String { LogText.json(self) }
}

extension LogValue where Self: BinaryInteger {
    public var logText: String { "\(self)" }
    public var logJSON: String { "\(self)" }
}

extension Int: LogValue {}
extension Int64: LogValue {}
extension UInt16: LogValue {}

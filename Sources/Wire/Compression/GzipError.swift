/// Why a gzip text can't be read on.
public enum GzipError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is there is no gzip, or its checksum is wrong. Positions are counted from the text's beginning.
    case damaged(compressedByte: Int64, reason: String)
    /// The text ends within a member.
    case truncated(compressedByte: Int64)
    case noMemory

    /// A stable name.
    public var name: String {
        switch self {
        case .damaged: "gzip_damaged"
        case .truncated: "gzip_truncated"
        case .noMemory: "no_memory"
        }
    }

    public var description: String {
        switch self {
        case .damaged(let byte, let reason):
            "the gzip data is damaged near byte \(byte): \(reason); what came before it is good"
        case .truncated(let byte): "the gzip data ends too early, after \(byte) bytes; fetch the file again"
        case .noMemory: "there is no memory to decompress with"
        }
    }
}

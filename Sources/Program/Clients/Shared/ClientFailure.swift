/// Why a command ended early.
enum ClientFailure: Error, CustomStringConvertible {
    /// It was not asked well.
    case usage(String)
    case stopped(String)

    /// The exit code.
    var code: Int32 { if case .usage = self { 2 } else { 1 } }

    var description: String {
        switch self {
        case .usage(let reason), .stopped(let reason): reason
        }
    }
}

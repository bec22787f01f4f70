/// Why a stream can't be followed, or no events can be sent. Whatever may pass by itself is tried again and is not thrown.
public enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The server doesn't do what it is asked for: the request must change.
    case refused(ServerProblem)
    /// The server ended the stream, and not for a while.
    case ended(ServerProblem)
    /// There is no sense in what came, or no way to the server: a sentence.
    case unusable(String)

    public var description: String {
        switch self {
        case .refused(let problem): "the server refuses: \(problem)"
        case .ended(let problem): "the server ended the stream: \(problem)"
        case .unusable(let reason): reason
        }
    }
}

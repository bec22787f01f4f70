internal import Compression
internal import HTTPClient

/// A stream's body as it comes, without its content coding (RFC 9110, section 8.4).
final class StreamBody {
    /// Compressed bytes that are unpacked at once: they may become a thousand times as many.
    static let pieceBytes = 16 << 10

    let stream: HTTPBodyStream
    private var reader: GzipReader?
    /// Came, and is not unpacked yet.
    private var rest: ArraySlice<UInt8> = []

    /// - Throws: when there is no memory.
    init(_ stream: HTTPBodyStream) throws(GzipError) {
        self.stream = stream
        if Self.coding(stream.head) == .gzip { reader = try GzipReader() }
    }

    enum Coding: Hashable, Sendable {
        case identity, gzip
        case other(String)
    }

    /// How a response is coded.
    static func coding(_ head: HTTPClientHead) -> Coding {
        let names = head.headers.filter { $0.name.lowercased() == "content-encoding" }.map { $0.value.lowercased() }
        switch names.joined(separator: ", ") {
        case "", "identity": return .identity
        case "gzip", "x-gzip": return .gzip
        case let name: return .other(name)
        }
    }

    /// What comes next. Whatever is whole when it comes is handed on then, without waiting for more.
    ///
    /// - Parameter timeout: milliseconds to wait before `.idle`.
    nonisolated(nonsending) func next(timeout: Int64) async -> Following.Input {
        if rest.isEmpty {
            let part: HTTPBodyPart
            do throws(HTTPClientError) { part = try await stream.next(timeout: timeout) } catch {
                return .failed(error)
            }
            switch part {
            case .bytes(let bytes):
                guard reader != nil else { return .bytes(bytes) }
                rest = bytes[...]
            case .idle: return .idle
            case .end:
                do throws(GzipError) { try reader?.finish() } catch { return .damaged(error) }
                return .ended
            }
        }
        let piece = Array(rest.prefix(Self.pieceBytes))
        rest = rest.dropFirst(piece.count)
        var text: [UInt8] = []
        do throws(GzipError) { try reader?.push(piece, into: &text) } catch { return .damaged(error) }
        return .bytes(text)
    }
}

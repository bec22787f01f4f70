import Clients
import Glibc
import Synchronization
import TestSupport

/// Output that is kept, a clock that only waiting moves, and no chance.
final class RecordedEnvironment: Sendable {
    private struct State {
        var output: [UInt8] = []
        var sentences: [String] = []
        var progress: [String] = []
        var waits: [Int64] = []
        var now: Int64 = 1_790_000_000_000
        var writesLeft = Int.max
    }

    private let state: Mutex<State>
    private let step: Int64

    /// - Parameters:
    ///   - writes: after how many nobody reads the output any more.
    ///   - step: milliseconds that pass with every look at the clock.
    init(writes: Int = .max, step: Int64 = 0) {
        state = Mutex(State(writesLeft: writes))
        self.step = step
    }

    var lines: [String] {
        state.withLock { String(decoding: $0.output, as: UTF8.self).split(separator: "\n").map(String.init) }
    }
    var sentences: [String] { state.withLock { $0.sentences } }
    var progress: [String] { state.withLock { $0.progress } }
    /// In milliseconds.
    var waits: [Int64] { state.withLock { $0.waits } }

    var environment: ClientEnvironment {
        ClientEnvironment(
            write: { bytes in
                self.state.withLock { state in
                    guard state.writesLeft > 0 else { return false }
                    state.writesLeft -= 1
                    state.output += bytes
                    return true
                }
            },
            tell: { sentence in self.state.withLock { $0.sentences.append(sentence) } },
            progress: { line in self.state.withLock { $0.progress.append(line) } },
            now: {
                self.state.withLock { state in
                    state.now += self.step
                    return state.now
                }
            },
            sleep: { milliseconds in
                self.state.withLock { state in
                    state.waits.append(milliseconds)
                    state.now += milliseconds
                }
                return !Task.isCancelled
            },
            random: { 0 })
    }
}

extension TemporaryDirectory {
    func file(_ name: String, _ bytes: [UInt8] = []) -> String {
        let path = path + "/" + name
        if !bytes.isEmpty {
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            close(descriptor)
        }
        return path
    }

    func file(_ name: String, _ text: String) -> String { file(name, Array(text.utf8)) }

    func text(_ name: String) -> String? {
        let descriptor = unsafe open(path + "/" + name, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}

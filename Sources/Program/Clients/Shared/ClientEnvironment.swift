internal import EventStreamsClient
internal import Glibc
internal import System
internal import Time

/// What a command touches besides the network and its files: output, clock and chance. Tests give their own.
package struct ClientEnvironment: Sendable {
    /// Writes whole lines to standard output. False: nobody reads it any more.
    package var write: @Sendable ([UInt8]) -> Bool
    /// Writes a sentence to standard error, as a line.
    package var tell: @Sendable (String) -> Void
    /// Overwrites the progress line on standard error; nil where that is no terminal. The empty line wipes it.
    package var progress: (@Sendable (String) -> Void)?
    /// Unix time in milliseconds.
    package var now: @Sendable () -> Int64
    /// Waits so many milliseconds; false when the task was cancelled.
    package var sleep: @Sendable (Int64) async -> Bool
    /// At least 0 and less than 1.
    package var random: @Sendable () -> Double

    package init(
        write: @escaping @Sendable ([UInt8]) -> Bool, tell: @escaping @Sendable (String) -> Void,
        progress: (@Sendable (String) -> Void)? = nil, now: @escaping @Sendable () -> Int64 = Self.clock,
        sleep: @escaping @Sendable (Int64) async -> Bool = Self.wait,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.write = write
        self.tell = tell
        self.progress = progress
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The process's own. Ignores SIGPIPE from then on, so that a closed pipe is an answer instead of the end.
    package static func standard(program: String = "eventstreams") -> ClientEnvironment {
        signal(SIGPIPE, SIG_IGN)
        let isTerminal = isatty(STDERR_FILENO) == 1
        let wipe = isTerminal ? "\r\u{1B}[K" : ""
        let progress: @Sendable (String) -> Void = { _ = Descriptor.write(Array((wipe + $0).utf8), to: STDERR_FILENO) }
        return ClientEnvironment(
            write: { Descriptor.write($0, to: STDOUT_FILENO) },
            tell: { _ = Descriptor.write(Array("\(wipe)\(program): \($0)\n".utf8), to: STDERR_FILENO) },
            progress: isTerminal ? progress : nil)
    }

    package static let clock: @Sendable () -> Int64 = { WallClock.now() }

    package static let wait: @Sendable (Int64) async -> Bool = ClientTiming.wait

    var timing: ClientTiming { ClientTiming(now: now, sleep: sleep, random: random) }
}

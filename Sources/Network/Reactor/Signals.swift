internal import CLinux
internal import Glibc
internal import Synchronization

/// A signal that asks something of the process.
public enum Signal: Int32, Sendable, CaseIterable {
    case hangUp = 1
    case interrupt = 2
    case terminate = 15
}

/// The process's signals as values to await.
public enum Signals {
    private static let isOpen = Atomic<Bool>(false)

    /// A peer that closed is an error of the write (`EPIPE`), not the end of the process.
    public static func ignoreBrokenPipes() throws(SystemError) {
        try SystemCall.checked("sigaction") { linux_signal_ignore(SIGPIPE) }
    }

    /// The signals as they arrive. May be called once in a process: the handlers are the process's.
    public static func arriving(_ signals: [Signal] = Signal.allCases) throws(SystemError) -> AsyncStream<Signal> {
        guard !isOpen.exchange(true, ordering: .acquiringAndReleasing) else {
            throw SystemError(call: "sigaction", number: EALREADY)
        }
        let reader = try SystemCall.checked("pipe2") { linux_signals_open() }
        for signal in signals { try SystemCall.checked("sigaction") { linux_signal_watch(signal.rawValue) } }
        let (stream, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingNewest(16))
        let pump = SignalPump(reader: reader, signals: signals, continuation: continuation)
        var thread = pthread_t()
        // Balanced in the thread's first line, or below when there is no thread.
        let context = unsafe Unmanaged.passRetained(pump)
        let failure = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<SignalPump>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard failure == 0 else {
            unsafe context.release()
            throw SystemError(call: "pthread_create", number: failure)
        }
        pthread_detach(thread)
        return stream
    }
}

/// Waits at the reading end of the signal pipe, on a thread that does nothing else and lives as long as the process.
private final class SignalPump: Sendable {
    private let reader: Int32
    private let signals: [Signal]
    private let continuation: AsyncStream<Signal>.Continuation

    init(reader: Int32, signals: [Signal], continuation: AsyncStream<Signal>.Continuation) {
        self.reader = reader
        self.signals = signals
        self.continuation = continuation
    }

    func run() {
        // The thread that made this one may have blocked them; then they would reach nobody.
        for signal in signals { _ = linux_signal_unblock(signal.rawValue) }
        while true {
            do throws(SystemError) {
                let number = try SystemCall.checked("read") { linux_signal_next(reader) }
                if let signal = Signal(rawValue: number) { continuation.yield(signal) }
            } catch {
                continuation.finish()
                return
            }
        }
    }
}

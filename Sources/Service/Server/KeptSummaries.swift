internal import EventLog
internal import History
internal import System

/// Keeps what is known of the log's blocks in a file beside the log, so that a server that starts again need not read them all
/// for a filter that few of them can match.
///
/// What comes between the last save and a crash is learned again. The file's calls wait on a thread of their own.
actor KeptSummaries {
    /// Milliseconds between two saves.
    static let interval: Int64 = 300_000

    private let path: String
    private let loader: BlockLoader
    private let rules: @Sendable () -> SummaryRules
    private let report: @Sendable (String) -> Void
    private let thread: BlockingThread
    /// What was known when it was last saved.
    private var saved: Int?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - rules: those that are published now.
    ///   - report: is told why the file can't be read or written.
    init(
        _ path: String, _ loader: BlockLoader, rules: @escaping @Sendable () -> SummaryRules,
        report: @escaping @Sendable (String) -> Void
    ) throws(BlockingThreadError) {
        self.path = path
        self.loader = loader
        self.rules = rules
        self.report = report
        thread = try BlockingThread()
    }

    /// Takes over what the file knows.
    func load() async {
        do throws(FileError) {
            guard let bytes = try SmallFile.read(path) else { return }
            _ = await loader.restoreSummaries(bytes, under: rules())
        } catch {
            report("what is known of the log's blocks can't be read from \(path): \(error)")
        }
    }

    /// Writes the file anew if there is news.
    func save() async {
        let forgets = await loader.forgetCount
        guard let news = await loader.keptSummaries(under: rules(), since: saved) else { return }
        do throws(FileError) {
            try SmallFile.replace(path, with: news.bytes)
            saved = news.changes
        } catch {
            report("what is known of the log's blocks can't be written to \(path): \(error)")
        }
        // A topic was made anew meanwhile, and the file was there again after it had been removed.
        if await loader.forgetCount != forgets { Self.remove(path) }
    }

    /// Removes the file: something in it holds no more.
    static func remove(_ path: String) { SmallFile.remove(path) }
}

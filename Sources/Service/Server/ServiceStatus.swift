internal import Endpoints
internal import EventLog
internal import HTTPServer
internal import Live
internal import Status
internal import Synchronization
internal import System

/// The status of the service: its history, the file that keeps it, and the documents that are made of it, each once however
/// many ask. Any thread may ask.
final class ServiceStatus: Sendable {
    private struct State {
        var keeper: StatusKeeper
        var saved: Timestamp
    }

    private let state: Mutex<State>
    private let documents = Mutex<[String: (document: Document, made: Timestamp)]>([:])
    private let started: Timestamp
    /// Nil: it is kept in memory only.
    private let path: String?
    private let report: @Sendable (String) -> Void

    /// How often the file is written. Milliseconds.
    private static let saveInterval: Int64 = 300_000
    /// How long a document is good. Milliseconds.
    private static let lifetime: Int64 = 2_000
    private static let fileName = "status"

    /// Reads what was kept before. A file that is no such file, damaged or of a later version, is told of and not read.
    init(_ options: ServiceOptions, now: Timestamp) {
        started = now
        report = options.reportStatusFile
        path = options.statusDirectory.map { "\($0)/\(Self.fileName)" }
        var file: StatusFile?
        if let path {
            do throws(FileError) {
                if let bytes = try SmallFile.read(path) {
                    file = StatusFile(bytes)
                    if file == nil { report("it is damaged, or of a later version") }
                }
            } catch {
                report("\(error)")
            }
        }
        let limits = FreshnessLimits(fresh: options.freshFor, canaryInterval: options.canaryInterval)
        // The first reading is written at once, so that an end without order is known for what it is.
        state = Mutex(
            State(keeper: StatusKeeper(limits: limits, file: file, now: now), saved: now - Self.saveInterval))
    }

    /// How each stream is doing, by its name.
    var states: [String: StreamState] { state.withLock { $0.keeper.states } }

    /// Takes what was measured, and writes the file when it is time.
    func take(_ reading: StatusReading, at now: Timestamp) {
        let isDue = state.withLock { state in
            state.keeper.take(reading, at: now)
            return path != nil && abs(now - state.saved) >= Self.saveInterval
        }
        if isDue { save(hasEnded: false, at: now) }
    }

    /// - Parameter hasEnded: whether the server ends in order now.
    func save(hasEnded: Bool, at now: Timestamp) {
        guard let path else { return }
        let file = state.withLock { state in
            state.saved = now
            return state.keeper.file(hasEnded: hasEnded, now: now)
        }
        do throws(FileError) {
            try SmallFile.replace(path, with: file.bytes)
        } catch {
            report("it can't be written: \(error)")
        }
    }

    func note(_ news: IngestNews, at now: Timestamp) {
        guard let incident = Incident(news, at: now) else { return }
        state.withLock { $0.keeper.add(incident) }
    }

    // MARK: Documents

    /// What was made a moment ago; nil: it has to be made.
    ///
    /// - Parameter stream: its canonical name; empty: the document of the whole service.
    func ready(_ stream: String, now: Timestamp) -> Document? {
        documents.withLock { documents in
            documents[stream].flatMap { abs(now - $0.made) < Self.lifetime ? $0.document : nil }
        }
    }

    /// Makes a document. Not on a loop: it takes a while where there are many streams.
    ///
    /// - Returns: nil: there is no such stream.
    func make(_ stream: String, _ info: ServiceInfo, _ phase: StatusDocument.Phase, now: Timestamp) -> Document? {
        // Of those that wait here all but the first find it ready.
        documents.withLock { documents in
            if let entry = documents[stream], abs(now - entry.made) < Self.lifetime { return entry.document }
            let keeper = state.withLock { $0.keeper }
            let maker = StatusDocument(
                keeper, info, phase: phase, started: started, isKept: path != nil, now: now)
            guard let document = stream.isEmpty ? maker.whole : maker.one(stream) else { return nil }
            // Streams that were asked for once are no reason to keep theirs.
            documents = documents.filter { abs(now - $0.value.made) < Self.lifetime }
            documents[stream] = (document, now)
            return document
        }
    }
}

extension Incident {
    /// Nil: that is told in another way, or is no incident.
    fileprivate init?(_ news: IngestNews, at now: Timestamp) {
        switch news {
        // Streams of it become unavailable, and well again.
        case .unread, .read: return nil
        case .failed: self.init(.logUnreadable, at: now)
        case .recovered: self.init(.logReadable, at: now)
        case .lost(let partition, let range, _):
            self.init(.recordsLost, of: "\(partition)", number: Int64(range.count), at: now)
        case .gone(let partition): self.init(.partitionGone, of: "\(partition)", at: now)
        case .recreated(let partition): self.init(.partitionRecreated, of: "\(partition)", at: now)
        }
    }
}

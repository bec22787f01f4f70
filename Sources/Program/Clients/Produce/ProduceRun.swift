internal import EventStreamsClient
internal import System

/// One run of `produce`: reads lines, fills batches, delivers them, keeps the state.
struct ProduceRun {
    private let options: ProduceOptions
    private let environment: ClientEnvironment
    private let producer: EventProducer
    private var meter: ProduceMeter
    private var state: ProduceState?
    /// Of this run's ids, unless a state file has one.
    private var seed = UInt64.random(in: .min ... .max)
    private var lines: [Line] = []
    private var batch: Batch

    private struct Line {
        var number: Int64
        var bytes: [UInt8]
    }

    init(_ options: ProduceOptions, _ environment: ClientEnvironment, _ producer: EventProducer) {
        self.options = options
        self.environment = environment
        self.producer = producer
        batch = Batch(producer.options)
        meter = ProduceMeter(environment, isQuiet: options.isQuiet, isHasty: options.producer.isHasty)
    }

    mutating func run() async throws(ClientFailure) -> Int32 {
        for file in try filesToRead() {
            try await produce(file)
        }
        meter.finish()
        return meter.refused == 0 ? 0 : 1
    }

    /// The files from the one on in which an earlier run stopped.
    private mutating func filesToRead() throws(ClientFailure) -> ArraySlice<String> {
        guard let path = options.stateFile else { return options.files[...] }
        let bytes: [UInt8]?
        do { bytes = try SmallFile.read(path) } catch {
            throw .usage("the state file \(path) can't be read: \(error)")
        }
        guard let bytes else {
            // Kept before anything is sent: a run that is killed leaves events of which the next must know the ids.
            state = ProduceState(file: options.files[0], seed: seed)
            try save(path)
            return options.files[...]
        }
        guard let found = ProduceState(bytes) else {
            throw .usage("\(path) is not a state file of this command; name another, or delete it to begin anew")
        }
        guard let place = options.files.firstIndex(of: found.file) else {
            throw .usage(
                "the state file \(path) is at \(found.file), which was not named; name the same files in the same order"
            )
        }
        state = found
        seed = found.seed
        return options.files[place...]
    }

    private mutating func produce(_ file: String) async throws(ClientFailure) {
        let start = state?.file == file ? state : nil
        var reader: LineReader
        do { reader = try LineReader(file, limit: options.producer.eventLimit) } catch {
            throw .stopped("\(file) can't be read: \(error)")
        }
        var last: Int64 = 0
        while true {
            let item: LineReader.Item
            do {
                item = try reader.next(patience: lines.isEmpty ? -1 : Int32(clamping: options.producer.linger))
            } catch {
                try await flush(file)
                throw .stopped("\(file) can't be read on: \(error)")
            }
            switch item {
            case .end:
                try await flush(file)
                if let start, last < start.line {
                    throw .usage("\(file) is shorter than the state file says: \(Self.changed)")
                }
                return
            case .idle: try await flush(file)
            case .tooLong(let number):
                if number > start?.line ?? 0 {
                    meter.refuse(file, number, "longer than \(options.producer.eventLimit) bytes")
                }
            case .line(let number, let bytes):
                last = number
                if let start, number <= start.line {
                    guard number < start.line || ProduceState.digest(bytes) == start.digest else {
                        throw .usage("line \(number) of \(file) is not what it was: \(Self.changed)")
                    }
                } else if start?.beyond.contains(number) != true {
                    try await take(Line(number: number, bytes: bytes), file)
                }
            }
        }
    }

    private static let changed = "the file has changed since; delete the state file to begin anew"

    private mutating func take(_ line: Line, _ file: String) async throws(ClientFailure) {
        if batch.mustEnd(before: line.bytes.count) { try await flush(file) }
        lines.append(line)
        batch.add(line.bytes.count)
        if batch.isFull { try await flush(file) }
    }

    private mutating func flush(_ file: String) async throws(ClientFailure) {
        guard !lines.isEmpty else { return }
        let sent = lines
        lines.removeAll(keepingCapacity: true)
        batch.clear()
        let outcomes = await producer.produce(
            sent.map(\.bytes), id: { [seed] in LineID.text(seed: seed, file: file, line: sent[$0].number) },
            onRetry: { [meter] reason, wait in
                meter.say("\(reason); trying again in \(Figures.tenths(Double(wait) / 1000)) s")
            })
        var failure: (line: Int64, reason: String)?
        for (line, outcome) in zip(sent, outcomes) {
            switch outcome {
            case .stored, .accepted: meter.store(line.bytes.count)
            case .invalid(let event): meter.refuse(file, line.number, event.reason)
            case .failed(let reason): failure = failure ?? (line.number, reason)
            }
        }
        meter.show()
        try save(sent, outcomes, file)
        guard let failure else { return }
        meter.finish()
        let hint = options.stateFile == nil ? "" : "; the same command goes on there"
        throw .stopped("gave up at \(file) line \(failure.line): \(failure.reason)\(hint)")
    }

    private mutating func save(
        _ sent: [Line], _ outcomes: [EventOutcome], _ file: String
    ) throws(ClientFailure) {
        guard let path = options.stateFile else { return }
        let isSettled = outcomes.map { if case .failed = $0 { false } else { true } }
        let settled = zip(sent, isSettled).prefix { $0.1 }.map(\.0)
        if let last = settled.last {
            state = ProduceState(file: file, line: last.number, digest: ProduceState.digest(last.bytes), seed: seed)
        } else if state?.file != file {
            state = ProduceState(file: file, seed: seed)
        }
        let more = zip(sent, isSettled).dropFirst(settled.count).filter { $0.1 }.map(\.0.number)
        let earlier = state?.beyond.filter { $0 > state?.line ?? 0 } ?? []
        state?.beyond = Array(Set(earlier + more)).sorted()
        try save(path)
    }

    private func save(_ path: String) throws(ClientFailure) {
        do { try SmallFile.replace(path, with: state?.bytes ?? []) } catch {
            throw .stopped(
                "the state can't be kept in \(path): \(error); all before is stored, so take care with a rerun")
        }
    }
}

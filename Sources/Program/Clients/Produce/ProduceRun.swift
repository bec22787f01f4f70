internal import HTTPClient
internal import JSON
internal import System

/// One run of `produce`: reads lines, fills batches, delivers them, keeps the state.
struct ProduceRun {
    private let options: ProduceOptions
    private let environment: ClientEnvironment
    private let client: HTTPClient
    private var meter: ProduceMeter
    private var state: ProduceState?
    private var batch: [Delivery.Event] = []
    private var batchBytes = 0

    init(_ options: ProduceOptions, _ environment: ClientEnvironment, _ client: HTTPClient) {
        self.options = options
        self.environment = environment
        self.client = client
        meter = ProduceMeter(environment, isQuiet: options.isQuiet)
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
        guard let bytes else { return options.files[...] }
        guard let found = ProduceState(bytes) else {
            throw .usage("\(path) is not a state file of this command; name another, or delete it to begin anew")
        }
        guard let place = options.files.firstIndex(of: found.file) else {
            throw .usage(
                "the state file \(path) is at \(found.file), which was not named; name the same files in the same order"
            )
        }
        state = found
        return options.files[place...]
    }

    private mutating func produce(_ file: String) async throws(ClientFailure) {
        let start = state?.file == file ? state : nil
        var reader: LineReader
        do { reader = try LineReader(file, limit: options.eventLimit) } catch {
            throw .stopped("\(file) can't be read: \(error)")
        }
        var last: Int64 = 0
        while true {
            let item: LineReader.Item
            do {
                item = try reader.next(patience: batch.isEmpty ? -1 : Int32(clamping: options.linger))
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
                    meter.refuse(file, number, "longer than \(options.eventLimit) bytes")
                }
            case .line(let number, let bytes):
                last = number
                if let start, number <= start.line {
                    guard number < start.line || ProduceState.digest(bytes) == start.digest else {
                        throw .usage("line \(number) of \(file) is not what it was: \(Self.changed)")
                    }
                } else if start?.beyond.contains(number) != true {
                    try await take(Delivery.Event(line: number, bytes: bytes), file)
                }
            }
        }
    }

    private static let changed = "the file has changed since; delete the state file to begin anew"

    private mutating func take(_ event: Delivery.Event, _ file: String) async throws(ClientFailure) {
        do {
            let document = try JSONDocument(event.bytes)
            guard document[document.root].kind == .object else {
                return meter.refuse(file, event.line, "not a JSON object")
            }
        } catch {
            return meter.refuse(file, event.line, "not JSON: \(error)")
        }
        // With the comma and the brackets.
        if batchBytes + event.bytes.count + 2 > options.requestLimit { try await flush(file) }
        batch.append(event)
        batchBytes += event.bytes.count + 1
        if batch.count >= options.batchEvents || batchBytes >= options.batchBytes { try await flush(file) }
    }

    private mutating func flush(_ file: String) async throws(ClientFailure) {
        guard !batch.isEmpty else { return }
        let events = batch
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
        var delivery = Delivery(events, patience: Int64(clamping: options.patience) * 1000)
        var reported = (stored: 0, refused: 0)
        var action = Delivery.Action.send
        while true {
            switch action {
            case .send: action = await send(&delivery)
            case .wait(let milliseconds, let reason):
                meter.say("\(reason); trying again in \(Figures.tenths(Double(milliseconds) / 1000)) s")
                let isOver = await !environment.sleep(milliseconds)
                action = isOver ? .giveUp(reason: "stopped") : .send
            case .giveUp(let reason):
                report(delivery, &reported, file)
                try save(delivery, events, file)
                meter.finish()
                let line = delivery.firstOpen.map { " line \($0)" } ?? ""
                let hint = options.stateFile == nil ? "" : "; the same command goes on there"
                throw .stopped("gave up at \(file)\(line): \(reason)\(hint)")
            case .done:
                report(delivery, &reported, file)
                return try save(delivery, events, file)
            }
            report(delivery, &reported, file)
        }
    }

    private func send(_ delivery: inout Delivery) async -> Delivery.Action {
        let request = HTTPClientRequest(
            "POST", options.url, headers: [.init("Content-Type", "application/json")] + options.headers,
            body: delivery.body)
        do {
            let response = try await client.send(request)
            return delivery.answer(response, now: environment.now(), chance: environment.random())
        } catch {
            return delivery.fail(error, now: environment.now(), chance: environment.random())
        }
    }

    /// Tells and counts what became of events since the last report.
    private mutating func report(_ delivery: Delivery, _ reported: inout (stored: Int, refused: Int), _ file: String) {
        for event in delivery.stored.dropFirst(reported.stored) { meter.store(event.bytes.count) }
        for refusal in delivery.refusals.dropFirst(reported.refused) {
            meter.refuse(file, refusal.line, refusal.reason)
        }
        reported = (delivery.stored.count, delivery.refusals.count)
        meter.show()
    }

    private mutating func save(
        _ delivery: Delivery, _ events: [Delivery.Event], _ file: String
    ) throws(ClientFailure) {
        guard let path = options.stateFile else { return }
        let open = Set(delivery.requests.lazy.flatMap { $0 }.map(\.line))
        let settled = events.prefix { !open.contains($0.line) }
        if let last = settled.last {
            state = ProduceState(file: file, line: last.line, digest: ProduceState.digest(last.bytes))
        } else if state?.file != file {
            state = ProduceState(file: file, line: 0, digest: 0)
        }
        let more = events.dropFirst(settled.count).map(\.line).filter { !open.contains($0) }
        let earlier = state?.beyond.filter { $0 > state?.line ?? 0 } ?? []
        state?.beyond = Array(Set(earlier + more)).sorted()
        do { try SmallFile.replace(path, with: state?.bytes ?? []) } catch {
            throw .stopped(
                "the state can't be kept in \(path): \(error); all before is stored, so take care with a rerun")
        }
    }
}

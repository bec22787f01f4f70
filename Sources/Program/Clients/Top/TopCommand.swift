internal import EventStreamsClient
internal import JSON

/// Shows which values of a field come how often, live.
///
/// On a terminal the table is drawn over itself on the other screen, which is left at the end, however it comes; elsewhere
/// it is printed at each look.
package struct TopCommand: Sendable {
    private let options: TopOptions
    private let environment: ClientEnvironment
    private let table: TopTable
    private let screen: Screen?

    /// - Parameter screen: nil: the output is no terminal.
    package init(_ options: TopOptions, _ environment: ClientEnvironment = .standard(), screen: Screen? = .standard()) {
        self.options = options
        self.environment = environment
        self.screen = options.isOnce ? nil : screen
        table = TopTable(options.fields, screen: self.screen, colours: options.colours)
    }

    /// Returns when the stream ends, nobody reads the output any more, or the task is cancelled.
    ///
    /// - Returns: the exit code: 0 as asked, 1 the stream could not be followed, 2 it was not asked well.
    package func run() async -> Int32 {
        do throws(ClientFailure) {
            let client = try StreamsClient(options.connection, environment)
            let isDrawn = screen != nil
            // The other screen, without a cursor.
            if isDrawn { _ = environment.write(Array("\u{1B}[?1049h\u{1B}[?25l".utf8)) }
            defer { if isDrawn { _ = environment.write(Array("\u{1B}[?25h\u{1B}[?1049l".utf8)) } }
            try await follow(client)
            return 0
        } catch {
            environment.tell("\(error)")
            return error.code
        }
    }

    private func follow(_ client: StreamsClient) async throws(ClientFailure) {
        let paths = options.fields.map { $0.split(separator: ".").map(String.init) }
        var counts = HeavyHitters(capacity: TopTable.capacity, windows: TopTable.windows)
        var state = "connecting"
        var looks = Looks(environment.now(), interval: Int64(max(options.interval, 1)) * 1000, kept: TopTable.windows)
        var elements = client.follow(options.request).makeAsyncIterator()
        while true {
            let element: StreamElement?
            do throws(ClientError) { element = try await elements.next() } catch {
                throw .stopped("\(options.request.url): \(error)")
            }
            guard let element else { break }
            switch element {
            case .event(let event):
                state = ""
                counts.add(Self.value(event, paths))
            case .gap(let gap): state = "\(gap)"
            case .notice(let notice): state = "\(notice)"
            case .problem(let problem): state = "the server says: \(problem)"
            case .reconnecting(let reconnect): state = "\(reconnect)"
            case .progress, .idle: break
            }
            guard looks.isDue(environment.now()) else { continue }
            let span = looks.look(environment.now())
            guard show(counts, span, state) else { return }
            if options.isOnce { return }
            counts.endWindow()
        }
        // What came since the last look, of a stream that is over.
        if screen == nil, !Task.isCancelled { _ = show(counts, looks.look(environment.now()), state) }
    }

    /// False: nobody reads it.
    private func show(_ counts: HeavyHitters, _ milliseconds: Int64, _ state: String) -> Bool {
        let rows = min(options.rows ?? table.rows, table.rows)
        let text = table.text(
            counts, rows: screen == nil ? options.rows ?? rows : rows, milliseconds: milliseconds,
            url: options.request.url, state: state)
        guard screen != nil else {
            if !state.isEmpty, state != "connecting" { environment.tell(state) }
            return environment.write(Array((text + (options.isOnce ? "" : "\n")).utf8))
        }
        // To the first place; each line wipes what stood behind it, and the last what stood below.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\u{1B}[K\r\n")
        return environment.write(Array("\u{1B}[H\(lines)\u{1B}[J".utf8))
    }

    private static func value(_ event: StreamEvent, _ paths: [[String]]) -> String {
        guard let document = try? JSONDocument(event.data) else { return "-" }
        // A value that is long is as good as another of the same beginning, and memory is bounded.
        return paths.map { path in
            let text = document.text(at: path) ?? "-"
            return text.utf8.count > 400 ? String(decoding: text.utf8.prefix(400), as: UTF8.self) : text
        }.joined(separator: " ")
    }
}

internal import Clients
internal import Configuration
internal import EventStreamsClient
internal import Load
internal import Reactor

/// Finds what a command does.
enum Commands {
    static func run(_ run: Invocation.Run) async -> Int32 {
        switch run.command.name {
        case "serve": return await ServeCommand(run).run()
        case "produce": return await produce(run)
        case "consume": return await consume(run)
        case "top": return await top(run)
        case "doctor": return await doctor(run)
        case "bench": return await bench(run)
        case "filter": return filter(run)
        case "schemas": return schemas(run)
        case "config": return await ConfigCommand(run).run()
        case "check-config": return await CheckConfigCommand(run).run()
        case "completion":
            let script = run.arguments.first.flatMap(Completion.script)
            guard let script else {
                Terminal.complain("eventstreams: completions are for bash, zsh and fish")
                return 2
            }
            return Terminal.print(script)
        case "man": return Terminal.print(ManualPage.text(version: Version.number))
        default: return 2
        }
    }

    /// A server on this machine at the port it takes by default.
    private static let localServer = "http://127.0.0.1:\(ServerSettings().http.port)"

    private static func produce(_ run: Invocation.Run) async -> Int32 {
        var options = ProduceOptions(
            url: ServerAddress.url(run.value("--url") ?? "127.0.0.1:\(ServerSettings().intake.port)/v1/events"),
            files: run.arguments, authorities: run.value("--ca-file"),
            stateFile: run.value("--state"), producer: ProducerOptions(isHasty: run.has("--hasty")),
            isQuiet: run.has("--quiet"))
        do {
            options.producer.batchEvents =
                try number(run, "--batch-events", 1...1_000) ?? options.producer.batchEvents
            if let text = run.value("--batch-bytes") {
                guard let bytes = ByteSize.parse(text), (1...options.producer.requestLimit).contains(bytes) else {
                    throw Environment.Failure("--batch-bytes must be a size up to 4MiB, such as 512KiB")
                }
                options.producer.batchBytes = bytes
            }
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return 2
        }
        let final = options
        return await untilInterrupted { await ProduceCommand(final).run() }
    }

    private static func consume(_ run: Invocation.Run) async -> Int32 {
        let options: ConsumeOptions
        do {
            options = ConsumeOptions(
                urls: run.arguments.map { ServerAddress.stream($0, at: localServer) }, since: run.value("--since"),
                until: run.value("--until"),
                last: try number(run, "--last", 1...10_000),
                filter: run.value("--filter"), matches: run.options["--match"] ?? [],
                fields: run.value("--fields"), shard: try shard(run),
                limit: try number(run, "--limit", 1...Int.max).map(Int64.init),
                id: run.value("--id"), stateFile: run.value("--state"), gzip: !run.has("--no-gzip"),
                columns: try paths(run, "--columns") ?? [], colours: try colours(run),
                authorities: run.value("--ca-file"), statistics: run.has("--stats"), isQuiet: run.has("--quiet"))
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return 2
        }
        return await untilInterrupted { await ConsumeCommand(options).run() }
    }

    private static func top(_ run: Invocation.Run) async -> Int32 {
        let options: TopOptions
        do {
            let fields = try paths(run, "--by") ?? ["meta.stream", "wiki"]
            let isOnce = run.has("--once")
            let request = StreamRequest(
                ServerAddress.stream(run.arguments[0], at: localServer),
                since: run.value("--since").map(StreamTime.init),
                until: run.value("--until").map(StreamTime.init), filter: run.value("--filter"),
                matches: (run.options["--match"] ?? []).map { StreamMatch(pair: $0) }, fields: fields, pulse: 100)
            options = TopOptions(
                request: request, fields: fields, rows: try number(run, "--rows", 1...1000),
                interval: try number(run, "--interval", 1...3600) ?? (isOnce ? 10 : 2), isOnce: isOnce,
                connection: ClientOptions(authorities: run.value("--ca-file")), colours: try colours(run))
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return 2
        }
        return await untilInterrupted { await TopCommand(options).run() }
    }

    private static func doctor(_ run: Invocation.Run) async -> Int32 {
        let options: DoctorOptions
        do {
            options = DoctorOptions(
                url: ServerAddress.stream(run.arguments[0], at: localServer),
                seconds: try number(run, "--seconds", 1...3600) ?? 20,
                connection: ClientOptions(authorities: run.value("--ca-file")), isJSON: run.has("--json"),
                colours: try colours(run))
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return 2
        }
        return await untilInterrupted { await DoctorCommand(options).run() }
    }

    private static func colours(_ run: Invocation.Run) throws(Environment.Failure) -> ColourChoice {
        guard let text = run.value("--color") else { return .auto }
        guard let choice = ColourChoice(rawValue: text) else {
            throw Environment.Failure("--color must be auto, always or never")
        }
        return choice
    }

    /// Paths of fields with commas between them.
    private static func paths(_ run: Invocation.Run, _ option: String) throws(Environment.Failure) -> [String]? {
        guard let text = run.value(option) else { return nil }
        let paths = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard !paths.contains(where: \.isEmpty) else {
            throw Environment.Failure("\(option) must be paths of fields, such as meta.dt,wiki,title")
        }
        return paths
    }

    private static func bench(_ run: Invocation.Run) async -> Int32 {
        let options: BenchOptions
        do {
            guard let url = run.value("--url") ?? run.arguments.first, run.has("--url") != !run.arguments.isEmpty else {
                throw Environment.Failure("bench needs one URL")
            }
            let streams = try number(run, "--streams-per-connection", 1...100_000)
            guard streams == nil || run.has("--h2") else {
                throw Environment.Failure("--streams-per-connection is for --h2: HTTP/1.1 has one stream on each")
            }
            let warmUp = try number(run, "--warm-up", 0...1_000_000) ?? 0
            guard warmUp == 0 || !run.has("--from-start") else {
                throw Environment.Failure("--warm-up measures nothing at first, --from-start all: leave one out")
            }
            options = BenchOptions(
                url: ServerAddress.stream(url, at: localServer),
                clients: try number(run, "--clients", 1...1_000_000) ?? 100,
                seconds: try number(run, "--seconds", 1...1_000_000) ?? 10, warmUp: warmUp,
                rate: try number(run, "--rate", 1...1_000_000),
                waiting: try number(run, "--waiting", 1...1_000_000) ?? 200, fromStart: run.has("--from-start"),
                gzip: run.has("--gzip"), streamsPerConnection: run.has("--h2") ? streams ?? 100 : nil,
                json: run.has("--json"),
                process: try number(run, "--pid", 1...Int(Int32.max)).map(Int32.init),
                timestampField: run.value("--timestamp-field") ?? "/meta/dt",
                lastEventID: run.value("--last-event-id"), headers: run.options["--header"] ?? [])
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return 2
        }
        return await untilInterrupted { await BenchCommand(options).run() }
    }

    private static func filter(_ run: Invocation.Run) -> Int32 {
        let report: FilterCheck.Report
        switch (run.arguments.first, run.arguments.count) {
        case ("check", _):
            report = FilterCheck(
                expression: run.arguments[1], file: run.arguments.count > 2 ? run.arguments[2] : nil
            ).run()
        case ("verdicts", 3): report = FilterVerdicts(filters: run.arguments[1], file: run.arguments[2]).run()
        default:
            Terminal.complain(
                "eventstreams: filter takes check, an expression and perhaps a file; or verdicts and two files")
            return 2
        }
        if !report.errors.isEmpty { Terminal.complain(String(report.errors.dropLast())) }
        return max(report.output.isEmpty ? 0 : Terminal.print(report.output), report.status)
    }

    private static func schemas(_ run: Invocation.Run) -> Int32 {
        var options = SchemasCommand.Options()
        options.bases = run.options["--base"] ?? []
        options.directory = run.value("--dir") ?? options.directory
        options.skipped = run.options["--skip"] ?? []
        options.isForced = run.has("--force")
        options.isJSON = run.has("--json")
        let report = SchemasCommand(options).run(run.arguments[0], Array(run.arguments.dropFirst()))
        let printed = report.output.isEmpty ? 0 : Terminal.print(report.output)
        if !report.errors.isEmpty { Terminal.complain(String(report.errors.dropLast())) }
        return max(printed, report.status)
    }

    /// Runs a command; at SIGINT or SIGTERM it is told to end, and writes down where it is.
    private static func untilInterrupted(_ body: @escaping @Sendable () async -> Int32) async -> Int32 {
        let task = Task { await body() }
        if let signals = try? Signals.arriving([.interrupt, .terminate]) {
            Task { for await _ in signals { task.cancel() } }
        }
        return await task.value
    }

    private static func shard(_ run: Invocation.Run) throws(Environment.Failure) -> StreamShard? {
        guard let text = run.value("--shard") else { return nil }
        guard let shard = StreamShard(text) else {
            throw Environment.Failure("--shard must be a share such as 0/4: the first of four; 64 shares at most")
        }
        return shard
    }

    private static func number(
        _ run: Invocation.Run, _ option: String, _ range: ClosedRange<Int>
    ) throws(Environment.Failure) -> Int? {
        guard let text = run.value(option) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw Environment.Failure(
                "\(option) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

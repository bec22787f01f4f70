internal import Clients
internal import Configuration
internal import HTTPClient

/// Finds what a command does.
enum Commands {
    static func run(_ run: Invocation.Run) async -> Int32 {
        switch run.command.name {
        case "serve": return await ServeCommand(run).run()
        case "produce": return await produce(run)
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

    private static func produce(_ run: Invocation.Run) async -> Int32 {
        var options = ProduceOptions(
            url: run.value("--url") ?? "http://127.0.0.1:8192/v1/events", files: run.arguments,
            stateFile: run.value("--state"), isQuiet: run.has("--quiet"))
        do {
            options.batchEvents = try number(run, "--batch-events", 1...1_000) ?? options.batchEvents
            if let text = run.value("--batch-bytes") {
                guard let bytes = ByteSize.parse(text), (1...options.requestLimit).contains(bytes) else {
                    throw Environment.Failure("--batch-bytes must be a size up to 4MiB, such as 512KiB")
                }
                options.batchBytes = bytes
            }
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return 2
        }
        return await ProduceCommand(options).run()
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

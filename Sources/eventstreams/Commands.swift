internal import Clients
internal import Configuration
internal import HTTPClient

/// Finds what a command does.
enum Commands {
    static func run(_ run: Invocation.Run) async -> Int32 {
        switch run.command.name {
        case "serve": return await ServeCommand(run).run()
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
}

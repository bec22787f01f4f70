internal import Configuration
internal import Glibc
internal import Reactor

// What the program does is in one file for each command; here it is only found.
let status: Int32
do {
    switch try Invocation.parse(Array(CommandLine.arguments.dropFirst())) {
    case .help(nil): status = Terminal.print(HelpText.program)
    case .help(let command?): status = Terminal.print(HelpText.command(command))
    case .version: status = Terminal.print("eventstreams \(Version.number)\n")
    case .run(let run):
        if run.command.name == "serve" {
            TimeSlices.shorten()
            Heap.share()
        }
        status = await Commands.run(run)
    }
} catch {
    Terminal.complain("eventstreams: \(error)")
    status = 2
}
exit(status)

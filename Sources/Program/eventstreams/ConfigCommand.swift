internal import Catalogue
internal import Configuration

/// `eventstreams config`: compares stream configurations.
struct ConfigCommand {
    let invocation: Invocation.Run

    init(_ invocation: Invocation.Run) { self.invocation = invocation }

    func run() async -> Int32 {
        guard invocation.arguments.first == "diff", invocation.arguments.count == 3 else {
            Terminal.complain("eventstreams: config takes diff and two configurations, the older first")
            return 2
        }
        do {
            let old = try await configuration(invocation.arguments[1])
            let new = try await configuration(invocation.arguments[2])
            return show(StreamConfigurationDifference.all(from: old, to: new))
        } catch {
            Terminal.complain("eventstreams: \(error)")
            return Environment.exitStatus(of: error)
        }
    }

    private func configuration(_ place: String) async throws -> StreamConfiguration {
        try StreamConfigurationFiles.configuration(
            try await StreamSource.files(place), path: invocation.value("--path"))
    }

    private func show(_ changes: [StreamConfigurationDifference]) -> Int32 {
        guard !changes.isEmpty else { return Terminal.print("Nothing changes.\n") }
        var text = ""
        for change in changes {
            text += change.breaks ? "\(change.stream) (breaks):\n" : "\(change.stream):\n"
            for words in change.words { text += "  \(words)\n" }
        }
        let printed = Terminal.print(text)
        return max(printed, changes.contains(where: \.breaks) ? 1 : 0)
    }
}

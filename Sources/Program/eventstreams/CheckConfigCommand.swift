internal import Catalogue
internal import Configuration
internal import Live
internal import Telemetry

/// `eventstreams check-config`.
struct CheckConfigCommand {
    let invocation: Invocation.Run

    init(_ invocation: Invocation.Run) { self.invocation = invocation }

    func run() async -> Int32 {
        do {
            let settings = try Environment.settings(invocation)
            let plan = try await ServePlan(settings, Logger(level: .error))
            let policy = plan.policy
            if invocation.has("--print") { return Terminal.print(ConfigurationFile.text(of: settings)) }
            for warning in policy.catalogue.warnings { Terminal.complain("warning: \(warning)") }
            for warning in plan.certificates?.warnings() ?? [] { Terminal.complain("warning: \(warning)") }
            let topics = policy.catalogue.topics.count
            Terminal.print(
                "The configuration is right: \(policy.catalogue.streams.count) streams of \(topics) topics.\n")
            return 0
        } catch {
            Terminal.complain("\(error)")
            return Environment.exitStatus(of: error)
        }
    }
}

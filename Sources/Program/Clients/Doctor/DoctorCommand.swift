internal import EventStreamsClient
internal import HTTPClient
internal import JSON

/// Looks at a stream as a client would, and says what stands between it and the server: proxies, timeouts, caches, clocks.
package struct DoctorCommand: Sendable {
    private let options: DoctorOptions
    private let environment: ClientEnvironment
    private let screen: Screen?

    package init(
        _ options: DoctorOptions, _ environment: ClientEnvironment = .standard(), screen: Screen? = .standard()
    ) {
        self.options = options
        self.environment = environment
        self.screen = screen
    }

    /// - Returns: the exit code: 0 nothing is bad, 1 something is, 2 it was not asked well.
    package func run() async -> Int32 {
        do throws(ClientFailure) {
            let findings = try await DoctorRun(options, environment).findings()
            let isWell = !findings.contains { $0.verdict == .bad }
            let text = options.isJSON ? json(findings, isWell) : lines(findings)
            return environment.write(text) && isWell ? 0 : 1
        } catch {
            environment.tell("\(error)")
            return error.code
        }
    }

    private func json(_ findings: [Finding], _ isWell: Bool) -> [UInt8] {
        let value = JSONValue.object([
            .init("url", .string(options.url)), .init("ok", .boolean(isWell)),
            .init("findings", .array(findings.map(\.json))),
        ])
        return value.bytes + [0x0A]
    }

    private func lines(_ findings: [Finding]) -> [UInt8] {
        let hasColours =
            switch options.colours {
            case .auto: screen?.hasColours ?? false
            case .always: true
            case .never: false
            }
        var text = ""
        for finding in findings {
            let (word, style): (String, Style) =
                switch finding.verdict {
                case .good: ("ok", .green)
                case .warning: ("warning", .yellow)
                case .bad: ("bad", .red)
                case .unknown: ("-", .dim)
                }
            // Parts of it come from the server.
            let detail = DisplayText.harmless(finding.detail)
            text += Style.drawn(DisplayText.fitted(word, to: 9), style, isOn: hasColours)
            text += DisplayText.fitted(finding.check, to: 14) + detail + "\n"
            if let advice = finding.advice { text += String(repeating: " ", count: 23) + "-> \(advice)\n" }
        }
        return Array(text.utf8)
    }
}

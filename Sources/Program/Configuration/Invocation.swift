internal import Bytes

/// What a command line asks for.
package enum Invocation: Hashable, Sendable {
    case run(Run)
    /// Help for a command, or for the program.
    case help(Command?)
    case version

    package struct Run: Hashable, Sendable {
        package var command: Command
        /// Values by option, in the order given. An option without a value has an empty one.
        package var options: [String: [String]]
        package var arguments: [String]

        package func has(_ option: String) -> Bool { options[option] != nil }
        /// The last value given.
        package func value(_ option: String) -> String? { options[option]?.last }

        /// What `--set` and the options that are settings say, `--set` last.
        package var flags: [ServerSettings.Flag] {
            var flags: [ServerSettings.Flag] = []
            for option in command.options {
                guard let key = option.setting, let value = value(option.name) else { continue }
                flags.append(.init(name: option.name, key: key, value: option.value == nil ? "true" : value))
            }
            for pair in options["--set"] ?? [] {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                flags.append(
                    .init(name: "--set", key: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : ""))
            }
            return flags
        }
    }

    /// A command line that makes no sense: exit code 2.
    package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
        package var message: String
        /// Where to look it up.
        package var command: String?

        package var description: String {
            "\(message)\nTry 'eventstreams \(command.map { "\($0) " } ?? "")--help'."
        }
    }

    /// - Parameter arguments: without the program's name.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Invocation {
        guard let first = arguments.first else { return .help(nil) }
        switch first {
        case "-h", "--help": return .help(nil)
        case "--version", "version": return .version
        default: break
        }
        guard let command = Command.all.first(where: { $0.name == first }) else {
            let what = first.hasPrefix("-") ? "unknown option \(first)" : "unknown command \(first)"
            let names = Command.all.map(\.name) + ["--help", "--version"]
            throw UsageError(message: what + Nearest.hint(first, among: names))
        }
        let invocation = try parse(command, arguments.dropFirst())
        guard command.name == "help", case .run(let run) = invocation else { return invocation }
        guard let name = run.arguments.first else { return .help(nil) }
        guard let about = Command.all.first(where: { $0.name == name }) else {
            throw UsageError(
                message: "unknown command \(name)\(Nearest.hint(name, among: Command.all.map(\.name)))")
        }
        return .help(about)
    }

    private static func parse(_ command: Command, _ arguments: ArraySlice<String>) throws(UsageError) -> Invocation {
        var run = Run(command: command, options: [:], arguments: [])
        var rest = arguments
        var onlyArguments = false
        while let word = rest.popFirst() {
            guard !onlyArguments, word.hasPrefix("-"), word != "-" else {
                run.arguments.append(word)
                continue
            }
            if word == "--" {
                onlyArguments = true
                continue
            }
            if word == "-h" || word == "--help" { return .help(command) }
            try parse(word, &rest, &run)
        }
        guard command.argumentCount.contains(run.arguments.count) else {
            let isMissing = run.arguments.count < command.argumentCount.lowerBound
            throw UsageError(
                message: isMissing
                    ? "\(command.name) needs \(command.arguments)"
                    : "\(command.name) takes no argument \(run.arguments[command.argumentCount.upperBound])",
                command: command.name)
        }
        return .run(run)
    }

    private static func parse(_ word: String, _ rest: inout ArraySlice<String>, _ run: inout Run) throws(UsageError) {
        let command = run.command
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let option = command.option(parts[0]) else {
            let hint = Nearest.hint(parts[0], among: command.options.map(\.name) + ["--help"])
            throw UsageError(message: "unknown option \(parts[0])\(hint)", command: command.name)
        }
        guard option.isRepeatable || run.options[option.name] == nil else {
            throw UsageError(message: "\(option.name) is given twice", command: command.name)
        }
        if let placeholder = option.value {
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw UsageError(
                    message: "\(option.name) needs a value: \(option.name) \(placeholder)", command: command.name)
            }
            if option.name == "--set", !value.contains("=") {
                throw UsageError(message: "--set needs KEY=VALUE, such as http.port=80", command: command.name)
            }
            run.options[option.name, default: []].append(value)
        } else {
            guard parts.count == 1 else {
                throw UsageError(message: "\(option.name) takes no value", command: command.name)
            }
            run.options[option.name] = [""]
        }
    }
}

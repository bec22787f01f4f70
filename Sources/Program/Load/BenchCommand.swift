package import Clients
internal import Glibc
internal import HTTPClient
internal import JSON
internal import Reactor

/// Opens many clients of one stream, measures what they get, and checks that each got everything.
package struct BenchCommand: Sendable {
    package let options: BenchOptions
    private let environment: ClientEnvironment

    package init(_ options: BenchOptions, _ environment: ClientEnvironment = .standard()) {
        self.options = options
        self.environment = environment
    }

    /// - Returns: the exit code: 0 all is well, 1 events were lost, repeated or out of order, or clients were not served,
    ///   2 it was not asked well.
    package func run() async -> Int32 {
        let target: BenchTarget
        do throws(BenchFailure) {
            target = try BenchTarget(options)
            if let process = options.process, ProcessUsage(process: process) == nil {
                throw BenchFailure("there is no process \(process)")
            }
            try raiseDescriptorLimit()
        } catch {
            environment.tell("\(error)")
            return 2
        }
        let topics = await topics(target)
        do {
            let loop = try EventLoop(name: "bench")
            let load = try LoadRun(options, target, topics: topics, environment, loop)
            try loop.start(load)
            let outcome = await load.run()
            await loop.stop()
            return report(outcome) && outcome.isGood ? 0 : 1
        } catch {
            environment.tell("\(error)")
            return 1
        }
    }

    private func report(_ outcome: LoadOutcome) -> Bool {
        let report = BenchReport(options: options, outcome: outcome)
        guard options.json else { return environment.write(Array(report.table.utf8)) }
        var line: [UInt8] = []
        report.json.append(to: &line)
        return environment.write(line + [0x0A])
    }

    /// Descriptors that are not clients'.
    private static let otherDescriptors = 50

    private func raiseDescriptorLimit() throws(BenchFailure) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let room = Int(clamping: limit.rlim_cur) - Self.otherDescriptors
        guard options.connections <= room else {
            throw BenchFailure(
                "\(options.connections) connections need as many descriptors, and the limit (ulimit -n) leaves \(room)")
        }
    }

    /// The topics of our own servers' streams, which compact ids can't be read without. Empty: not needed, or not told.
    private func topics(_ target: BenchTarget) async -> [String] {
        let prefix = "/v2/stream/"
        guard target.path.hasPrefix(prefix), target.path.contains("ids=compact"), let client = try? HTTPClient(),
            let answer = try? await client.send(HTTPClientRequest("GET", target.origin + "/v2/stream")),
            answer.head.status == 200, let list = try? JSONValue(answer.body)["streams"]?.array
        else { return [] }
        let names = Set(target.path.dropFirst(prefix.count).prefix { $0 != "?" }.split(separator: ",").map(String.init))
        return list.filter { stream in
            let own =
                [stream["name"]?.string].compactMap(\.self) + (stream["aliases"]?.array ?? []).compactMap(\.string)
            return !names.isDisjoint(with: own)
        }.flatMap { ($0["topics"]?.array ?? []).compactMap(\.string) }
    }
}

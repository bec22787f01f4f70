import EmbeddedLog
import KafkaLog
import Server
import Streaming
import Testing
import YAML

@testable import Configuration

@Suite struct ServerSettingsTests {
    private func load(
        _ text: String? = nil, _ environment: [String: String] = [:], _ flags: [(String, String)] = []
    ) -> Result<ServerSettings, ConfigurationErrors> {
        ServerSettings.load(
            file: text.map { .init(name: "test.yaml", bytes: Array($0.utf8)) }, environment: environment,
            flags: flags.map { .init(name: "--set", key: $0.0, value: $0.1) })
    }

    @Test func aFlagBeatsAVariableAndAVariableBeatsTheFile() throws {
        let file = "http: {port: 1001, host: 127.0.0.2, event_loops: 3}"
        let settings = try load(
            file, ["EVENTSTREAMS_HTTP_PORT": "1002", "EVENTSTREAMS_HTTP_HOST": "127.0.0.3", "HOME": "/"],
            [("http.port", "1003")]
        ).get()
        #expect(settings.http.port == 1003)
        #expect(settings.http.host == "127.0.0.3")
        #expect(settings.server.loops == 3)
        #expect(settings.intake.port == ServerSettings().intake.port)
    }

    @Test func emptyVariablesAndThoseOfKubernetesAreNotSettings() throws {
        let variables = [
            "EVENTSTREAMS_HTTP_PORT": "", "EVENTSTREAMS_INTAKE_PORT": "tcp://10.0.0.1:8192",
            "EVENTSTREAMS_INTAKE_SERVICE_HOST": "10.0.0.1", "EVENTSTREAMS_INTAKE_SERVICE_PORT_HTTP": "8192",
            "EVENTSTREAMS_INTAKE_PORT_8192_TCP_ADDR": "10.0.0.1",
        ]
        #expect(try load(nil, variables).get() == ServerSettings())
    }

    @Test func sizesAndTimesHaveUnits() throws {
        let settings = try load(
            "streaming: {tail_bytes: 3MiB, ring_bytes: 65536, heartbeat: 1500ms}\nstorage: {retention_age: 2d}"
        ).get()
        #expect(settings.service.tailBytes == 3 << 20)
        #expect(settings.service.fanOut.ringBytes == 65536)
        #expect(settings.service.heartbeat == 1500)
        #expect(settings.retentionAge == 2 * 86_400_000)
    }

    @Test func listsAreSequencesOrWordsBetweenCommas() throws {
        #expect(try load("streams: {allowed: [a, b]}").get().streams.allowed == ["a", "b"])
        #expect(try load(nil, ["EVENTSTREAMS_STREAMS_ALLOWED": "a, b"]).get().streams.allowed == ["a", "b"])
    }

    @Test func sectionsOfOtherModulesArePassedOn() throws {
        let settings = try load(
            "redaction: {rules: []}\nstreams: {inline: {a: {}}}\nmediawiki_redacted_pages: {x: [y]}"
        ).get()
        #expect(settings.redaction?["rules"] != nil)
        #expect(settings.streams.inline?["a"] != nil)
        #expect(settings.redactedPages?["x"] != nil)
    }

    @Test func theCommentedFileReadsBackAsTheDefaults() throws {
        #expect(try load(ConfigurationFile.text).get() == ServerSettings())
    }

    @Test func everySettingReachesAFieldOfItsOwn() throws {
        for setting in Setting.all {
            // A value that is not the default: whatever it may be, one of these is.
            let values = [
                "9", "9s", "40s", "70m", "48KiB", "8MiB", "3MiB", "true", "false", "json", "never", "normal", "error",
                "a:9",
                "127.0.0.9",
            ]
            let changed = values.lazy.compactMap { value -> ServerSettings? in
                var settings = ServerSettings()
                guard setting.apply(value, to: &settings), settings != ServerSettings() else { return nil }
                return settings
            }.first
            let settings = try #require(changed, "\(setting.key) has no field, or none of the values suits it")
            let others = Setting.all.filter { $0.text(in: settings) != $0.text(in: ServerSettings()) }.map(\.key)
            #expect(others == [setting.key])
        }
    }

    @Test func theCommittedFileIsTheOneThatTheTableMakes() throws {
        try Golden.check(ConfigurationFile.text, "../../config/eventstreams.yaml")
    }

    @Test func everySettingHasItsOwnKeyAndVariable() {
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
    }

    @Test func onlyAMistakeOnTheCommandLineIsWrongUse() {
        func isWrongUse(_ result: Result<ServerSettings, ConfigurationErrors>) -> Bool? {
            if case .failure(let errors) = result { errors.isWrongUse } else { nil }
        }
        #expect(isWrongUse(load(nil, [:], [("http.port", "abc")])) == true)
        #expect(isWrongUse(load("http: {port: abc}")) == false)
        #expect(isWrongUse(load(nil, ["EVENTSTREAMS_HTTP_PORT": "abc"])) == false)
    }

    @Test func ofThousandsOfMistakesTheFirstHundredAreListed() {
        let text = "http:\n" + (0..<100_000).map { "  k\($0): 1\n" }.joined()
        guard case .failure(let errors) = load(text) else { return #expect(Bool(false), "no error") }
        #expect(errors.messages.count == ConfigurationErrors.limit + 1)
    }

    @Test func everyMistakeIsToldInASentenceThatHelps() throws {
        let mistakes: [(String, [String: String], [(String, String)])] = [
            ("htp: {port: 80}", [:], []), ("http: {prot: 80}", [:], []), ("http: {port: eighty}", [:], []),
            ("http: {port: 70000}", [:], []), ("http: {port: -1}", [:], []), ("http: {port: [80]}", [:], []),
            ("http: {port: }", [:], []), ("http: 80", [:], []), ("[a, b]", [:], []), ("http: {port: 80", [:], []),
            ("http: {port: 80}\nhttp: {port: 81}", [:], []), ("streaming: {heartbeat: 15}", [:], []),
            ("streaming: {heartbeat: 2m}", [:], []), ("streaming: {tail_bytes: 64MB}", [:], []),
            ("streaming: {tail_bytes: 9999999999999999999}", [:], []), ("storage: {durability: none}", [:], []),
            ("demo: {enabled: yes}", [:], []), ("logging: {level: INFO}", [:], []),
            ("streams: {allowed: [[a]]}", [:], []),
            ("", ["EVENTSTREAMS_HTTP_PROT": "80"], []), ("", ["EVENTSTREAMS_HTTP_PORT": "x"], []),
            ("", [:], [("http.prot", "80")]), ("", [:], [("http.port", "")]), ("", [:], [("streaming.heartbeat", "5")]),
            ("", [:], [("nonsense", "1")]),
            ("http: {port: 9102}", [:], []), ("http: {port: 8192, host: 127.0.0.1}", [:], []),
            ("intake: {max_event_bytes: 8MiB}", [:], []), ("streaming: {ring_bytes: 128MiB}", [:], []),
            ("storage: {data_dir: \"\"}", [:], []), ("streams: {config: a.yaml, inline: {a: {}}}", [:], []),
            (
                "kafka: {brokers: [\"\", \"://\", \"a\", \":9\", \"a:0\", \"http://a:9\", \"a b:9\", \"a:9:9\", \"SSL://\", \"[]:9\"]}",
                [:], []
            ),
            ("kafka: {properties: {a: b}}", [:], []), ("kafka: {properties: [a]}", [:], []),
            ("kafka: {brokers: [a:9], properties: {a: [b], c: {d: e}, f: {file: g, variable: h}}}", [:], []),
            ("http: {port: x, hots: y}\nfoo: 1", ["EVENTSTREAMS_X": "1"], [("a", "b")]),
        ]
        var text = ""
        for (file, environment, flags) in mistakes {
            text += "## \(file) \(environment.map { "\($0)=\($1)" }.joined()) \(flags.map { "\($0)=\($1)" }.joined())\n"
            switch load(file, environment, flags) {
            case .success: text += "NO ERROR\n"
            case .failure(let errors): text += "\(errors)\n"
            }
        }
        #expect(!text.contains("NO ERROR"))
        try Golden.check(text, "Goldens/mistakes.txt")
    }
}

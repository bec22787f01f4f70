import Catalogue
import JSON
import System
import TestSupport
import Testing

@Suite struct StreamConfigurationTests {
    static let text = #"""
        default_settings: {topic_prefixes: [eqiad., codfw.], canary_events_enabled: true, consumers: {hadoop: {enabled: true, job: a}}}
        streams:
          plain: {schema_title: shop/order, destination_event_service: main}
          other: {topic_prefixes: null, canary_events_enabled: false, consumers: {hadoop: {enabled: false}}, sample: {}}
          listed: {topics: [x, y], topic_prefixes: [one.]}
          /^job\..+/: {schema_title: job, destination_event_service: main}
          /^job\.late/: {schema_title: late}
        """#

    static func configuration(_ text: String = text, path: String? = nil) throws -> StreamConfiguration {
        try StreamConfigurationFiles.configuration([.init(name: "s.yaml", bytes: Array(text.utf8))], path: path)
    }

    @Test func defaultsLieUnderEveryStream() throws {
        let settings = try #require(try Self.configuration().settings(of: "other"))
        #expect(
            settings == [
                "topic_prefixes": .null, "canary_events_enabled": false,
                "consumers": ["hadoop": ["enabled": false, "job": "a"]], "sample": .object([]), "stream": "other",
                "topics": ["other"],
            ])
        // Place by place, as EventStreamConfig has it.
        #expect(try Self.configuration().settings(of: "listed")?["topic_prefixes"] == ["one.", "codfw."])
    }

    @Test func topicsAreThoseThatAreListedOrThePrefixesBeforeTheName() throws {
        let configuration = try Self.configuration()
        #expect(configuration.settings(of: "plain")?["topics"] == ["eqiad.plain", "codfw.plain"])
        #expect(configuration.settings(of: "listed")?["topics"] == ["x", "y"])
        let pattern = try #require(configuration.settings(of: #"/^job\..+/"#))
        #expect(pattern["topics"] == [#"/^(eqiad\.|codfw\.)job\..+/"#] && pattern["stream"] == #"/^job\..+/"#)
    }

    @Test func aNameIsItsOwnEntryOrTheFirstPatternThatIsInIt() throws {
        let configuration = try Self.configuration()
        let settings = try #require(configuration.settings(of: "job.late"))
        #expect(settings["schema_title"] == "job" && settings["stream"] == #"/^job\..+/"#)
        #expect(settings["topics"] == ["eqiad.job.late", "codfw.job.late"])
        #expect(configuration.settings(of: "unknown") == nil)
    }

    @Test(arguments: [
        ("destination_event_service=main", ["plain", #"/^job\..+/"#]),
        ("consumers[hadoop][enabled]=1", ["listed", "plain"]),
        ("consumers[hadoop][enabled]=", ["other"]), ("canary_events_enabled=true", ["listed", "plain"]),
        ("topics=x", ["listed"]), ("topic_prefixes=codfw.", ["listed", "plain"]), ("stream=plain", ["plain"]),
        ("stream=job.a", ["job.a"]), ("sample[rate]=1", []), ("none=", []),
    ])
    func constraintsChooseBySettings(_ text: String, _ expected: [String]) throws {
        let configuration = try Self.configuration()
        let constraint = try #require(StreamConstraint(text))
        let names = configuration.entries.map(\.name) + ["job.a"]
        let found = names.filter { name in
            configuration.settings(of: name).map { constraint.holds(for: $0, name: name) } ?? false
        }
        // The patterns and what they cover have the defaults, too.
        let own = found.filter { expected.contains($0) || !$0.contains("job") }
        #expect(own.sorted() == expected.sorted(), "\(found)")
    }

    @Test func aConstraintThatCantBeReadIsNone() {
        for text in [
            "", "a", "=b", "a[b=c", "a[b]c=d", String(repeating: "[a]", count: 12) + "=b",
            "x" + String(repeating: "[a]", count: 12) + "=b",
        ] {
            #expect(StreamConstraint(text) == nil, "\(text)")
        }
    }

    @Test func everyMistakeIsToldWithItsLine() {
        let mistakes: [(String, String)] = [
            ("schema_title: /shop/order", "schema_title of a must be without a slash in front: write shop/order"),
            ("schema_title: shop/order/1.0.0", "schema_title of a must be without a version: write shop/order"),
            ("schema_title: 'shop order'", "schema_title of a must be the title of a schema"),
            ("topics: x", "topics of a must be a list of names"),
            ("topics: [a b]", "topics of a must be a list of names"),
            ("topic_prefixes: [[]]", "topic_prefixes of a must be a list of texts"),
            ("partitions: 0", "partitions of a must be a whole number from 1"),
            ("partitions: many", "partitions of a must be"),
            ("canary_events_enabled: maybe", "canary_events_enabled of a must be true or false"),
            ("message_key_fields: id", "message_key_fields of a must be a mapping"),
            ("sample: {rate: 2}", "sample of a must be {rate: …} with a number from 0 to 1"),
            ("producers: [a]", "producers of a must be a mapping of services"),
            ("stream: b", "stream is b, but the settings are those of a"),
        ]
        for (setting, expected) in mistakes {
            #expect(
                refusal("streams:\n  a:\n    description: d\n    \(setting)\n").contains {
                    $0.hasPrefix("s.yaml:4:") && $0.contains(expected)
                }, "\(setting)")
        }
        #expect(
            refusal("streams:\n  /(/: {}\n").first?.hasPrefix("s.yaml:2:3: /(/ can't be a pattern of streams") == true)
        #expect(refusal("streams:\n  /a: {}\n").first?.contains("must end with a slash") == true)
        #expect(
            refusal("streams:\n  a b: {}\n").first?.hasPrefix("s.yaml:2:3: \"a b\" can't be the name of a stream")
                == true)
        #expect(refusal("streams: [a]").count == 1 && refusal("streams: {a: [b]}").count == 1)
        #expect(refusal("streams:\n  a: {partitions: 0, topics: x}\n  b: {partitions: 0}\n").count == 3)
    }

    private func refusal(_ text: String) -> [String] {
        do throws(CatalogueError) {
            _ = try StreamConfigurationFiles.configuration([.init(name: "s.yaml", bytes: Array(text.utf8))])
            return []
        } catch .mistakes(let mistakes) {
            return mistakes
        } catch {
            return ["\(error)"]
        }
    }

    @Test func theFilesOfADirectoryAreOneConfiguration() throws {
        func file(_ name: String, _ text: String) -> StreamConfigurationFiles.File {
            .init(name: name, bytes: Array(text.utf8))
        }
        let whole = try StreamConfigurationFiles.configuration([
            file("0.yaml", "default_settings: {topic_prefixes: [p.]}\nstreams: {}"), file("1.yaml", "streams: {a: {}}"),
            file("2.json", #"{"streams": {"b": {"description": "\ud83d\ude00"}}}"#),
        ])
        #expect(whole.entries.map(\.name) == ["a", "b"] && whole.settings(of: "b")?["topics"] == ["p.b"])
        #expect(throws: CatalogueError.mistakes(["2.yaml: the stream a stands in 1.yaml, too; keep one"])) {
            try StreamConfigurationFiles.configuration([
                file("1.yaml", "streams: {a: {}}"), file("2.yaml", "streams: {a: {}}"),
            ])
        }
    }

    @Test func anythingIsReadOrRefused() {
        var generator = SeededGenerator(seed: 7)
        let pieces = [
            "streams:", "\n  ", "a", ": ", "{", "}", "[", "]", "/", "/^a.+/", "topics", "topic_prefixes",
            "default_settings:",
            "schema_title", ",", "\"", "null", "\n", "partitions", "-1", "&x ", "*x", "<<", "message_key_fields",
        ]
        for _ in 0..<5_000 {
            let text = generator.text(of: pieces, upTo: 40)
            guard let read = try? Self.configuration(text) else { continue }
            _ = try? StreamCatalogue(try StreamDocument.streams(of: read), configuration: read).including(topics: [
                "a", "x.ab",
            ])
            for name in ["a", "", "\u{0}"] { _ = read.settings(of: name)?.bytes }
        }
    }

    @Test func thePatternsStreamsAreServedWhereTheyHaveATopic() throws {
        let configuration = try Self.configuration()
        let catalogue = try StreamCatalogue(try StreamDocument.streams(of: configuration), configuration: configuration)
        let wider = catalogue.including(topics: [
            "eqiad.job.a", "codfw.job.a", "codfw.job.late", "job.b", "eqiad.plain", "else",
        ])
        #expect(wider.streams.map(\.name) == ["job.a", "job.late", "listed", "other", "plain"])
        #expect(wider["job.a"]?.topics == ["eqiad.job.a", "codfw.job.a"] && wider["job.late"]?.schemaTitle == "job")
        #expect(catalogue.including(topics: []) == catalogue)
    }

    @Test func changesAreToldInWordsAndAsEvents() throws {
        let old = try Self.configuration(
            "streams: {a: {schema_title: x, stream_aliases: [n]}, b: {}, c: {description: one}}")
        let new = try Self.configuration(
            "streams: {a: {schema_title: y, topics: [a, z]}, c: {description: two}, d: {}}")
        let changes = StreamConfigurationDifference.all(from: old, to: new)
        #expect(changes.map(\.stream) == ["a", "b", "c", "d"])
        #expect(changes.map(\.kind) == [.changed, .removed, .changed, .added])
        #expect(changes.map(\.breaks) == [true, true, false, false])
        #expect(
            changes[0].words == [
                "schema_title was x and is y: events of the other schema are refused",
                "the name n is gone: who asks for it gets 404",
                "the topic z is new",
            ])
        let event = changes[2].event(now: 1_700_000_000_000)
        #expect(event["config_stream"] == "c" && event["words"] == ["description was one and is two"])
        #expect(StreamConfigurationDifference.all(from: old, to: old).isEmpty)
    }
}

import Bytes
import Catalogue
import Endpoints
import HTTP
import Testing

@Suite struct StreamCatalogueTests {
    static let streams = [
        PublicStream("mediawiki.recentchange", aliases: ["recentchange"], topics: ["eqiad.rc", "codfw.rc"]),
        PublicStream(
            "mediawiki.page-create", aliases: ["page-create"], topics: ["eqiad.create", "codfw.create"], partitions: 3),
        PublicStream("all", topics: ["eqiad.rc", "eqiad.create"], partitions: 2),
        PublicStream("/^mediawiki\\.job\\..+/"),
    ]

    private func error(_ streams: [PublicStream], allowed: [String]? = nil) -> CatalogueError? {
        do {
            _ = try StreamCatalogue(streams, allowed: allowed)
            return nil
        } catch {
            return error
        }
    }

    @Test func namesAndAliasesAreSortedAndPatternsDropped() throws {
        let catalogue = try StreamCatalogue(Self.streams)
        #expect(
            catalogue.names == [
                "all", "mediawiki.page-create", "mediawiki.recentchange", "page-create", "recentchange",
            ])
        #expect(catalogue.streams.map(\.name) == ["all", "mediawiki.page-create", "mediawiki.recentchange"])
        #expect(catalogue["recentchange"]?.name == "mediawiki.recentchange")
        #expect(catalogue["x"] == nil && catalogue[""] == nil)
    }

    @Test func aTopicOfSeveralStreamsIsKnownToAllAndHasTheMostPartitions() throws {
        let catalogue = try StreamCatalogue(Self.streams)
        #expect(catalogue.streams(ofTopic: "eqiad.create") == ["all", "mediawiki.page-create"])
        #expect(catalogue.streams(ofTopic: "none").isEmpty)
        #expect(catalogue.topics == ["eqiad.rc": 2, "codfw.rc": 1, "eqiad.create": 3, "codfw.create": 3])
    }

    @Test func aliasesAndOverlapsResolveToEachTopicOnce() throws {
        let catalogue = try StreamCatalogue(Self.streams)
        let selection = try catalogue.resolve(["recentchange", "all", "mediawiki.recentchange"])
        #expect(selection.streams == ["mediawiki.recentchange", "all"])
        #expect(selection.topics == ["codfw.rc", "eqiad.create", "eqiad.rc"])
    }

    @Test func allWhoAskForOneStreamShareItsNames() throws {
        let catalogue = try StreamCatalogue(Self.streams)
        let selections = try [["recentchange"], ["mediawiki.recentchange", "recentchange"]].map(catalogue.resolve)
        // The arrays' memory is looked at, not what is in it, and both are alive.
        let places = selections.map { unsafe $0.streams.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
        #expect(selections[0].streams == ["mediawiki.recentchange"] && places[0] == places[1])
    }

    @Test func oneUnknownNameRefusesAllAndTheNearestAreNamed() throws {
        let catalogue = try StreamCatalogue(Self.streams)
        do {
            _ = try catalogue.resolve(["recentchange", "page-creat", "zzz", "RECENTCHANGE"])
            Issue.record("resolved")
        } catch {
            #expect(Problem(error).status == 404)
            #expect(error.description.hasPrefix("Unknown streams: page-creat, zzz, RECENTCHANGE. Nearest: page-create"))
        }
        #expect(throws: UnknownStreams.self) {
            try catalogue.resolve((0..<256).map { String(repeating: "r", count: $0 * 60) })
        }
    }

    @Test func onlyAllowedStreamsAreServed() throws {
        let catalogue = try StreamCatalogue(Self.streams, allowed: ["all", "mediawiki.recentchang"])
        #expect(catalogue.names == ["all"])
        #expect(Set(catalogue.topics.keys) == ["eqiad.rc", "eqiad.create"])
        #expect(catalogue.warnings.count == 1)
        #expect(catalogue.warnings.first?.contains("did you mean mediawiki.recentchange?") == true)
    }

    @Test func whatIsNotAllowedNeedNotBeValid() throws {
        let streams = [PublicStream("a"), PublicStream("bad name", aliases: ["a"])]
        #expect(try StreamCatalogue(streams, allowed: ["a"]).names == ["a"])
        #expect(error(streams) == .invalidName("bad name", stream: "bad name"))
    }

    @Test(arguments: ["", ".", "..", "a b", "a,b", "a/b", "ä", "a\n", "%41", String(repeating: "a", count: 250)])
    func refusesNamesThatKafkaWouldNotTake(name: String) {
        #expect(error([PublicStream(name, topics: ["t"])]) == .invalidName(name, stream: name))
        #expect(error([PublicStream("s", topics: [name])]) == .invalidName(name, stream: "s"))
        #expect(error([PublicStream("s", aliases: [name])]) == .invalidName(name, stream: "s"))
    }

    @Test func refusesOneNameForTwoStreams() {
        #expect(
            error([PublicStream("a", aliases: ["x"]), PublicStream("b", aliases: ["x"])])
                == .nameTaken("x", by: "a", and: "b"))
        #expect(error([PublicStream("a"), PublicStream("b", aliases: ["a"])]) == .nameTaken("a", by: "a", and: "b"))
        #expect(error([PublicStream("a", aliases: ["a", "x", "x"])]) == nil)
    }

    @Test func refusesStreamsWithoutTopicsOrWithoutSensiblePartitions() {
        #expect(error([PublicStream("a", topics: [])]) == .noTopics(stream: "a"))
        for partitions: Int32 in [0, -1, 1001, .max, .min] {
            #expect(error([PublicStream("a", partitions: partitions)]) != nil)
        }
    }

    @Test func noStreamIsAnErrorThatTeaches() {
        #expect(error([])?.description.contains("add one under \"streams:\"") == true)
        #expect(error([PublicStream("/.*/")]) == .noStreams(configured: 0, allowed: []))
        #expect(error([PublicStream("a")], allowed: ["b"])?.description.contains("none of the 1 configured") == true)
        #expect(error([PublicStream("a")], allowed: []) != nil)
    }
}

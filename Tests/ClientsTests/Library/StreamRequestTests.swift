import Testing

@testable import EventStreamsClient

@Suite struct StreamRequestTests {
    @Test func whatIsAskedStandsInTheAddress() {
        let request = StreamRequest(
            "http://h/v2/stream/a?ids=compact#top", since: .at(unixMilliseconds: 1_790_000_000_000),
            until: StreamTime("PT0S"), last: 3, filter: "wiki == \"enwiki\" && !bot",
            matches: [.isOne(of: ["en,wiki", "a*b"], "wiki"), .isNone(of: ["!x\\"], "meta.domain")],
            fields: ["title", "meta.domain"], shard: StreamShard(1, of: 4), canary: true, heartbeat: 5)
        #expect(
            request.address
                == "http://h/v2/stream/a?ids=compact&since=2026-09-21T14%3A13%3A20.000Z&until=PT0S&last=3"
                + "&filter=wiki%20%3D%3D%20%22enwiki%22%20%26%26%20%21bot&fields=title%2Cmeta.domain&shard=1%2F4"
                + "&canary=true&heartbeat=5&match.wiki=en%5C%2Cwiki%2Ca%5C%2Ab&match.meta.domain=%21%5C%21x%5C%5C")
        #expect(StreamRequest("http://h/a").address == "http://h/a")
        #expect(StreamTime.ago(.seconds(3600)).text == "PT3600S")
    }

    @Test(arguments: ["4/4", "-1/4", "0/0", "0/65", "0", "0/4/1", "a/b", "", "1/99999999999999999999"])
    func aShareThatIsNoneIsNotMade(text: String) { #expect(StreamShard(text) == nil) }

    @Test func sharesAreReadAsTheyAreWritten() { #expect(StreamShard("63/64")?.description == "63/64") }

    @Test func valuesOfEventsAreFoundByPath() {
        let event = StreamEvent(
            data: Array(#"{"meta":{"domain":"d\u00e9"},"n":1.0,"bot":false,"l":[1, 2],"x":null}"#.utf8), id: "")
        let found = ["meta.domain", "n", "bot", "l", "x", "meta.none", "none", "", "n.m"].map { event.text(at: $0) }
        #expect(
            found == [
                "dé", "1.0", "false", "[1, 2]", "null", nil, nil, String(decoding: event.data, as: UTF8.self), nil,
            ])
        #expect(StreamEvent(data: [0xFF], id: "").text(at: "a") == nil)
    }
}

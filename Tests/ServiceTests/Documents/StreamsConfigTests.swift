import Catalogue
import Endpoints
import HTTP
import HTTPClient
import JSON
import Testing

@Suite struct StreamsConfigTests {
    private func answer(_ query: String, isAction: Bool = true) async throws -> JSONValue {
        let question = try StreamsConfigQuestion(query: query, isAction: isAction)
        let document = await StreamsConfigDocument.rendered(question, try StreamConfigurationTests.configuration())
        return try JSONValue(document.answer().body)
    }

    private func names(_ value: JSONValue) -> [String] {
        guard case .object(let members)? = value["streams"] else { return [] }
        return members.map(\.name)
    }

    @Test func allStreamsOrThoseThatAreNamedAreAnswered() async throws {
        let base = "action=streamconfigs&format=json&formatversion=2&all_settings"
        #expect(names(try await answer(base)) == ["plain", "other", "listed", #"/^job\..+/"#, #"/^job\.late/"#])
        #expect(names(try await answer("\(base)&streams=other%7Cunknown%7Cjob.a%7Cother")) == ["other", "job.a"])
        #expect(
            names(try await answer("\(base)&constraints=destination_event_service%3Dmain&streams=plain|other")) == [
                "plain"
            ])
        #expect(names(try await answer("streams=plain", isAction: false)) == ["plain"])
        #expect(names(try await answer("\(base)&streams=%1Fplain%1Fother")) == ["plain", "other"])
    }

    @Test func whatCantBeAnsweredIsRefusedWithItsReason() {
        let many = (0...StreamsConfigQuestion.streamsLimit).map { "s\($0)" }.joined(separator: "|")
        for (query, code) in [
            ("", "missingparam"), ("action=query", "badvalue"), ("action=streamconfigs&format=php", "badvalue"),
            ("action=streamconfigs&constraints=a", "badvalue"),
            ("action=streamconfigs&streams=\(many)", "toomanyvalues"),
            ("action=streamconfigs&action=a", "badquery"), ("action=%zz", "badquery"),
        ] {
            do throws(StreamsConfigQuestion.Refusal) {
                _ = try StreamsConfigQuestion(query: query, isAction: true)
                Issue.record("\(query) is taken")
            } catch {
                #expect(error.code == code && error.info.count > 20, "\(query)")
            }
        }
    }

    @Test func itIsServedWithATagAndRefusalsAsMediaWikiHasThem() async throws {
        let service = try await LiveService.start(configuration: try StreamConfigurationTests.configuration())
        let found = try await service.get("/w/api.php?action=streamconfigs&format=json&streams=plain")
        #expect(try JSONValue(found.body)["streams"]?["plain"]?["schema_title"] == "shop/order")
        #expect(found.head["Cache-Control"] == "public, max-age=60" && found.head["ETag"] != nil)
        let own = try await service.get("/v2/streams-config?streams=plain")
        #expect(own.body == found.body && own.head["ETag"] == found.head["ETag"])
        let refused = try await service.get("/w/api.php?action=query")
        #expect(refused.head.status == 200 && refused.head["MediaWiki-API-Error"] == "badvalue")
        #expect(try await service.get("/v2/streams-config?constraints=a").head.status == 400)
        await service.stop()
    }
}

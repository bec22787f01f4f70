package import Consumption
package import HTTP
internal import JSON

/// What `/consumers` on the admin port tells: programs and the streams that they follow, most bytes first.
package enum ConsumersDocument {
    package static func answer(_ lines: [ConsumerLine]) -> Answer {
        let rows = lines.map { line -> JSONValue in
            [
                "agent": .string(line.agent.description), "stream": .string(line.stream),
                "clients": .integer(line.use.clients), "streams": .integer(line.use.opened),
                "bytes": .integer(line.use.bytes), "userAgent": .string(line.lastAgent),
            ]
        }
        var answer = Answer(
            status: 200, type: "application/json; charset=utf-8",
            body: JSONValue.object([.init("consumers", .array(rows))]).bytes + [0x0A])
        answer.headers.add("Cache-Control", "no-store")
        return answer
    }
}

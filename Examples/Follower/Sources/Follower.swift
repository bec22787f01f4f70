import EventStreamsClient

/// Sends three greetings to an intake, and follows their stream until all are back.
@main
struct Follower {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4 else {
            print(
                "Usage: follower SERVER INTAKE STREAM, such as http://127.0.0.1:8092 http://127.0.0.1:8192 demo.greeting"
            )
            return
        }
        let (server, intake, stream) = (arguments[1], arguments[2], arguments[3])
        let client = try StreamsClient(ClientOptions(userAgent: "follower (an example)"))

        // Each event says where it belongs. The client gives it its `meta.id`.
        let events = (1...3).map { number in
            Array(#"{"meta":{"stream":"\#(stream)"},"greeting":"hello","number":\#(number)}"#.utf8)
        }
        for (number, outcome) in await client.producer("\(intake)/v1/events").produce(events).enumerated() {
            print("event \(number + 1): \(outcome)")
        }

        let request = StreamRequest("\(server)/v2/stream/\(stream)", last: 3, filter: #"greeting == "hello""#)
        var left = events.count
        for try await element in client.follow(request) {
            switch element {
            case .event(let event):
                print("came: \(event.text(at: "greeting") ?? "") \(event.text(at: "number") ?? "")")
                left -= 1
            case .gap(let gap): print(gap)
            case .notice(let notice): print(notice)
            case .problem(let problem): print(problem)
            case .reconnecting(let reconnect): print(reconnect)
            case .progress, .idle: break
            }
            if left == 0 { break }
        }
    }
}

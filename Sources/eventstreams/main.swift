internal import Demo
internal import EmbeddedLog
internal import EventLog
internal import Glibc
internal import Service

let streams = [
    PublicStream("mediawiki.recentchange", aliases: ["recentchange"], topics: ["demo.mediawiki.recentchange"], partitions: 3),
    PublicStream("mediawiki.revision-create", aliases: ["revision-create"], topics: ["demo.mediawiki.revision-create"]),
    PublicStream("mediawiki.page-create", aliases: ["page-create"], topics: ["demo.mediawiki.page-create"]),
]
let log = try await EmbeddedLog.open(EmbeddedLogOptions(directory: CommandLine.arguments[1]))
var options = ServiceOptions()
options.reportLogError = { print("log: \($0)") }
let service = try await EventService.start(
    .init(
        streams: .init(host: "127.0.0.1", port: 8092), intake: .init(host: "127.0.0.1", port: 8192),
        admin: .init(host: "127.0.0.1", port: 9102)), http: HTTPOptions(), options: options,
    info: ServiceInfo(name: "eventstreams", version: "1", description: "x", home: "http://x"), log: log,
    policy: .init(catalogue: try StreamCatalogue(streams)))
print("ready \(service.ports)")
var demo = DemoEvents(seed: 1)
while CommandLine.arguments.count > 2 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    let event = demo.next(now: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec / 1_000_000))
    let answer = await service.intake.store(event.bytes, .init(method: "POST", uri: "/v1/events"))
    if answer.status != 201 { print(String(decoding: answer.body, as: UTF8.self)) }
    try await Task.sleep(for: .milliseconds(demo.delay(rate: 20)))
}
try await Task.sleep(for: .seconds(100000))

import Glibc
import Reactor
import Testing

@testable import HTTPServer

/// What is taken is given back. Descriptors and memory are a process's: each of these runs in one of its own.
@Suite struct DescriptorTests {
    @Test func twoThousandConnectionsGiveEverythingBack() async {
        await #expect(processExitsWith: .success) {
            try await TestServer.with(loops: 2) { test in
                var open = 0
                var memory = 0
                for round in 0..<4 {
                    var clients: [TestClient] = []
                    for number in 0..<2000 {
                        let client = try test.client()
                        try client.send("GET /\(number % 2 == 0 ? "stream" : "hold") HTTP/1.1\r\nHost: x\r\n\r\n")
                        clients.append(client)
                    }
                    try await test.until { $0.requests == 2000 * (round + 1) }
                    #expect(test.server.connectionCount == 2000)
                    for client in clients { client.reset() }
                    clients = []
                    try await test.until { $0.connectionsClosed == 2000 * (round + 1) }
                    #expect(test.server.connectionCount == 0)
                    #expect(await test.server.counters().ended == [.peerGone: 2000 * (round + 1)])
                    for loop in 0..<2 {
                        #expect(await test.server.onLoop(loop) { $0.streams.isEmpty && $0.held.isEmpty })
                        await test.server.onLoop(loop) { $0.requests = [] }
                    }
                    if round == 0 {
                        open = Process.openDescriptors()
                        memory = Process.residentBytes()
                    }
                }
                #expect(Process.openDescriptors() == open)
                // Of 6,000 connections more, each would have left a kilobyte if anything of it had been kept.
                #expect(Process.residentBytes() - memory < 4_000_000)
            }
        }
    }

    @Test func withoutDescriptorsClientsAreToldSoAndTheLoopDoesNotSpin() async {
        await #expect(processExitsWith: .success) {
            try await TestServer.with { test in
                let kept = try test.client()
                try kept.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try kept.response()
                // Clients have their descriptors before the limit falls; the server gets none after it.
                let waiting = await test.server.onLoop(0) { _ in
                    // The loop is held here, so that nothing is accepted meanwhile.
                    let waiting = (0..<3).compactMap { _ in (try? test.client()).map(TestClientBox.init) }
                    Process.useUpDescriptors()
                    return waiting
                }
                #expect(waiting.count == 3)
                for client in waiting.map(\.client) {
                    try client.send("GET /d HTTP/1.1\r\nHost: x\r\n\r\n")
                    let response = try client.response()
                    #expect(response.status == 503)
                    #expect(response.field("Retry-After") == "5")
                    #expect(try client.textToEnd() == "")
                    // The server closes its side now. Closing this one would make room for the next client.
                    client.endWriting()
                }
                #expect(await test.server.counters().refused == [.outOfDescriptors: 3])
                #expect(await test.server.counters().acceptFailures < 20)
                try kept.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try kept.response().body == "/b")
                Process.limitDescriptors(1000)
                let late = try test.client()
                try late.send("GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try late.response().body == "/c")
            }
        }
    }
}

/// What the test's process has of the system.
private enum Process {
    static func openDescriptors() -> Int {
        (0..<20_000).reduce(0) { count, descriptor in fcntl(Int32(descriptor), F_GETFD) >= 0 ? count + 1 : count }
    }

    static func residentBytes() -> Int {
        let file = unsafe open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
        let words = bytes[..<max(0, count)].split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
    }

    /// No descriptor can be opened from here on.
    static func useUpDescriptors() {
        limitDescriptors((0..<20_000).last { fcntl(Int32($0), F_GETFD) >= 0 }.map { $0 + 1 } ?? 0)
        while dup(0) >= 0 {}
    }

    /// No descriptor of this number or above can be opened.
    static func limitDescriptors(_ count: Int) {
        var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: 20_000)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

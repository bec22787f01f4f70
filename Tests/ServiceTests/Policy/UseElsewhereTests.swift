import Admission
import HTTP
import Testing

@Suite struct UseElsewhereTests {
    private let one = AddressKey(v4: 0xC000_0201)
    private let many = AddressKey(network: 0x2001_0DB8_0000_0001)
    private let named = AddressKey(name: "tools/patrolbot")

    @Test func aReportIsReadAsItWasWritten() {
        let report = UseReport(server: "a", streams: [one: 3, many: 1, named: 1_000_000])
        #expect(UseReport(report.bytes) == report)
        #expect(UseReport(UseReport(server: "a", streams: [:]).bytes)?.streams == [:])
        #expect(
            String(decoding: UseReport(server: "a", streams: [one: 3]).bytes, as: UTF8.self)
                == #"{"server":"a","streams":{"ffff0000c0000201":3}}"#)
    }

    @Test(arguments: [
        "", "null", "[]", #"{"server":"a"}"#, #"{"server":"","streams":{}}"#, #"{"server":1,"streams":{}}"#,
        #"{"server":"a","streams":[]}"#, #"{"server":"a","streams":{"ffff0000c0000201":0}}"#,
        #"{"server":"a","streams":{"ffff0000c0000201":-3}}"#, #"{"server":"a","streams":{"ffff0000c0000201":1.5}}"#,
        #"{"server":"a","streams":{"ffff0000c0000201":9223372036854775808}}"#,
        #"{"server":"a","streams":{"ffff0000c0000201":9223372036854775807}}"#,
        #"{"server":"a","streams":{"+fff0000c0000201":1}}"#, #"{"server":"a","streams":{"192.0.2.1":1}}"#,
        #"{"server":"a","streams":{"ffff0000c0000201":"1"}}"#, #"{"server":"a","streams":{"ffff0000c00002010":1}}"#,
    ])
    func anythingElseIsNoReport(text: String) {
        #expect(UseReport(Array(text.utf8)) == nil)
    }

    @Test func aReportHasNoMoreClientsThanItMay() {
        let streams = { (count: UInt32) in Dictionary(uniqueKeysWithValues: (1...count).map { (AddressKey(v4: $0), 1) })
        }
        #expect(UseReport(UseReport(server: "a", streams: streams(1_000)).bytes) != nil)
        #expect(UseReport(UseReport(server: "a", streams: streams(1_001)).bytes) == nil)
    }

    @Test func whatOthersHaveIsAddedUpAndOwnReportsAreNot() {
        var elsewhere = UseElsewhere(own: "here")
        elsewhere.take(UseReport(server: "here", streams: [one: 9]), now: 0)
        elsewhere.take(UseReport(server: "a", streams: [one: 1, many: 2]), now: 0)
        elsewhere.take(UseReport(server: "b", streams: [one: 5]), now: 0)
        elsewhere.take(UseReport(server: "b", streams: [one: 3]), now: 1)
        #expect(elsewhere.sum(now: 1) == [one: 4, many: 2])
        #expect(elsewhere.count == 2)
    }

    @Test func aServerThatIsNotHeardOfIsGone() {
        var elsewhere = UseElsewhere(own: "here")
        elsewhere.take(UseReport(server: "a", streams: [one: 1]), now: 0)
        elsewhere.take(UseReport(server: "b", streams: [one: 2]), now: 1_000)
        #expect(elsewhere.sum(now: UseElsewhere.lifetime - 1) == [one: 3])
        #expect(elsewhere.sum(now: UseElsewhere.lifetime) == [one: 2])
        #expect(elsewhere.sum(now: UseElsewhere.lifetime + 1_000) == [:])
        #expect(elsewhere.count == 0)
    }

    @Test func thousandsOfServersAreNotBelieved() {
        var elsewhere = UseElsewhere(own: "here")
        for number in 0..<5_000 {
            elsewhere.take(UseReport(server: "\(number)", streams: [one: 1]), now: Int64(number) / 10)
        }
        #expect(elsewhere.sum(now: 500)[one] == UseElsewhere.mostServers)
    }

    @Test func whatAClientHasElsewhereCountsAgainstItsLimit() throws {
        let limits = ConnectionLimits(perAddress: 3)
        let held = try limits.acquire(one).get()
        #expect(held.use == 1)
        limits.setElsewhere([one: 1])
        #expect(try limits.acquire(one).get().use == 3)
        #expect(throws: ConnectionLimits.Refusal.address(limit: 3, use: 3)) { try limits.acquire(one).get() }
        #expect(try limits.acquire(many).get().use == 1)
        // Given back here, it is free here.
        limits.giveBack(held.lease)
        #expect(try limits.acquire(one).get().use == 3)
        limits.setElsewhere([:])
        #expect(try limits.acquire(one).get().use == 3)
        #expect(limits.use.connections == 4 && limits.use.addresses == 2)
    }

    @Test func thoseWithTheMostAreTold() throws {
        let limits = ConnectionLimits()
        for client in [one, many, named, many, named, named] { _ = try limits.acquire(client).get() }
        limits.setElsewhere([one: 100])
        #expect(limits.largest(2).map(\.key) == [named, many])
        #expect(limits.largest(9).map(\.streams) == [3, 2, 1])
    }
}

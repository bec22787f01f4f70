import EventFormats
import EventLog
import Testing

@testable import Load

@Suite struct DeliveryAuditTests {
    private typealias Step = (DeliveryAudit.Step, String)

    private func id(_ offsets: Int64..., timestamp: Int64? = 1_790_000_000_000) -> String {
        let entries = offsets.enumerated().map { number, offset in
            let time = timestamp.map { ",\"timestamp\":\($0 + offset)" } ?? ""
            return "{\"topic\":\"t\",\"partition\":\(number),\"offset\":\(offset)\(time)}"
        }
        return "[\(entries.joined(separator: ","))]"
    }

    private func events(_ offsets: Int64...) -> [Step] { offsets.map { (.event, id($0)) } }

    /// Each client takes its steps, one client after the other.
    private func findings(start: String? = nil, _ clients: [Step]...) -> DeliveryAudit.Findings {
        var audit = DeliveryAudit(start: start.map { Array($0.utf8) })
        for steps in clients {
            var place = DeliveryAudit.start
            for (step, id) in steps { place = audit.take(step, Array(id.utf8).span, at: place) ?? place }
        }
        return audit.findings
    }

    @Test func clientsThatGetTheSameAreWell() {
        #expect(findings(events(1, 2, 3), events(1, 2, 3), events(2, 3, 4, 5)) == .init())
    }

    @Test func whatNobodyGotIsNotLost() {
        #expect(findings(events(1, 3, 7), events(1, 3, 7)) == .init())
    }

    @Test func whatOthersGotIsLostToWhoPassedIt() {
        #expect(findings(events(1, 2, 3, 4, 5), events(1, 2, 5), events(1, 5)) == .init(lost: 2 + 3))
        // Also when the others come later.
        #expect(findings(events(1, 5), events(1, 2, 3, 4, 5)) == .init(lost: 3))
    }

    @Test func whoCameLaterOrLeftEarlierLostNothing() {
        #expect(findings(events(1, 2, 3, 4, 5), events(4, 5), events(1, 2)) == .init())
    }

    @Test func whatIsSentAgainIsToldApartFromWhatIsOutOfOrder() {
        #expect(findings(events(1, 2, 2, 3)) == .init(repeated: 1))
        #expect(findings(events(1, 2, 3), events(1, 3, 2)) == .init(lost: 1, disordered: 1))
        // A block sent again: three that it had, and then the next.
        #expect(findings(events(1, 2, 3, 1, 2, 3, 4)) == .init(repeated: 1, disordered: 2))
    }

    @Test func theIDToBeginAfterIsAPlaceToo() {
        #expect(findings(start: id(10), events(12, 13), events(11, 12, 13)) == .init(lost: 1))
        #expect(findings(start: id(10), events(10, 11)) == .init(repeated: 1))
    }

    @Test func partitionsAreJudgedEachForItself() {
        let one: [Step] = [(.event, id(1, 1)), (.event, id(2, 1)), (.event, id(2, 2)), (.event, id(3, 2))]
        let other: [Step] = [(.event, id(1, 1)), (.event, id(1, 2)), (.event, id(2, 2)), (.event, id(3, 2))]
        #expect(findings(one, other) == .init())
        let lossy: [Step] = [(.event, id(1, 1)), (.event, id(1, 2)), (.event, id(3, 2))]
        #expect(findings(one, lossy) == .init(lost: 1))
    }

    @Test func aNewPartitionBeginsAtItsBeginning() {
        let one: [Step] = [(.event, id(1)), (.event, id(1, 1)), (.event, id(1, 2))]
        #expect(findings(one, one) == .init())
        #expect(findings(one, [(.event, id(1)), (.event, id(1, 2))]) == .init(lost: 1))
    }

    @Test func progressPassesAndGapsExcuse() {
        let all = events(1, 2, 3, 4)
        #expect(findings(all, [(.event, id(1)), (.progress, id(3)), (.event, id(4))]) == .init(lost: 2))
        #expect(findings(all, [(.event, id(1)), (.gap, id(3)), (.event, id(4))]) == .init())
        #expect(findings(all, events(1, 2) + [(.progress, id(2))] + events(3, 4)) == .init())
    }

    @Test func plainNumbersLeaveNothingOut() {
        let numbers = { (values: [Int]) in values.map { (DeliveryAudit.Step.event, "\($0)") } }
        #expect(findings(numbers([7, 8, 9])) == .init())
        #expect(findings(numbers([7, 9, 9, 8])) == .init(lost: 1, repeated: 1, disordered: 1))
    }

    @Test func otherIDsAreNotChecked() {
        var audit = DeliveryAudit()
        for id in [
            "", "abc", "1790487705:0", "[", "[{\"topic\":\"t\",\"partition\":0,\"timestamp\":5}]",
            "99999999999999999999",
        ] {
            #expect(audit.take(.event, Array(id.utf8).span, at: DeliveryAudit.start) == nil)
        }
        #expect(audit.form == nil)
    }

    @Test func compactIDsAreReadWhereTheTopicsAreKnown() {
        let encoder = CursorEncoder([TopicPartition("t", 0), TopicPartition("t", 1)])
        var audit = DeliveryAudit(topics: ["t"])
        var place = DeliveryAudit.start
        for offset in [1, 2, 4] as [Int64] {
            var id: [UInt8] = []
            encoder.append(
                [Position(offset: offset, timestamp: 1000 + offset), Position(offset: 0, timestamp: nil)],
                form: .compact,
                to: &id)
            place = audit.take(.event, id.span, at: place) ?? -1
            #expect(place > 0)
        }
        #expect(audit.form == .positions)
        #expect(audit.findings == .init())
        #expect(audit.frontier == [4, 0])
    }

    @Test func idsWithAndWithoutTimestampsAreReadAlike() {
        var reader = IDReader()
        for (offsets, timestamp) in [([1, 2], 5), ([3, 4], nil), ([5, 6], 7)] as [([Int64], Int64?)] {
            let text = id(offsets[0], offsets[1], timestamp: timestamp)
            let entries = reader.read(Array(text.utf8))
            #expect(entries?.map(\.offset) == offsets)
        }
        // Other partitions, in another order and with other spacing.
        let other = #"[ {"partition":1, "topic":"t", "offset": 9}, {"topic":"u","partition":0,"offset":8} ]"#
        #expect(reader.read(Array(other.utf8))?.map(\.partition) == [1, 2])
        #expect(reader.read(Array(id(7, 8).utf8))?.map(\.offset) == [7, 8])
    }

    @Test func idsThatAllHavePassedAreForgotten() {
        var audit = DeliveryAudit()
        var (slow, fast) = (DeliveryAudit.start, DeliveryAudit.start)
        for offset in 1...100 as ClosedRange<Int64> {
            fast = audit.take(.event, Array(id(offset).utf8).span, at: fast) ?? fast
            if offset <= 50 { slow = audit.take(.event, Array(id(offset).utf8).span, at: slow) ?? slow }
        }
        audit.forget(before: slow)
        #expect(audit.count == 51)
        // Who follows, and who begins anew, is still checked.
        var late = DeliveryAudit.start
        for offset in 1...100 as ClosedRange<Int64> where offset != 60 {
            late = audit.take(.event, Array(id(offset).utf8).span, at: late) ?? late
            if offset > 50 { slow = audit.take(.event, Array(id(offset).utf8).span, at: slow) ?? slow }
        }
        #expect(audit.findings == .init(lost: 2))
        #expect(audit.hasReached(audit.frontier, at: slow))
    }

    @Test func whoIsBehindIsSeen() {
        var audit = DeliveryAudit()
        let behind = audit.take(.event, Array(id(1).utf8).span, at: DeliveryAudit.start) ?? -1
        let ahead = audit.take(.event, Array(id(2).utf8).span, at: behind) ?? -1
        #expect(audit.hasReached(audit.frontier, at: ahead))
        #expect(!audit.hasReached(audit.frontier, at: behind))
        #expect(!audit.hasReached(audit.frontier, at: DeliveryAudit.start))
    }
}

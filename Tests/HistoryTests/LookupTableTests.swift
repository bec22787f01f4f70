internal import History
internal import Testing

/// Transcripts of the table of lookups. Clients are numbers, addresses and questions letters.
@Suite struct LookupTableTests {
    private struct Table {
        var table: LookupTable<Int, String, String, String>
        var now: Int64 = 1_000

        init(_ change: (inout LookupLimits) -> Void = { _ in }) {
            var limits = LookupLimits()
            change(&limits)
            table = LookupTable(limits: limits)
        }

        private func words(_ actions: [LookupTable<Int, String, String, String>.Action]) -> [String] {
            actions.map {
                switch $0 {
                case .begin(let number, let question): "begin \(number) \(question)"
                case .cancel(let number): "cancel \(number)"
                case .refuse(let client): "refuse \(client)"
                }
            }
        }

        mutating func ask(_ question: String, _ client: Int, from address: String = "a", stable: Bool = true)
            -> [String]
        {
            words(table.ask(question, isStable: stable, by: client, from: address, now: now))
        }
        mutating func leave(_ client: Int) -> [String] { words(table.leave(client)) }
        mutating func end(_ number: Int, _ answer: String = "!", weight: Int? = 1) -> [String] {
            words(table.didEnd(number, answer, weight: weight, now: now))
        }
        mutating func ready(_ count: Int = .max) -> [Int] { table.takeReady(most: count).map(\.client).sorted() }
    }

    @Test func equalQuestionsShareALookupAndItsAnswerForAMoment() {
        var table = Table()
        #expect(table.ask("q", 1) == ["begin 1 q"])
        for client in 2...100 { #expect(table.ask("q", client, from: "\(client)") == []) }
        #expect(table.end(1) == [])
        #expect(table.ready() == Array(1...100))
        table.now += 999
        #expect(table.ask("q", 101) == [])
        #expect(table.ready() == [101])
        table.now += 1
        #expect(table.ask("q", 102) == ["begin 2 q"])
        #expect(table.table.statistics.begun == 2 && table.table.statistics.shared == 100)
    }

    @Test func nobodyGetsAnAnswerFromBeforeTheQuestionWhereItMayHaveChanged() {
        var table = Table()
        #expect(table.ask("last", 1, stable: false) == ["begin 1 last"])
        // They share the next one.
        #expect(table.ask("last", 2, stable: false) == ["begin 2 last"])
        for client in 3...50 { #expect(table.ask("last", client, stable: false) == []) }
        #expect(table.end(1) == ["begin 3 last"])
        #expect(table.ready() == [1])
        #expect(table.end(2) == [] && table.ready() == [2])
        #expect(table.end(3) == [] && table.ready() == Array(3...50))
    }

    @Test func aLookupIsCancelledWhenTheLastWhoWaitsForItIsGone() {
        var table = Table()
        _ = table.ask("q", 1)
        _ = table.ask("q", 2)
        #expect(table.leave(1) == [])
        #expect(table.leave(2) == ["cancel 1"])
        #expect(table.leave(2) == [])
        // Nobody joins it any more, and it takes its share until it has ended.
        #expect(table.ask("q", 3) == ["begin 2 q"])
        #expect(table.ask("p", 4) == [])
        #expect(table.end(1, weight: nil) == ["begin 3 p"])
        #expect(table.ready() == [])
    }

    @Test func whoLeavesBeforeHisTurnCostsNothing() {
        var table = Table()
        for client in 1...1_000 {
            _ = table.ask("q\(client)", client)
            if client > 2 { #expect(table.leave(client) == []) }
        }
        #expect(table.table.statistics.begun == 2 && table.table.statistics.waiting == 0)
        #expect(table.table.statistics.abandoned == 998)
        #expect(table.leave(1) == ["cancel 1"])
        #expect(table.end(1) == [])
    }

    @Test func anAddressThatHasItsShareLetsOthersPass() {
        var table = Table { $0.running = 3 }
        #expect(table.ask("1", 1) == ["begin 1 1"])
        #expect(table.ask("2", 2) == ["begin 2 2"])
        #expect(table.ask("3", 3) == [])
        #expect(table.ask("4", 4, from: "b") == ["begin 4 4"])
        #expect(table.ask("5", 5, from: "b") == [])
        #expect(table.end(4) == ["begin 5 5"])
        #expect(table.end(1) == ["begin 3 3"])
    }

    @Test func moreThanMayWaitAreRefused() {
        var table = Table {
            $0.running = 1
            $0.waiting = 3
            $0.waitingPerAddress = 2
        }
        _ = table.ask("0", 0)
        #expect(table.ask("1", 1) == [] && table.ask("2", 2) == [])
        #expect(table.ask("3", 3) == ["refuse 3"])
        // Who asks what others wait for needs no place.
        #expect(table.ask("2", 4) == [])
        #expect(table.ask("5", 5, from: "b") == [])
        #expect(table.ask("6", 6, from: "c") == ["refuse 6"])
        #expect(table.table.statistics.refused == 2)
        #expect(table.leave(1) == [])
        #expect(table.ask("7", 7, from: "c") == [])
    }

    @Test func whatIsKeptStaysWithinItsBound() {
        var table = Table { $0.keptPositions = 10 }
        func isKept(_ question: String) -> Bool {
            var copy = table
            return copy.ask(question, 99) == []
        }
        _ = table.ask("a", 1)
        _ = table.end(1, weight: 4)
        _ = table.ask("b", 2)
        _ = table.end(2, weight: 4)
        #expect(isKept("a") && isKept("b"))
        _ = table.ask("c", 3)
        _ = table.end(3, weight: 4)
        #expect(!isKept("a") && isKept("c"))
        _ = table.ask("d", 4)
        _ = table.end(4, weight: 11)
        #expect(!isKept("d") && isKept("c"))
        _ = table.ask("failed", 5)
        _ = table.end(5, weight: nil)
        #expect(!isKept("failed"))
    }

    @Test func answersAreTakenSoManyATurn() {
        var table = Table()
        for client in 1...100 { _ = table.ask("q", client) }
        _ = table.end(1)
        #expect(table.ready(64).count == 64 && table.table.hasReady)
        #expect(table.ready(64).count == 36 && !table.table.hasReady)
    }

    @Test func aStopGivesBackEverybodyWhoWaits() {
        var table = Table { $0.running = 1 }
        _ = table.ask("kept", 1)
        _ = table.end(1)
        _ = table.ask("q", 2)
        _ = table.ask("p", 3)
        let (clients, actions) = table.table.stop()
        #expect(Set(clients) == [1, 2, 3])
        #expect(actions.count == 1)
        #expect(table.end(2) == [] && table.ready() == [])
    }
}

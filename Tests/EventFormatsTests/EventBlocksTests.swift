import EventFormats
import System
import TestSupport
import Testing

@Suite struct EventBlocksTests {
    /// A block as text, for comparing.
    private struct Seen: Hashable {
        var kind: EventBlocks.Block.Kind
        var id: String?
        var data: String?
    }

    /// All blocks of a text that arrives in pieces of a size, with what waits kept as `rest` says.
    private func blocks(_ text: [UInt8], pieces size: Int) -> [Seen] {
        var seen: [Seen] = []
        var waiting: [UInt8] = []
        var start = 0
        while start < text.count {
            waiting += text[start..<min(start + size, text.count)]
            start += size
            var blocks = EventBlocks()
            while let block = blocks.next(in: waiting.span) {
                func part(_ range: Range<Int>?) -> String? {
                    range.map { String(decoding: waiting[$0], as: UTF8.self) }
                }
                if block.kind != .silent {
                    seen.append(Seen(kind: block.kind, id: part(block.id), data: part(block.data)))
                }
            }
            waiting.removeFirst(blocks.rest)
        }
        return seen
    }

    @Test func blocksAreOfTheKindThatTheirFieldsMakeThem() {
        let text = """
            :ok

            event: message
            id: 1
            data: {"a":1}

            id:2

            event:gap
            id: 3
            data:x

            event: error
            data: y

            event: other
            data

            retry: 5


            """
        #expect(
            blocks(Array(text.utf8), pieces: 10_000) == [
                Seen(kind: .event, id: "1", data: "{\"a\":1}"), Seen(kind: .progress, id: "2"),
                Seen(kind: .gap, id: "3", data: "x"), Seen(kind: .error, data: "y"), Seen(kind: .event, data: ""),
            ])
    }

    @Test func anIDWithNULCountsAsNone() {
        #expect(blocks(Array("id: a\0b\ndata: x\n\n".utf8), pieces: 100) == [Seen(kind: .event, data: "x")])
    }

    /// What the light scanner sees is what the real parser sees, whatever the line ends and the pieces.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func itAgreesWithTheParser(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let ends = [["\n"], ["\r\n"], ["\r"], ["\n", "\r\n", "\r"]][Int.random(in: 0..<4, using: &random)]
        let lines = [
            "data: one", "data:two", "data", "id: 5", "id", "id:x y", "event: gap", "event: error", "event: message",
            "event",
            ": comment", "dat: x", "datas: x", "ids: 1", "i", "d", "e", "retry: 10", "id: a\0", "\u{FEFF}data: x", "",
            "", "",
        ]
        var text: [UInt8] = []
        for _ in 0..<60 {
            text += Array(lines.randomElement(using: &random)!.utf8) + Array(ends.randomElement(using: &random)!.utf8)
        }
        // Its last line end may be half a one; both wait for what follows.
        text += Array(":end\n\n".utf8)
        var parser = EventStreamParser()
        var expected: [Seen] = []
        var lastID = ""
        for item in try parser.push(Array("\n".utf8) + text) {
            switch item {
            case .event(let event):
                let kind: EventBlocks.Block.Kind = event.type == "gap" ? .gap : event.type == "error" ? .error : .event
                lastID = String(decoding: event.lastEventID, as: UTF8.self)
                let last = event.data.split(separator: 0x0A, omittingEmptySubsequences: false).last ?? []
                expected.append(Seen(kind: kind, id: lastID, data: String(decoding: last, as: UTF8.self)))
            case .progress(let id):
                lastID = String(decoding: id, as: UTF8.self)
                expected.append(Seen(kind: .progress, id: lastID))
            case .retry, .comment: break
            }
        }
        for size in [1, 2, 3, 7, 10_000] {
            // An event without an id has the one before, which the parser adds and the scanner leaves to its caller.
            var id = ""
            let seen = blocks(text, pieces: size).map { block in
                id = block.id ?? id
                return Seen(kind: block.kind, id: id, data: block.data)
            }
            #expect(seen == expected, "in pieces of \(size)")
        }
    }
}

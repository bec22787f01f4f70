import EventStreamsClient
import Testing

@testable import Clients

@Suite struct EventColumnsTests {
    private static func event(_ json: String) -> StreamEvent { StreamEvent(data: Array(json.utf8), id: "") }

    private static func lines(_ columns: inout EventColumns, _ events: String...) -> String {
        events.map { String(decoding: columns.line(event($0)), as: UTF8.self) }.joined()
    }

    private static func screen(_ columns: Int, colours: Bool = false) -> Screen {
        Screen(hasColours: colours) { (columns, 24) }
    }

    @Test func toAPipeTheyAreSeparatedByTabs() {
        var columns = EventColumns(["meta.dt", "title", "bot", "none"], screen: nil, colours: .auto)
        let text = Self.lines(
            &columns, #"{"meta":{"dt":"2026"},"title":"a\tb\u001b[2Jc\n","bot":true}"#, #"{"title":{"x":1}}"#, "[1]")
        #expect(text == "2026\ta b [2Jc \ttrue\t\n\t{\"x\":1}\t\t\n\t\t\t\n")
    }

    @Test func onATerminalTheyAreAlignedAsFarAsIsKnown() {
        var columns = EventColumns(["wiki", "title"], screen: Self.screen(20), colours: .auto)
        let text = Self.lines(
            &columns, #"{"wiki":"en","title":"short"}"#, #"{"wiki":"enwiki","title":"A title that is too long"}"#,
            #"{"wiki":"日本","title":7}"#, #"{"wiki":"a wiki of a long name","title":"x"}"#)
        #expect(
            text == """
                wiki  title
                en    short
                enwiki  A title tha…
                日本    7
                a wiki of…  x

                """)
    }

    @Test func whatIsDrawnIsColouredByItsKindWhereColoursAre() {
        let event = #"{"meta":{"dt":"t"},"n":1,"b":false,"s":"x"}"#
        var coloured = EventColumns(["meta.dt", "n", "b", "s"], screen: Self.screen(80, colours: true), colours: .auto)
        let line = Self.lines(&coloured, event).split(separator: "\n").last
        #expect(line == "\u{1B}[2mt      \u{1B}[0m  \u{1B}[36m1\u{1B}[0m  \u{1B}[33mfalse\u{1B}[0m  x")
        for (screen, choice) in [
            (Self.screen(80, colours: true), ColourChoice.never), (Self.screen(80), .auto), (nil, .auto), (nil, .never),
        ] {
            var plain = EventColumns(["n", "b"], screen: screen, colours: choice)
            #expect(!Self.lines(&plain, event).contains("\u{1B}"))
        }
        var always = EventColumns(["n"], screen: nil, colours: .always)
        #expect(Self.lines(&always, event).contains("\u{1B}[36m1"))
    }

    @Test(arguments: [1, 2, 3, 9, 40]) func noLineIsWiderThanTheScreen(width: Int) {
        var columns = EventColumns(["a", "b", "c"], screen: Self.screen(width), colours: .never)
        let text = Self.lines(&columns, #"{"a":"日本語日本語日本語日本語","b":"bbbbbbbbbbbbbbbb","c":"cccccccccccccccc"}"#)
        #expect(text.split(separator: "\n").allSatisfy { DisplayText.width(String($0)) <= width })
    }
}

import Glibc
import TestSupport
import Testing

@testable import Clients

@Suite struct FilterCheckTests {
    @Test("A filter is told in its one form and in words")
    func words() {
        let report = FilterCheck(expression: #"wiki == "enwiki" && !bot"#, file: nil).run()
        #expect(
            report
                == FilterCheck.Report(
                    output: """
                        !bot && wiki == "enwiki"
                        Events where bot is not true and wiki is "enwiki".

                        """))
    }

    @Test("Each filter of a file is held against each event of another")
    func verdicts() throws {
        let directory = TemporaryDirectory()
        let (filters, events) = ("\(directory.path)/filters", "\(directory.path)/events")
        try write("a == 1\n!b\na ==\n", to: filters)
        try write("{\"a\":1}\n{\"a\":2,\"b\":true}\nno event\n", to: events)
        let report = FilterVerdicts(filters: filters, file: events).run()
        #expect(report.status == 0 && report.errors.isEmpty)
        let lines = report.output.split(separator: "\n")
        #expect(lines.prefix(2) == ["10-", "10-"] && lines.count == 3)
        #expect(lines.last?.hasPrefix("error: expected a value") == true)
        let missing = FilterVerdicts(filters: filters, file: "\(directory.path)/none").run()
        #expect(missing.status == 1 && !missing.errors.isEmpty)
    }

    @Test("A mistake is shown where it stands")
    func mistake() {
        let report = FilterCheck(expression: "é == ", file: nil).run()
        #expect(report.output.isEmpty && report.status == 1)
        let other = FilterCheck(expression: "wiki == ", file: nil).run()
        #expect(
            other.errors == """
                eventstreams: expected a value after `==` at column 9; strings need quotes
                    wiki ==\u{20}
                            ^

                """)
    }

    @Test("A filter is tried on a file's events, and what it can't mean there is told")
    func file() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/events"
        try write(
            """
            {"wiki":"enwiki","bot":false}
            {"wiki":"dewiki","bot":true}
            no event
            {"wiki":"enwiki","bot":true}

            """, to: path)
        let report = FilterCheck(expression: #"wiki == "enwiki" || bot == "x""#, file: path).run()
        #expect(report.status == 0 && report.errors.isEmpty)
        #expect(
            report.output == """
                bot == "x" || wiki == "enwiki"
                Events where bot is "x" or wiki is "enwiki".
                Warning: bot is a boolean and never a string in the 3 events looked at, so bot == "x" is never true.
                2 of 3 events match.
                1 lines are no events.
                One that matches, line 1: {"wiki":"enwiki","bot":false}
                One that doesn't, line 2: {"wiki":"dewiki","bot":true}

                """)
    }

    @Test("A file that can't be read is told, with its name")
    func noFile() {
        let report = FilterCheck(expression: "a", file: "/nowhere/events").run()
        #expect(report.status == 1 && report.errors.contains("/nowhere/events"))
    }

    private struct Unwritable: Error {}

    private func write(_ text: String, to path: String) throws {
        let file = unsafe fopen(path, "w")
        guard let file = unsafe file else { throw Unwritable() }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }
}

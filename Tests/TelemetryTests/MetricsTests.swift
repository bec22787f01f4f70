import Foundation
import Telemetry
import Testing

@Suite struct MetricsTests {
    private let all: [Metric] = [
        Metric("b_things", .gauge, "Things \\ with\nlines.", 1.5), Metric("a_things_total", .counter, "Things.", 3),
        Metric("c_things", .gauge, "By kind.", label: "kind", [("z", 1), ("a\"b\\c\nd", 2)]),
        Metric(
            "d_things", .gauge, "Odd ones.", labels: ["x", "y"],
            [.init(["1", "2"], .infinity), .init(["1", "1"], .nan)]),
    ]

    @Test func textIsSortedEscapedAndTyped() {
        #expect(
            String(decoding: MetricsText.render(all), as: UTF8.self) == #"""
                # HELP a_things_total Things.
                # TYPE a_things_total counter
                a_things_total 3
                # HELP b_things Things \\ with\nlines.
                # TYPE b_things gauge
                b_things 1.5
                # HELP c_things By kind.
                # TYPE c_things gauge
                c_things{kind="a\"b\\c\nd"} 2
                c_things{kind="z"} 1
                # HELP d_things Odd ones.
                # TYPE d_things gauge
                d_things{x="1",y="1"} NaN
                d_things{x="1",y="2"} +Inf

                """#)
    }

    @Test func promtoolHasNothingToComplainOf() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool") else {
            return print("skipped: promtool (Debian's prometheus) is not installed")
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/promtool")
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(MetricsText.render(all + ProcessMetrics.collect())))
        try input.fileHandleForWriting.close()
        let complaints = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(String(decoding: complaints, as: UTF8.self) == "")
        #expect(process.terminationStatus == 0)
    }

    @Test func theProcessIsMeasured() throws {
        let metrics = ProcessMetrics.collect()
        func value(_ name: String) throws -> Double {
            try #require(metrics.first { $0.name == name }?.samples.first?.value)
        }
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_open_fds") >= 3)
        #expect(try value("process_max_fds") > 3)
        #expect(try Swift.abs(value("process_start_time_seconds") - Date().timeIntervalSince1970) < 3600)
        #expect(try value("process_cpu_seconds_total") >= 0)
    }

    @Test func aFamilyIsCutOffWhereSomebodyMakesUpLabels() {
        let many = Metric("x", .gauge, "X.", label: "l", (0..<5000).map { ("\($0)", 1) })
        #expect(MetricsText.render([many]).split(separator: 0x0A).count == MetricsText.sampleLimit + 2)
    }
}

import Foundation
import Testing

/// Texts that are committed beside the tests. `UPDATE_GOLDEN=1` writes them anew.
enum Golden {
    static func check(_ text: String, _ name: String, _ file: String = #filePath) throws {
        let url = URL(filePath: file).deletingLastPathComponent().appending(path: name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try Data(text.utf8).write(to: url)
        }
        let committed = try String(decoding: Data(contentsOf: url), as: UTF8.self)
        #expect(text == committed, "\(name) differs; if that is meant, run the tests with UPDATE_GOLDEN=1")
    }
}

enum Shell {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Nil, with a line that says so, where the tool is not installed.
    static func run(_ command: String, input: String) throws -> Result? {
        let tool = command.prefix { $0 != " " }
        guard ["/usr/bin/", "/bin/"].contains(where: { FileManager.default.isExecutableFile(atPath: $0 + tool) }) else {
            print("skipped: \(tool) is not installed")
            return nil
        }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        let (input_, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input_
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        try input_.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try input_.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: complaints, as: UTF8.self))
    }
}

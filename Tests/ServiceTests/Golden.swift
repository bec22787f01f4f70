import FoundationEssentials
import Testing

/// Texts kept beside the tests. With `UPDATE_GOLDEN=1` in the environment they are written anew instead of compared.
enum Golden {
    static func expect(_ text: String, matches name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)")
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: file)
        }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(text == expected, "\(name) is not as it was kept", sourceLocation: sourceLocation)
    }
}

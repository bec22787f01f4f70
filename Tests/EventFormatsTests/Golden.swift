import FoundationEssentials
import Testing

/// A file of `Tests/Goldens` that shows what goes over the wire, byte for byte.
///
/// To write the files anew after a wanted change: `EVENTSTREAMS_WRITE_GOLDENS=1 swift test --filter Golden`. Read the
/// difference before it is committed.
enum Golden {
    static func expect(
        _ bytes: [UInt8], equals name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Goldens/" + name
        if ProcessInfo.processInfo.environment["EVENTSTREAMS_WRITE_GOLDENS"] != nil {
            try #require(FileManager.default.createFile(atPath: path, contents: Data(bytes)), "\(path)")
        }
        let data = try #require(FileManager.default.contents(atPath: path), "there is no \(path)")
        #expect(bytes == [UInt8](data), "\(name) is\n\(bytes.text)", sourceLocation: sourceLocation)
    }
}

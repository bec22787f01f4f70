import Endpoints
import Foundation
import Testing

@Suite struct StaticFilesTests {
    @Test func linksOutOfTheDirectoryAreNotFollowedAndPipesNotOpened() throws {
        let files = FileManager.default
        let place = files.temporaryDirectory.appending(path: "static-files-\(UUID())")
        let (root, inner) = (place.appending(path: "public"), place.appending(path: "public/..data"))
        try files.createDirectory(at: inner, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: place) }
        for file in [
            place.appending(path: "secret.json"), root.appending(path: "index.html"), inner.appending(path: "page.js"),
        ] {
            try Data(file.lastPathComponent.utf8).write(to: file)
        }
        func link(_ name: String, _ destination: String) throws {
            try files.createSymbolicLink(atPath: root.appending(path: name).path, withDestinationPath: destination)
        }
        // As Kubernetes mounts a configuration's files.
        try link("page.js", "..data/page.js")
        try link("above.json", "../secret.json")
        try link("absolute.json", place.appending(path: "secret.json").path)
        try link("passwd", "/etc/passwd")
        try link("loop", "loop")
        try link("directory", "..data")
        #expect(unsafe mkfifo(root.appending(path: "pipe").path, 0o600) == 0)

        let page = StaticFiles(directory: root.path)
        #expect(page["index.html"] != nil && page[""] != nil)
        #expect(page["page.js"] != nil)
        for name in ["above.json", "absolute.json", "passwd", "loop", "directory", "pipe"] {
            #expect(page[name] == nil)
        }

        // The directory itself may be a link.
        let other = place.appending(path: "other")
        try files.createSymbolicLink(at: other, withDestinationURL: root)
        #expect(StaticFiles(directory: other.path)["index.html"] != nil)
    }
}

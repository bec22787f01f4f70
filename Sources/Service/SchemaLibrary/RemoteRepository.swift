internal import Bytes
internal import HTTPClient
internal import Schemas
internal import System

/// A repository at an http(s) address, whose versions are fetched when they are first asked for and kept on disk for good:
/// a version never changes.
struct RemoteRepository: Sendable {
    /// Without a slash at its end.
    let address: String
    /// Where its files are kept, in the layout of a repository.
    private let cache: DirectoryRepository
    private let client: HTTPClient

    /// - Throws: when the directory can't be made.
    init(_ address: String, cacheDirectory: String, _ client: HTTPClient) throws(SchemaError) {
        var address = address
        while address.hasSuffix("/") { address.removeLast() }
        self.address = address
        self.client = client
        // The address as one folder's name.
        let folder = String(decoding: address.utf8.map { Self.isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        cache = try DirectoryRepository(making: "\(cacheDirectory)/\(folder)")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.decimalDigit != nil || "-.".utf8.contains(byte)
    }

    /// What was fetched before.
    func kept() throws(SchemaError) -> LoadedRepository {
        try LoadedRepository(cache).named(address)
    }

    /// A version's file as its source has it; it is kept. Of `latest`, the version that it is.
    ///
    /// - Throws: `notFound` where the source has none, `unreadable` where the source can't be had.
    func fetch(_ name: SchemaName) async throws(SchemaError) -> (path: String, bytes: [UInt8]) {
        let url = "\(address)\(name.identifier)"
        let response: HTTPClientResponse
        do {
            response = try await client.send(HTTPClientRequest("GET", url))
        } catch {
            throw SchemaError(.unreadable, url, "", "it can't be fetched: \(error)")
        }
        guard response.head.status == 200 else {
            let kind: SchemaError.Kind = [404, 410].contains(response.head.status) ? .notFound : .unreadable
            throw SchemaError(kind, url, "", "it was answered with \(response.head.status)")
        }
        let document = try SchemaDocument(name: name, path: url, bytes: response.body)
        guard let own = document.identifier.flatMap({ SchemaName($0) }), own.title == name.title,
            let number = own.number,
            name.number == nil || number == name.number
        else {
            let identifier = Excerpt.of(document.identifier ?? "missing")
            throw SchemaError(.invalid, url, "/$id", "it is another schema: $id is \(identifier)")
        }
        let isJSON = response.body.first { $0 > 0x20 } == UInt8(ascii: "{")
        let path = "\(name.title)/\(number).\((isJSON ? SchemaForm.json : .yaml).ending)"
        try cache.write(response.body, to: path)
        return (path, response.body)
    }
}

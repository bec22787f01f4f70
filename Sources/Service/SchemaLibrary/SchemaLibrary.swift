internal import HTTPClient
package import JSON
package import Schemas
internal import Synchronization

/// The schemas of the service, of all its repositories as one. What is here is in memory; what a repository at an address has
/// is fetched when it is first asked for. While a source is away, what was had of it goes on to serve.
package final class SchemaLibrary: Sendable {
    private let settings: SchemaSettings
    private let remotes: [RemoteRepository]
    private let shelves: Mutex<Shelves>
    /// Fetches on their way, so that many who ask for one schema make one request.
    private let fetches = Mutex<[String: Task<SchemaError?, Never>]>([:])
    private let now: @Sendable () -> Int64

    private struct Shelves {
        var shelf: SchemaShelf
        /// Dereferenced, by name. Only what never changes is kept.
        var ready: [String: JSONValue] = [:]
        /// Names that no source had, or whose source was away, with the time until which that is believed.
        var missing: [String: (until: Int64, error: SchemaError)] = [:]
    }

    /// Milliseconds for which a source is not asked again for what it did not give.
    private static let missingTime: Int64 = 30_000
    /// Names that are remembered to be missing: a client may ask for any.
    private static let missingLimit = 10_000
    /// Schemas that are kept dereferenced.
    private static let readyLimit = 5_000
    /// Fetches for one schema, those of what it refers to included.
    private static let fetchLimit = 200

    /// Reads the directories and what was fetched before.
    ///
    /// - Parameter now: milliseconds, monotonic.
    /// - Throws: what is wrong with a directory.
    package init(_ settings: SchemaSettings, now: @escaping @Sendable () -> Int64) throws(SchemaError) {
        self.settings = settings
        self.now = now
        var remotes: [RemoteRepository] = []
        let addresses = settings.repositories.filter(SchemaSettings.isAddress)
        if !addresses.isEmpty {
            let client = try Self.client(settings)
            for address in addresses {
                remotes.append(try RemoteRepository(address, cacheDirectory: settings.cacheDirectory, client))
            }
        }
        self.remotes = remotes
        shelves = Mutex(Shelves(shelf: .empty))
        try read()
    }

    private static func client(_ settings: SchemaSettings) throws(SchemaError) -> HTTPClient {
        var options = HTTPClientOptions()
        options.connectTimeout = settings.fetchTimeout
        options.stallTimeout = settings.fetchTimeout
        options.responseLimit = SchemaLimits.fileBytes
        do throws(HTTPClientError) {
            return try HTTPClient(options: options)
        } catch {
            throw SchemaError(.unreadable, "schemas.repositories", "", "nothing can be fetched: \(error)")
        }
    }

    /// The repositories that are somewhere else.
    package var addresses: [String] { settings.repositories.filter(SchemaSettings.isAddress) }

    package var shelf: SchemaShelf { shelves.withLock { $0.shelf } }

    /// The version of the shelf of now.
    package var version: Int { shelves.withLock { $0.shelf.version } }

    // MARK: Keeping it new

    /// Reads the directories anew, and asks the addresses for the newest version of every title.
    ///
    /// - Returns: what is wrong; what was there before stays.
    package func refresh() async -> [SchemaError] {
        var problems: [SchemaError] = []
        do throws(SchemaError) { try read() } catch { problems.append(error) }
        guard !remotes.isEmpty else { return problems }
        let precached = settings.precached.compactMap { SchemaName($0) }
        let newest = shelf.titles.map { SchemaName(title: $0, version: "latest") }
        for name in precached + newest where name.number == nil || !has(name) {
            if let error = await fetch(name), error.kind != .notFound { problems.append(error) }
        }
        return problems
    }

    private func has(_ name: SchemaName) -> Bool { (try? shelf.documents.file(name)) != nil }

    private func read() throws(SchemaError) {
        var loaded: [LoadedRepository] = []
        // They stand in the order of the settings.
        var waiting = remotes[...]
        for place in settings.repositories {
            if SchemaSettings.isAddress(place) {
                guard let remote = waiting.popFirst() else { continue }
                loaded.append(try remote.kept())
            } else {
                loaded.append(try LoadedRepository(try DirectoryRepository(place)))
            }
        }
        let repositories = loaded
        // Compared outside the lock, which every request takes: it may be many bytes.
        guard repositories != shelf.repositories else { return }
        shelves.withLock { shelves in
            shelves.shelf = SchemaShelf(version: shelves.shelf.version + 1, repositories)
            shelves.ready = [:]
        }
    }

    // MARK: Asking

    /// A schema by its name in an event's `$schema`, with everything in it that it refers to.
    ///
    /// - Throws: `notFound`, `unreadable` where its source is away, and what else is wrong with it.
    package func schema(_ name: SchemaName) async throws(SchemaError) -> JSONValue {
        if let ready = shelves.withLock({ $0.ready[name.description] }) { return ready }
        for _ in 0..<Self.fetchLimit {
            let shelf = shelf
            let reader = MissingNames(shelf.documents)
            do throws(SchemaError) {
                let value = try MaterializedSchema.dereferenced(try reader.document(name), in: reader)
                if name.number != nil { keep(value, name, shelf.version) }
                return value
            } catch {
                guard error.kind == .notFound, let missing = reader.missing else { throw error }
                if let failure = await fetch(missing) { throw failure.kind == .notFound ? error : failure }
            }
        }
        throw SchemaError(.tooLarge, name.description, "", "it refers to more than \(Self.fetchLimit) others")
    }

    private func keep(_ value: JSONValue, _ name: SchemaName, _ version: Int) {
        shelves.withLock { shelves in
            guard shelves.shelf.version == version else { return }
            if shelves.ready.count >= Self.readyLimit { shelves.ready = [:] }
            shelves.ready[name.description] = value
        }
    }

    // MARK: Fetching

    /// Has a schema fetched from the first source that has it, once however many wait for it.
    ///
    /// - Returns: nil when it is there now.
    private func fetch(_ name: SchemaName) async -> SchemaError? {
        guard !remotes.isEmpty else {
            return SchemaError(.notFound, name.description, "", "there is no such schema")
        }
        let key = name.identifier
        let time = now()
        let known = shelves.withLock { shelves in shelves.missing[key].flatMap { $0.until > time ? $0.error : nil } }
        if let known { return known }
        let task = fetches.withLock { running in
            if let task = running[key] { return task }
            let task = Task { [self] in
                let error = await fetchFromAll(name)
                fetches.withLock { $0[key] = nil }
                return error
            }
            running[key] = task
            return task
        }
        return await task.value
    }

    private func fetchFromAll(_ name: SchemaName) async -> SchemaError? {
        var failure: SchemaError?
        for remote in remotes {
            do throws(SchemaError) {
                let (path, bytes) = try await remote.fetch(name)
                put(bytes, as: path, in: remote.address)
                return nil
            } catch {
                // That a source is away says more than that another does not have it.
                if failure == nil || failure?.kind == .notFound { failure = error }
            }
        }
        let error = failure ?? SchemaError(.notFound, name.description, "", "there is no such schema")
        let until = now() + Self.missingTime
        shelves.withLock { shelves in
            if shelves.missing.count >= Self.missingLimit { shelves.missing = [:] }
            shelves.missing[name.identifier] = (until, error)
        }
        return error
    }

    private func put(_ bytes: [UInt8], as path: String, in address: String) {
        shelves.withLock { shelves in
            var repositories = shelves.shelf.repositories
            guard let place = repositories.firstIndex(where: { $0.name == address }) else { return }
            if (try? repositories[place].file(path)) == bytes { return }
            repositories[place].add(bytes, as: path)
            shelves.shelf = SchemaShelf(version: shelves.shelf.version + 1, repositories)
        }
    }
}

/// Passes questions on, and remembers the first that had no answer.
private final class MissingNames: SchemaDocuments {
    private let documents: SchemaNamespace
    private(set) var missing: SchemaName?

    init(_ documents: SchemaNamespace) { self.documents = documents }

    func document(_ name: SchemaName) throws(SchemaError) -> SchemaDocument {
        do throws(SchemaError) {
            return try documents.document(name)
        } catch {
            if error.kind == .notFound, missing == nil { missing = name }
            throw error
        }
    }
}

package import Schemas

/// All schemas that the service has, at one moment.
package struct SchemaShelf: Sendable {
    /// Grows with each change.
    package let version: Int
    package let documents: SchemaNamespace
    /// Sorted.
    package let titles: [String]
    let repositories: [LoadedRepository]

    init(version: Int, _ repositories: [LoadedRepository]) {
        self.version = version
        self.repositories = repositories
        documents = SchemaNamespace(repositories)
        // What is in memory can be read, and was within the limits when it was loaded.
        titles = (try? documents.titles()) ?? []
    }

    package static let empty = SchemaShelf(version: 0, [])

    /// The names in a folder, of all repositories, sorted; those of folders end with a slash. Nil: there is no such folder.
    package func names(in folder: String) -> [String]? {
        let found = repositories.compactMap { try? $0.names(in: folder) }
        return found.isEmpty ? nil : Set(found.joined()).sorted()
    }
}

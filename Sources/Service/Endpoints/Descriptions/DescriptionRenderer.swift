package import Catalogue
package import SchemaLibrary

/// Makes the documents that describe the service for programs, and keeps them until the catalogue or the schemas change. It
/// works beside the loops: the schemas of many streams take a while.
package actor DescriptionRenderer {
    package enum Kind: Hashable, Sendable { case openAPI, asyncAPI }

    private let info: ServiceInfo
    private var made: [Kind: Document] = [:]
    private var schemas: StreamSchemas?
    /// What they were made from.
    private var versions: (shelf: Int, catalogue: Int) = (-1, -1)

    package init(_ info: ServiceInfo) { self.info = info }

    /// - Parameter version: grows with each change of the catalogue.
    package func document(_ kind: Kind, _ catalogue: StreamCatalogue, version: Int, _ shelf: SchemaShelf) -> Document {
        if versions != (shelf.version, version) {
            versions = (shelf.version, version)
            (made, schemas) = ([:], nil)
        }
        if let document = made[kind] { return document }
        let schemas = self.schemas ?? StreamSchemas(catalogue, shelf)
        self.schemas = schemas
        let document =
            switch kind {
            case .openAPI: OpenAPIDocument.rendered(info, catalogue, schemas)
            case .asyncAPI: AsyncAPIDocument.rendered(info, catalogue, schemas)
            }
        made[kind] = document
        return document
    }
}

package import Catalogue
internal import HTTP
package import Live

/// Everything that a reload replaces at one moment: the policy, and the documents that are made from it. A value, replaced
/// as a whole, so that nobody sees half of a change.
package struct Published: Sendable {
    /// Grows with each replacement. What was prepared under an older version is prepared anew before it is sent.
    package let version: Int
    package let policy: Policy
    /// The OpenAPI document.
    package let specification: Document

    package var catalogue: StreamCatalogue { policy.catalogue }

    package init(version: Int, policy: Policy, info: ServiceInfo) {
        self.version = version
        self.policy = policy
        specification = OpenAPIDocument.rendered(info, policy.catalogue)
    }
}

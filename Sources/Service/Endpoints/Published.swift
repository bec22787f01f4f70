package import Catalogue
package import Live

/// Everything that a reload replaces at one moment, by which documents know whether they are made anew. Never changed, and replaced
/// as a whole, so that nobody sees half of a change.
package final class Published: Sendable {
    /// Grows with each replacement. What was prepared under an older version is prepared anew before it is sent.
    package let version: Int
    package let policy: Policy

    package var catalogue: StreamCatalogue { policy.catalogue }

    package init(version: Int, policy: Policy) {
        self.version = version
        self.policy = policy
    }
}

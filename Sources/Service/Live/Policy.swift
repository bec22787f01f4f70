package import Admission
package import Catalogue
package import Redaction

/// The rules that decide which events are shown, as part of which streams, and who may have how much. All of them come from the configuration, and
/// a reload replaces them as a whole.
package struct Policy: Hashable, Sendable {
    package var catalogue: StreamCatalogue
    package var redactor: Redactor
    package var tiers: ClientTiers

    package init(catalogue: StreamCatalogue, redactor: Redactor = Redactor(), tiers: ClientTiers = ClientTiers()) {
        self.catalogue = catalogue
        self.redactor = redactor
        self.tiers = tiers
    }
}

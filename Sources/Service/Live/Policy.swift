package import Catalogue
package import Redaction

/// What decides which events are shown, and as part of which streams: all of it comes from the configuration, and a reload
/// replaces it as a whole.
package struct Policy: Hashable, Sendable {
    package var catalogue: StreamCatalogue
    package var redactor: Redactor

    package init(catalogue: StreamCatalogue, redactor: Redactor = Redactor()) {
        self.catalogue = catalogue
        self.redactor = redactor
    }
}

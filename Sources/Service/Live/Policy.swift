package import Catalogue
package import Redaction

/// The rules that decide which events are shown, and as part of which streams. All of them come from the configuration, and
/// a reload replaces them as a whole.
package struct Policy: Hashable, Sendable {
    package var catalogue: StreamCatalogue
    package var redactor: Redactor

    package init(catalogue: StreamCatalogue, redactor: Redactor = Redactor()) {
        self.catalogue = catalogue
        self.redactor = redactor
    }
}

package import HTTP

/// Clients that are treated alike, and what each of them may have (contract, section 8: fair shares).
package struct ClientTier: Hashable, Sendable {
    /// Who belongs to a tier.
    package enum Members: Hashable, Sendable {
        /// Who sends one of these secrets, by the name of whom it was given to.
        case keys([String: String])
        /// Whose address is in one of these networks.
        case networks([IPNetwork])
        case userAgent(UserAgent)
        /// Everybody.
        case all
    }

    /// What a client says it is.
    package enum UserAgent: String, CaseIterable, Hashable, Sendable {
        /// With a way to reach whoever runs it: a mail address or the address of a page.
        case contact
        /// `User-Agent` is missing or empty.
        case none

        package init?(_ text: String) {
            if text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                self = .none
            } else if Self.hasContact(text) {
                self = .contact
            } else {
                return nil
            }
        }

        /// A browser names no contact, and many a library names the address of its own project with "+" or in brackets, which
        /// can't be told from its user's; it is a contact all the same.
        private static func hasContact(_ text: String) -> Bool {
            text.split { $0 == " " || $0 == "(" || $0 == ")" || $0 == ";" || $0 == "," || $0 == "<" || $0 == ">" }
                .contains { word in
                    if word.contains("://") || word.hasPrefix("www.") || word.hasPrefix("mailto:")
                        || word.hasPrefix("User:")
                    {
                        return true
                    }
                    guard let at = word.firstIndex(of: "@"), at != word.startIndex else { return false }
                    let host = word[word.index(after: at)...]
                    return host.contains(".") && !host.hasPrefix(".") && !host.hasSuffix(".") && !host.contains("@")
                }
        }
    }

    package enum Share: Hashable, Sendable {
        /// Streams at once of one key, or of one address (IPv6: one /64) where the tier has no keys. Nil: no limit but that of
        /// all clients together.
        case streams(Int?)
        /// Nothing at all: 403, with the sentence that says what to do.
        case refused(String)
    }

    /// Stands in metrics and in the `RateLimit` fields: letters, digits, "-" and "_".
    package var name: String
    package var members: Members
    package var share: Share

    package init(name: String, members: Members, share: Share) {
        self.name = name
        self.members = members
        self.share = share
    }
}

package import HTTP

/// The tiers in the order in which they are looked at: the first that a client belongs to decides.
package struct ClientTiers: Hashable, Sendable {
    private let tiers: [ClientTier]
    /// Whose key it is, and in which tier.
    private let keys: [String: Owner]

    private struct Owner: Hashable, Sendable {
        var name: String
        var tier: Int
    }

    package init(_ tiers: [ClientTier] = []) {
        self.tiers = tiers
        var keys: [String: Owner] = [:]
        for (number, tier) in tiers.enumerated() {
            guard case .keys(let secrets) = tier.members else { continue }
            for (name, secret) in secrets where keys[secret] == nil { keys[secret] = Owner(name: name, tier: number) }
        }
        self.keys = keys
    }

    package var isEmpty: Bool { tiers.isEmpty }

    /// The most streams that one address may have; nil: some may have any number.
    package func most(beside usual: Int?) -> Int? {
        guard var most = usual else { return nil }
        for tier in tiers {
            switch tier.share {
            case .streams(nil): return nil
            case .streams(let limit?): most = max(most, limit)
            case .refused: break
            }
        }
        return most
    }

    /// What a request says of who sends it.
    package struct Claims: Sendable {
        package var address: IPAddress
        /// `User-Agent`; empty where there is none.
        package var userAgent: String
        /// `Authorization`.
        package var authorization: String?
        /// `X-Api-Key`.
        package var apiKey: String?

        package init(address: IPAddress, userAgent: String = "", authorization: String? = nil, apiKey: String? = nil) {
            self.address = address
            self.userAgent = userAgent
            self.authorization = authorization
            self.apiKey = apiKey
        }

        /// The secret that was sent: `X-Api-Key`, or `Authorization: Bearer` (RFC 6750).
        fileprivate var secret: String? {
            if let apiKey { return apiKey }
            guard let authorization, let space = authorization.firstIndex(of: " ") else { return nil }
            guard authorization[..<space].lowercased() == "bearer" else { return nil }
            return String(authorization[space...].drop { $0 == " " })
        }
    }

    /// A client's tier, and the key that its streams are counted by.
    package struct Standing: Hashable, Sendable {
        /// Nil: it is in no tier, and has what everybody has.
        package var tier: ClientTier?
        package var counted: AddressKey
    }

    /// A key that nobody has counts as none: it gives nothing, and takes nothing.
    package func standing(_ claims: Claims) -> Standing {
        let counted = AddressKey(claims.address)
        let owner = keys.isEmpty ? nil : claims.secret.flatMap { keys[$0] }
        for (number, tier) in tiers.enumerated() {
            switch tier.members {
            case .keys:
                if let owner, owner.tier == number {
                    return Standing(tier: tier, counted: AddressKey(name: "\(tier.name)/\(owner.name)"))
                }
            case .networks(let networks):
                if networks.contains(where: { $0.contains(claims.address) }) {
                    return Standing(tier: tier, counted: counted)
                }
            case .userAgent(let kind):
                if ClientTier.UserAgent(claims.userAgent) == kind { return Standing(tier: tier, counted: counted) }
            case .all: return Standing(tier: tier, counted: counted)
            }
        }
        return Standing(tier: nil, counted: counted)
    }
}

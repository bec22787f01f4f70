internal import Bytes
internal import JSON

// The problems of the contract's section 7 that any request may have. Each says what to do.

extension Problem {
    public static func badRequest(_ detail: String) -> Problem { Problem(.badRequest, detail) }

    /// - Parameter allowed: ends the sentence "… must be …".
    public static func invalidParameter(_ name: String, value: String, allowed: String) -> Problem {
        Problem(
            .invalidParameter, "The parameter \(name) must be \(allowed), not \"\(Excerpt.of(value))\".",
            members: [.init("parameter", .string(name))])
    }

    public static func methodNotAllowed(_ method: String, allow: [String]) -> Problem {
        Problem(
            .methodNotAllowed,
            "\(Excerpt.of(method, limit: 20)) is not a method of this path. Use \(allow.joined(separator: " or ")).",
            allow: allow)
    }

    public static func notAcceptable(_ accept: String, available: [String]) -> Problem {
        Problem(
            .notAcceptable,
            "Accept: \(Excerpt.of(accept)) leaves out all that there is here. Accept one of "
                + "\(available.joined(separator: ", ")), or send no Accept.",
            members: [.init("available", .array(available.map { .string($0) }))])
    }

    public static func contentTooLarge(what: String, limit: Int) -> Problem {
        Problem(
            .contentTooLarge, "\(what) is larger than \(limit) bytes. Send less at a time.",
            members: [.init("limit", .integer(limit))])
    }

    public static func unsupportedMediaType(_ type: String, supported: String) -> Problem {
        Problem(.unsupportedMediaType, "The body's type is \(Excerpt.of(type)). Send \(supported).")
    }

    public static func overloaded(_ detail: String, retryAfter: Int) -> Problem {
        Problem(.overloaded, detail, retryAfter: retryAfter)
    }

    public static func unavailable(_ detail: String, retryAfter: Int) -> Problem {
        Problem(.unavailable, detail, retryAfter: retryAfter)
    }

    public static func draining(retryAfter: Int) -> Problem {
        Problem(
            .draining, "This server is going down in an orderly way. Connect again; another one takes over.",
            retryAfter: retryAfter)
    }

    /// For what should not happen. Nothing of the cause is told; the log has it.
    public static let internalError = Problem(.internalError, "The server failed at this request. It has been logged.")
}

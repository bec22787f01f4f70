/// The formats that are looked at; any other name is taken for a remark.
enum Format: UInt8, Sendable, CaseIterable {
    case none
    case dateTime, date, time
    case uri, uriReference, uriTemplate, iri, iriReference, url
    case email, idnEmail, hostname, ipv4, ipv6
    case uuid, jsonPointer, relativeJSONPointer, regex

    init?(name: String) {
        switch name {
        case "date-time": self = .dateTime
        case "date": self = .date
        case "time": self = .time
        case "uri": self = .uri
        case "uri-reference": self = .uriReference
        case "uri-template": self = .uriTemplate
        case "iri": self = .iri
        case "iri-reference": self = .iriReference
        case "url": self = .url
        case "email": self = .email
        case "idn-email": self = .idnEmail
        case "hostname": self = .hostname
        case "ipv4": self = .ipv4
        case "ipv6": self = .ipv6
        case "uuid": self = .uuid
        case "json-pointer": self = .jsonPointer
        case "relative-json-pointer": self = .relativeJSONPointer
        case "regex": self = .regex
        default: return nil
        }
    }

    /// Whether a string's characters, as UTF-8, are of this format.
    ///
    /// - Parameter isStrict: to the letter of the standard that defines it, else by its shape, as EventGate's validator looks.
    func holds(_ text: Span<UInt8>, isStrict: Bool) -> Bool {
        var reader = FormatReader(text.count)
        switch self {
        case .none: return true
        case .dateTime: return reader.dateTime(text, isStrict: isStrict) && reader.isAtEnd
        case .date: return reader.date(text, isStrict: isStrict) && reader.isAtEnd
        case .time: return reader.time(text, isStrict: isStrict, needsZone: isStrict) && reader.isAtEnd
        case .uri: return isStrict ? AddressFormat.isAddress(text) : LooseFormat.isAddress(text)
        case .url: return LooseFormat.isURL(text)
        case .uriReference: return isStrict ? AddressFormat.isReference(text) : LooseFormat.isReference(text)
        case .iri: return AddressFormat.isAddress(text, isInternational: true)
        case .iriReference: return AddressFormat.isReference(text, isInternational: true)
        case .uriTemplate: return TemplateFormat.isTemplate(text)
        case .email: return MailFormat.isAddress(text, isStrict: isStrict)
        case .idnEmail: return MailFormat.isInternational(text)
        case .hostname: return HostFormat.isName(text)
        case .ipv4: return HostFormat.isIPv4(text, 0..<text.count)
        case .ipv6: return HostFormat.isIPv6(text, 0..<text.count)
        case .uuid: return LooseFormat.isUUID(text)
        case .jsonPointer: return PointerFormat.isPointer(text, from: 0)
        case .relativeJSONPointer: return PointerFormat.isRelative(text)
        case .regex: return (try? ECMAPattern.check(text)) != nil
        }
    }
}

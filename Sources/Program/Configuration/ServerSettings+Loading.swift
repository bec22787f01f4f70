internal import Bytes
internal import EmbeddedLog
internal import Intake
internal import KafkaLog
internal import Server
internal import Streaming
internal import YAML

extension ServerSettings {
    /// What was given on the command line: `--port 80` and `--set http.port=80` alike.
    package struct Flag: Hashable, Sendable {
        /// As the user wrote it, for messages.
        package var name: String
        package var key: String
        package var value: String

        package init(name: String, key: String, value: String) {
            self.name = name
            self.key = key
            self.value = value
        }
    }

    package struct File: Hashable, Sendable {
        package var name: String
        package var bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Reads settings: a flag beats a variable, a variable beats the file, the file beats the default.
    package static func load(
        file: File?, environment: [String: String], flags: [Flag]
    ) -> Result<ServerSettings, ConfigurationErrors> {
        var settings = ServerSettings()
        var errors: [String] = []
        if let file {
            do throws(YAMLError) {
                settings.read(try YAML.parse(file.bytes), file.name, &errors)
            } catch {
                errors.append("\(file.name):\(error)")
            }
        }
        settings.read(environment, &errors)
        let before = errors.count
        settings.read(flags, &errors)
        let isWrongUse = errors.count > before
        if errors.isEmpty { settings.check(&errors) }
        guard !errors.isEmpty else { return .success(settings) }
        let rest = errors.count - ConfigurationErrors.limit
        if rest > 0 { errors = errors.prefix(ConfigurationErrors.limit) + ["and \(rest) more"] }
        return .failure(ConfigurationErrors(messages: errors, isWrongUse: isWrongUse))
    }

    // MARK: The file

    private mutating func read(_ root: YAMLNode, _ file: String, _ errors: inout [String]) {
        if root.isNull { return }
        guard let groups = root.members else {
            return errors.append("\(file):\(root.line):\(root.column): must be a mapping, such as `http: {port: 8092}`")
        }
        for group in groups where errors.count <= 2 * ConfigurationErrors.limit {
            let place = "\(file):\(group.line):\(group.column)"
            if take(section: group.name, group.value, file, &errors) { continue }
            let known = Set(Setting.all.map { String($0.key.prefix { $0 != "." }) })
            guard known.contains(group.name) else {
                let names = known.union(Setting.sections.map(\.key).filter { !$0.contains(".") })
                errors.append("\(place): unknown section \(group.name)\(Nearest.hint(group.name, among: names))")
                continue
            }
            if group.value.isNull { continue }
            guard let members = group.value.members else {
                errors.append("\(place): \(group.name) must be a mapping of settings")
                continue
            }
            for member in members where errors.count <= 2 * ConfigurationErrors.limit {
                read(member, "\(group.name).\(member.name)", file, &errors)
            }
        }
    }

    private mutating func read(_ member: YAMLNode.Member, _ key: String, _ file: String, _ errors: inout [String]) {
        let place = "\(file):\(member.line):\(member.column)"
        if take(section: key, member.value, file, &errors) { return }
        guard let setting = Setting.named(key) else {
            let names = Setting.all.map(\.key) + Setting.sections.map(\.key)
            return errors.append("\(place): unknown setting \(key)\(Nearest.hint(key, among: names))")
        }
        guard setting.apply(member.value, to: &self) else {
            let value = member.value.text.map { "\"\($0.prefix(80))\"" } ?? "this"
            return errors.append("\(place): \(key) can't be \(value); it must be \(setting.allowed)")
        }
    }

    private mutating func take(
        section key: String, _ node: YAMLNode, _ file: String, _ errors: inout [String]
    ) -> Bool {
        switch key {
        case "kafka.properties": takeProperties(node, file, &errors)
        case "streams.inline": streams.inline = node.isNull ? nil : node
        case "http.tiers": clientTiers = node.isNull ? nil : node
        case "redaction": redaction = node.isNull ? nil : node
        case "mediawiki_redacted_pages": redactedPages = node.isNull ? nil : node
        default: return false
        }
        return true
    }

    /// Messages never show a value: it may be a secret.
    private mutating func takeProperties(_ node: YAMLNode, _ file: String, _ errors: inout [String]) {
        if node.isNull { return }
        guard let members = node.members else {
            return errors.append(
                "\(file):\(node.line):\(node.column): kafka.properties must be a mapping, such as {client.rack: a}")
        }
        for member in members {
            if let text = member.value.text, !member.value.isNull {
                kafka.properties[member.name] = .text(text)
            } else if let source = member.value.members, source.count == 1, let place = source[0].value.text,
                ["file", "variable"].contains(source[0].name)
            {
                kafka.properties[member.name] = source[0].name == "file" ? .file(place) : .variable(place)
            } else {
                errors.append(
                    "\(file):\(member.line):\(member.column): kafka.properties.\(member.name) must be a value, {file: PATH} or {variable: NAME}"
                )
            }
        }
    }

    // MARK: Variables and flags

    private mutating func read(_ environment: [String: String], _ errors: inout [String]) {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix(Setting.variablePrefix) {
            // Read by tests and tools, not by the server.
            if name == "EVENTSTREAMS_SHARED" || name == "EVENTSTREAMS_CONFIG" { continue }
            if value.isEmpty || Self.isOfKubernetes(name, value) { continue }
            guard let setting = Setting.all.first(where: { $0.variable == name }) else {
                let hint = Nearest.hint(name, among: Setting.all.map(\.variable))
                errors.append("unknown variable \(name)\(hint)")
                continue
            }
            guard setting.apply(value, to: &self) else {
                errors.append("\(name) can't be \"\(value.prefix(80))\"; it must be \(setting.allowed)")
                continue
            }
        }
    }

    /// Kubernetes tells each container of every service by variables such as `EVENTSTREAMS_INTAKE_PORT=tcp://10.0.0.1:8192`
    /// and `EVENTSTREAMS_SERVICE_HOST`: they are not meant for the settings.
    private static func isOfKubernetes(_ name: String, _ value: String) -> Bool {
        value.hasPrefix("tcp://") || value.hasPrefix("udp://") || name.contains("_SERVICE_HOST")
            || name.contains("_SERVICE_PORT")
            || name.contains("_TCP") || name.contains("_UDP")
    }

    private mutating func read(_ flags: [Flag], _ errors: inout [String]) {
        for flag in flags {
            if flag.key.hasPrefix("kafka.properties.") {
                kafka.properties[String(flag.key.dropFirst("kafka.properties.".count))] = .text(flag.value)
                continue
            }
            guard let setting = Setting.named(flag.key) else {
                let hint = Nearest.hint(flag.key, among: Setting.all.map(\.key))
                errors.append("\(flag.name): unknown setting \(flag.key)\(hint)")
                continue
            }
            guard setting.apply(flag.value, to: &self) else {
                let place = flag.name == "--set" ? "--set \(flag.key)" : flag.name
                errors.append("\(place) can't be \"\(flag.value.prefix(80))\"; it must be \(setting.allowed)")
                continue
            }
        }
    }

    // MARK: What must fit together

    /// `HOST:PORT`, `[IPv6]:PORT`, or the former with `PROTOCOL://` before it.
    private static func isBroker(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let protocols = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
        guard let rest = parts.last, parts.count == 1 || protocols.contains(String(parts[0])) else { return false }
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return false }
        let host = rest[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
        return isBracketed || !host.isEmpty && !host.contains { " /:[]".contains($0) }
    }

    private func check(_ errors: inout [String]) {
        var listeners = [
            ("http.port", http.port, http.host), ("intake.port", intake.port, intake.host),
            ("admin.port", admin.port, admin.host),
        ]
        if tls.isServed { listeners.append(("tls.port", tls.port, tlsHost)) }
        if !tls.keys.isEmpty, tls.keys.count != tls.certificates.count {
            errors.append(
                "tls.keys has \(tls.keys.count) files and tls.certificates \(tls.certificates.count); name a key for each certificate, in the same order, or none"
            )
        }
        if !tls.isServed, tls.redirects { errors.append("tls.redirect is true, but tls.certificates is empty") }
        for (index, listener) in listeners.enumerated() where listener.1 != 0 {
            for other in listeners[(index + 1)...] where other.1 == listener.1 {
                let isShared =
                    other.2 == listener.2 || [other.2, listener.2].contains { $0 == "0.0.0.0" || $0 == "::" }
                if isShared {
                    errors.append("\(listener.0) and \(other.0) are both \(other.1); give each a port of its own")
                }
            }
        }
        if server.hasProxyHeaders, http.trustedProxies.isEmpty {
            errors.append(
                "http.proxy_protocol is true, but http.trusted_proxies is empty; name the proxies that speak it")
        }
        if service.intakeLimits.event > service.intakeLimits.body {
            errors.append(
                "intake.max_event_bytes is more than intake.max_request_bytes; an event must fit into a request")
        }
        if service.fanOut.ringBytes > service.tailBytes {
            errors.append("streaming.ring_bytes is more than streaming.tail_bytes; a ring holds a part of the tail")
        }
        if embeddedLog.directory.isEmpty { errors.append("storage.data_dir is empty; name a directory for the log") }
        for broker in kafkaLog.brokers where !Self.isBroker(broker) {
            errors.append(
                "kafka.brokers has \"\(broker.prefix(80))\"; it must be HOST:PORT, such as kafka1.example:9092")
        }
        if kafkaLog.brokers.isEmpty, !intake.spoolDirectory.isEmpty {
            errors.append(
                "intake.spool_dir is for events that wait for Kafka, but kafka.brokers is empty; leave it out")
        }
        if kafkaLog.brokers.isEmpty, !kafka.properties.isEmpty {
            errors.append("kafka.properties is there, but kafka.brokers is empty; name the cluster's brokers")
        }
        if !streams.configuration.isEmpty, streams.inline != nil {
            errors.append("streams.config and streams.inline are both there; keep one")
        }
    }
}

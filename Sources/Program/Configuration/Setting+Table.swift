internal import Admission
internal import EmbeddedLog
internal import HTTP2
internal import HTTPServer
internal import History
internal import Intake
internal import KafkaLog
internal import SchemaLibrary
internal import Server
internal import Streaming

extension Setting {
    private static let ports = 0...65_535
    private static let day: Int64 = 86_400_000

    /// Every setting, in the order of the commented file.
    package static let all: [Setting] = [
        Setting("http.host", .text(\.http.host), "The address streams are served at; :: for IPv6 and IPv4."),
        Setting("http.port", .integer(\.http.port, ports), "The port streams are served at; 0 takes any that is free."),
        Setting(
            "http.event_loops", .integer(\.server.loops, 0...256),
            "Threads that serve streams; 0 is one for each core."),
        Setting(
            "http.max_connections", .limit(\.server.streamLimits.connections, 1...1_000_000),
            "Connections at once to http.port; idle ones are closed for new ones, then new ones are answered 503."),
        Setting(
            "http.max_connections_per_address", .limit(\.service.maximumStreamsPerAddress, 0...1_000_000),
            "Streams at once for one client address (IPv6: one /64). Further ones are answered 429. 0: nothing is limited by address."
        ),
        Setting(
            "http.max_sockets_per_address", .limit(\.server.streamLimits.connectionsPerAddress, 0...1_000_000),
            "Connections at once for one client address, whatever they do (429). 0: 100 more than it may have streams."),
        Setting(
            "http.new_connections_per_address", .limit(\.server.streamLimits.newPerSecondPerAddress, 0...1_000_000),
            "New connections a second for one client address, on average over ten seconds (429); 0 is no limit."),
        Setting(
            "http.new_connections", .limit(\.server.streamLimits.newPerSecond, 0...1_000_000),
            "New connections a second of all clients; further ones wait. 0 is no limit."),
        Setting(
            "http.head_timeout", .duration(\.server.limits.headMilliseconds, 100...3_600_000),
            "How long a request's head may take to arrive (408)."),
        Setting(
            "http.idle_timeout", .duration(\.server.limits.idleMilliseconds, 100...day),
            "How long a connection may wait between two requests."),
        Setting(
            "http.max_head_bytes", .bytes(\.server.limits.headBytes, 1024...(1 << 20)),
            "The size of a request's head (431). Ids may be 16 KiB."),
        Setting(
            "http.max_header_fields", .integer(\.server.limits.fields, 8...10_000),
            "Header fields of a request (431)."),
        Setting(
            "http.max_http2_streams", .integer(\.server.http2.streams, 1...10_000),
            "Requests and streams at once on one HTTP/2 connection; more are refused."),
        Setting(
            "http.max_http2_resets", .integer(\.server.http2.resetsPerSecond, 1...1_000_000),
            "Requests a second that a client of HTTP/2 may reset, over ten seconds; more end its connection."),
        Setting(
            "http.max_http2_frames", .integer(\.server.http2.framesPerSecond, 1...1_000_000),
            "Frames of each kind a second that carry nothing, over ten seconds; more end the HTTP/2 connection."),
        Setting(
            "http.trusted_proxies", .list(\.http.trustedProxies),
            "Proxies in front, as networks such as 10.0.0.0/8: only these are believed when they name a client's address."
        ),
        Setting(
            "http.proxy_protocol", .boolean(\.server.hasProxyHeaders),
            "Whether their connections begin with a header of the PROXY protocol (version 1 or 2) that names the client."
        ),
        Setting(
            "http.client_address_headers", .list(\.http.clientAddressHeaders),
            "What is believed of them, in this order: x-client-ip, x-forwarded-for, forwarded. Name only what they set or remove."
        ),
        Setting(
            "http.shutdown_delay", .duration(\.http.shutdownDelay, 0...3_600_000),
            "How long a server that is to stop says so (/readyz) and goes on, before it takes no new connections: what a load balancer needs to notice."
        ),
        Setting(
            "http.drain_time", .duration(\.http.drainTime, 0...3_600_000),
            "How long a stop takes to end all streams, spread so that clients do not all come back at once."),
        Setting(
            "http.connection_max_age", .duration(\.service.fanOut.maximumAge, 0...365 * day),
            "End streams in order after this time (0: never); clients then resume elsewhere."),
        Setting(
            "http.public_dir", .text(\.http.publicDirectory),
            "The web page's files. Empty: `public` here or beside the program, or `../share/eventstreams/public` beside the program."
        ),
        Setting(
            "tls.certificates", .list(\.tls.certificates),
            "Serve streams over TLS too, with these certificates: files in PEM, each followed by those that vouch for it. The first is for clients that name no other's host. Empty: no TLS."
        ),
        Setting(
            "tls.keys", .list(\.tls.keys),
            "Files of their private keys, in PEM and the same order. Empty: each stands in its certificate's file."),
        Setting("tls.host", .text(\.tls.host), "The address streams are served at over TLS. Empty: http.host."),
        Setting("tls.port", .integer(\.tls.port, ports), "The port streams are served at over TLS."),
        Setting(
            "tls.redirect", .boolean(\.tls.redirects),
            "Whether http.port answers everything but /healthz and /readyz with a redirect to HTTPS."),
        Setting(
            "tls.redirect_port", .integer(\.tls.redirectPort, ports),
            "The port that redirects name, where clients see another than tls.port; 0: tls.port."),
        Setting(
            "tls.hsts", .duration(\.server.strictTransport, 0...3650 * day),
            "How long browsers that came over TLS are to come by nothing else (HSTS); 0 says nothing of it."),
        Setting(
            "tls.handshake_timeout", .duration(\.server.limits.handshakeMilliseconds, 100...3_600_000),
            "How long a TLS handshake may take."),
        Setting(
            "tls.handshakes", .limit(\.server.handshakes.perSecond, 0...1_000_000),
            "TLS handshakes a second of all clients; further ones wait. A core does about 1,400. 0 is no limit."),
        Setting(
            "tls.handshakes_per_address", .limit(\.server.handshakes.perSecondPerAddress, 0...1_000_000),
            "TLS handshakes a second for one client address, on average over ten seconds; further ones are closed. 0 is no limit."
        ),
        Setting(
            "tls.ticket_lifetime", .duration(\.tls.ticketLifetime, 60_000...7 * day),
            "How long clients may resume a TLS session; a key for their tickets is made as often, and the one before it still accepted."
        ),
        Setting(
            "tls.look_interval", .duration(\.tls.lookInterval, 0...day),
            "How often the files of certificates and keys are read, to take over new ones; 0 is at SIGHUP only."),
        Setting(
            "tls.kernel", .boolean(\.tls.isByKernel),
            "Whether the kernel encrypts what streams are sent, where it has the module tls (modprobe tls)."),
        Setting("intake.host", .text(\.intake.host), "The address events are posted to. Whoever reaches it can post."),
        Setting("intake.port", .integer(\.intake.port, ports), "The port events are posted to."),
        Setting(
            "intake.max_connections", .limit(\.server.intakeLimits.connections, 1...1_000_000),
            "Connections at once to intake.port (503)."),
        Setting(
            "intake.max_request_bytes", .bytes(\.service.intakeLimits.body, 1024...(1 << 30)),
            "The size of one request (413)."),
        Setting(
            "intake.max_request_events", .integer(\.service.intakeLimits.events, 1...1_000_000),
            "Events in one request (400)."),
        Setting(
            "intake.max_all_request_bytes", .bytes(\.server.allIntakeRequestBytes, 1024...(1 << 40)),
            "Memory for the bodies of all requests that are being read or stored (503)."),
        Setting(
            "intake.max_event_bytes", .bytes(\.service.intakeLimits.event, 256...(1 << 28)),
            "The size of one event (413)."),
        Setting(
            "intake.idempotency_window", .duration(\.service.recentEvents.window, 0...day),
            "How long an event that comes again in its stream (`meta.id`, Idempotency-Key) is not stored again. 0: always stored."
        ),
        Setting(
            "intake.idempotency_bytes", .bytes(\.service.recentEvents.bytes, (1 << 20)...(1 << 34)),
            "Memory for those events, 40 bytes each; when it is full, the oldest are forgotten before their time."),
        Setting(
            "intake.topic_prefix", .text(\.intake.topicPrefix),
            "Of a stream's topics, events go to the one that begins so, such as eqiad. here. Empty: to the first."),
        Setting(
            "intake.require_schema", .boolean(\.service.requiresSchemas),
            "Whether streams without a `schema_title` take no events, where there are schemas (schemas.repositories)."),
        Setting(
            "intake.error_stream", .text(\.service.validationErrorStream),
            "The stream that tells of events which don't follow their schema, where there is such a stream."),
        Setting(
            "intake.eventgate_statuses", .boolean(\.service.answersAsEventGate),
            "Whether answers have EventGate's statuses (500 for what can't be read or is in no stream) and nothing but its members."
        ),
        Setting(
            "intake.cors_origin", .text(\.service.intakeOrigin),
            "Whose pages may post and read the answer: * for all, an origin such as https://example.org, or empty for none."
        ),
        Setting(
            "intake.test_events", .text(\.intake.testEvents),
            "A file of JSON: an event, or an array of them, which `GET /v1/_test/events` posts. Empty: there is no such path."
        ),
        Setting(
            "intake.stream_events", .integer(\.service.streamEvents.events, 0...1_000_000_000),
            "Events a second that a stream may have, on average over ten seconds (429); 0 is no limit."),
        Setting(
            "intake.stream_bytes", .bytes(\.service.streamEvents.bytes, 0...(1 << 40)),
            "Bytes of events a second that a stream may have, on average over ten seconds (429); 0 is no limit."),
        Setting(
            "intake.address_events", .integer(\.service.addressEvents.events, 0...1_000_000_000),
            "Events a second that a client address (IPv6: one /64) may post, on average over ten seconds (429); 0 is no limit."
        ),
        Setting(
            "intake.address_bytes", .bytes(\.service.addressEvents.bytes, 0...(1 << 40)),
            "Bytes a second that a client address may post, on average over ten seconds (429); 0 is no limit."),
        Setting(
            "intake.spool_dir", .text(\.intake.spoolDirectory),
            "With Kafka: a directory where hasty events are kept from the answer on until the cluster has them. Empty: in memory."
        ),
        Setting(
            "intake.spool_bytes", .bytes(\.intake.spoolBytes, (1 << 20)...(1 << 44)),
            "How much may wait there; further hasty events are answered 503."),
        Setting("admin.host", .text(\.admin.host), "The address of metrics and health."),
        Setting("admin.port", .integer(\.admin.port, ports), "The port of metrics and health."),
        Setting(
            "admin.max_connections", .limit(\.server.adminLimits.connections, 1...1_000_000),
            "Connections at once to admin.port (503)."),
        Setting(
            "streams.config", .text(\.streams.configuration),
            "The stream configuration: a YAML or JSON file, a directory of such files, or an http(s) URI. Empty: the demo's streams."
        ),
        Setting(
            "streams.config_path", .text(\.streams.configurationPath),
            "Where in the document the streams are, in steps with dots. Empty: `streams`, or the whole."),
        Setting(
            "streams.ttl", .duration(\.streams.timeToLive, 0...365 * day),
            "How often the stream configuration is read again; 0 is never. A failed reload keeps the old one."),
        Setting(
            "streams.allow_shrink", .boolean(\.streams.allowsShrinking),
            "Whether reading it again may take out more than half of the streams; else that is a failed reload."),
        Setting(
            "streams.allowed", .list(\.streams.allowed), "Serve only these streams. Empty: all that are configured."),
        Setting(
            "schemas.repositories", .list(\.schemas.repositories),
            "Repositories of schemas: directories and http(s) addresses, of which the first that has a schema counts. Empty: no schemas."
        ),
        Setting(
            "schemas.cache_dir", .text(\.schemas.cacheDirectory),
            "Where schemas from addresses are kept, so that they are there when their source is not. Empty: `schemas` in storage.data_dir."
        ),
        Setting(
            "schemas.precache", .list(\.schemas.precached),
            "Schemas fetched at the start, such as /mediawiki/recentchange/latest, so that no event waits for them."),
        Setting(
            "schemas.refresh", .duration(\.schemas.refreshInterval, 0...365 * day),
            "How often repositories are looked through for what is new; 0 is never. What can't be had leaves the old in force."
        ),
        Setting(
            "schemas.fetch_timeout", .integer(\.schemas.fetchTimeout, 1...600),
            "Seconds that an address may be silent before it counts as away."),
        Setting(
            "schemas.allow_insecure", .boolean(\.service.allowsInsecureSchemas),
            "Whether schemas are used by which validating may take long: patterns and formats without a greatest length."
        ),
        Setting(
            "canaries.interval", .duration(\.canaryInterval, 0...day),
            "How often a canary event is sent through each stream that has canary_events_enabled; 0 is never. They need schemas.repositories."
        ),
        Setting(
            "status.fresh_for", .duration(\.service.freshFor, 1000...365 * day),
            "How old the newest event of a stream may be for /v2/status to call it fresh."),
        Setting(
            "status.directory", .text(\.statusDirectory),
            "Where the last day's figures of /v2/status are kept over a restart. Empty: storage.data_dir; with kafka.brokers, in memory only."
        ),
        Setting("storage.data_dir", .text(\.embeddedLog.directory), "The directory of the log. One server at a time."),
        Setting(
            "storage.retention_age", .duration(\.retentionAge, 0...3650 * day),
            "How long events are kept; 0 is for ever."),
        Setting(
            "storage.retention_bytes", .byteLimit(\.embeddedLog.retention.maximumBytes, 0...(1 << 50)),
            "How much is kept of each topic; 0 is all."),
        Setting(
            "storage.minimum_free_bytes", .byteLimit(\.embeddedLog.minimumFreeBytes, 0...(1 << 50)),
            "How much of the disk stays free: with less, posts are answered 503. 0 is 128 MiB, or a tenth of a smaller disk."
        ),
        Setting(
            "storage.clock_wait", .span(\.embeddedLog.clockWait, 0...365 * day),
            "How long no events are removed for their age by a clock that has jumped."),
        Setting(
            "storage.durability", .choice(\.durability, ["full", "normal"]),
            "full: an acknowledged event survives a power failure; normal: a crash of the process."),
        Setting(
            "kafka.brokers", .list(\.kafkaLog.brokers),
            "Keep the log in this Kafka cluster: HOST:PORT of some of its brokers. Empty: the log is in storage.data_dir."
        ),
        Setting(
            "kafka.create_topics", .boolean(\.kafka.createsTopics),
            "Create the topics of the stream configuration that the cluster lacks. Otherwise they are empty until they are there."
        ),
        Setting(
            "kafka.replication_factor", .integer(\.kafkaLog.replicationFactor, 0...100),
            "Of topics that are created; 0: as the brokers are set."),
        Setting(
            "kafka.readers", .integer(\.kafkaLog.readers, 1...64),
            "Consumers for clients far behind, shared by all of them."),
        Setting(
            "kafka.topic_refresh", .span(\.kafkaLog.refreshInterval, 100...3_600_000),
            "How often the cluster is asked for new topics and partitions."),
        Setting(
            "kafka.unavailable_grace", .span(\.kafkaLog.grace, 0...3_600_000),
            "How long the cluster may be out of reach before /readyz says so."),
        Setting(
            "kafka.limits_topic", .text(\.service.limitsTopic),
            "A topic by which servers tell one another how many streams each client has, so that limits hold wherever it lands. Empty: each server counts alone."
        ),
        Setting(
            "streaming.tail_bytes", .bytes(\.service.tailBytes, 1 << 16...(1 << 40)),
            "Memory for the newest events, from which clients a little behind are served."),
        Setting(
            "streaming.ring_bytes", .bytes(\.service.fanOut.ringBytes, 1 << 14...(1 << 32)),
            "Memory for the encoded events of one subscription on one event loop that slow clients have yet to get."),
        Setting(
            "streaming.max_all_ring_bytes", .bytes(\.service.fanOut.allRingsBytes, 1 << 20...(1 << 40)),
            "The same for all subscriptions of an event loop together; above it those that hold most are cut down."),
        Setting(
            "streaming.gzip", .choice(\.gzip, ["never", "asked", "auto", "accept"]),
            "Compress streams, once for all of a subscription. asked: where a request has encoding=gzip; auto: also for browsers "
                + "and curl that accept it; accept: for all that accept it, though many only seem to."),
        Setting(
            "streaming.heartbeat", .duration(\.service.heartbeat, 1_000...60_000),
            "A silent stream gets a heartbeat this often, unless the client asks for another time."),
        Setting(
            "streaming.stall_timeout", .duration(\.service.fanOut.stallTimeout, 1_000...day),
            "A client that takes nothing for this long is cut off."),
        Setting(
            "streaming.max_unsent_bytes", .bytes(\.server.maximumUnsentBytes, 4096...(1 << 30)),
            "What a client's socket may hold: what was sent and not taken, and what was not sent yet."),
        Setting(
            "streaming.max_all_unsent_bytes", .bytes(\.service.fanOut.allUnsentBytes, 1 << 20...(1 << 40)),
            "What all clients' sockets may hold; above it the slowest are cut off."),
        Setting(
            "streaming.max_all_own_bytes", .bytes(\.service.fanOut.allOwnBytes, 1 << 20...(1 << 40)),
            "What the server itself may hold for clients that stop reading in the middle of an event; above it the slowest are "
                + "cut off."),
        Setting(
            "streaming.replay_bytes_per_second", .bytes(\.service.fanOut.replayBytesPerSecond, 0...(1 << 40)),
            "What a client that catches up is sent in a second; 0: as much as it takes. Must be above what its streams grow by."
        ),
        Setting(
            "streaming.replay_block_bytes", .bytes(\.service.replayBlockBytes, 4096...(1 << 30)),
            "How much is read from the log at a time for clients far behind."),
        Setting(
            "streaming.block_cache_bytes", .bytes(\.service.blockCacheBytes, 0...(1 << 40)),
            "Memory for what was read from the log, shared by all clients."),
        Setting(
            "streaming.summary_fields", .list(\.service.summaryFields),
            "Fields whose values are summed up for each part of the log, so that a filter on them skips the parts that it can't "
                + "match. Eight at most; none: nothing is skipped."),
        Setting(
            "streaming.summary_bytes", .bytes(\.service.summaryBytes, 0...(1 << 40)),
            "Memory for these sums: 500 bytes for 256 events and three fields."),
        Setting(
            "streaming.lookups", .integer(\.service.lookups.running, 1...1_000),
            "Starts of streams (since, last, old ids) that an event loop has the log asked for at once."),
        Setting(
            "streaming.lookups_per_address", .integer(\.service.lookups.runningPerAddress, 1...1_000),
            "As many of them for one client address."),
        Setting(
            "streaming.lookup_queue", .integer(\.service.lookups.waiting, 0...1_000_000),
            "Starts that wait on an event loop; beyond it clients get 503 with Retry-After."),
        Setting(
            "streaming.lookup_queue_per_address", .integer(\.service.lookups.waitingPerAddress, 0...1_000_000),
            "As many of them for one client address."),
        Setting(
            "streaming.last_records", .integer(\.service.search.records, 1...1_000_000_000),
            "Records that a search for the last events looks through at most, in all partitions together."),
        Setting(
            "streaming.last_bytes", .bytes(\.service.search.bytes, 4096...(1 << 40)),
            "Bytes that a search for the last events looks through at most, in all partitions together."),
        Setting(
            "streaming.replay_turn_bytes", .bytes(\.service.fanOut.replayTurnBytes, 4096...(1 << 30)),
            "What clients far behind may be sent in one turn of an event loop, before the others are looked after."),
        Setting(
            "logging.level", .choice(\.logging.level, ["trace", "debug", "info", "notice", "warning", "error"]),
            "The least important lines that are written."),
        Setting(
            "logging.format", .choice(\.logging.format, ["text", "json"]), "How lines are written, to standard error."),
        Setting(
            "logging.access_lines", .integer(\.logging.accessLines, 0...1_000_000),
            "A line for each stream that ended and each request that was refused, so many a second at most; 0 is none."),
        Setting("demo.enabled", .boolean(\.demo.isEnabled), "Make invented events, to try the service out."),
        Setting("demo.rate", .integer(\.demo.rate, 1...10_000), "Invented events a second."),
    ]

    /// Sections of the file whose content other modules read.
    package static let sections: [(key: String, help: String)] = [
        (
            "kafka.properties",
            "Properties of librdkafka, such as {security.protocol: SASL_SSL}; a value may be {file: PATH} or {variable: NAME}."
        ),
        ("streams.inline", "Streams configured in place: a mapping as in the stream configuration."),
        (
            "http.tiers",
            "Kinds of clients with limits of their own, by key, address or User-Agent; see docs/operating.md."
        ),
        ("redaction", "Rules for what is removed from events before anybody sees them; see docs/operating.md."),
        (
            "mediawiki_redacted_pages",
            "Page titles by domain whose editors are removed from events; see docs/operating.md."
        ),
    ]

    package static func named(_ key: String) -> Setting? { all.first { $0.key == key } }
}

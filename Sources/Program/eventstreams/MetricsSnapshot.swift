internal import Admission
internal import Canaries
internal import Consumption
internal import EmbeddedLog
internal import EventFormats
internal import EventLog
internal import History
internal import Intake
internal import KafkaLog
internal import Live
internal import Server
internal import Streaming
internal import Synchronization
internal import Telemetry
internal import Time

/// The text of `/metrics`, made anew once a second, so that a scrape never waits for a loop.
final class MetricsSnapshot: Sendable {
    private let box = Mutex<[UInt8]>([])
    private let access: AccessLog?
    private let certificates: Certificates?

    init(_ access: AccessLog?, _ certificates: Certificates?) {
        self.access = access
        self.certificates = certificates
    }

    var text: [UInt8] { box.withLock { $0 } }

    func refresh(_ service: EventService, _ log: ServedLog) async {
        while !Task.isCancelled {
            let leftOut = Metric(
                "eventstreams_access_lines_left_out_total", .counter,
                "Lines of the access log left out because there were more than logging.access_lines in a second.",
                access?.leftOut ?? 0)
            let ends = Metric(
                "eventstreams_tls_certificate_end_seconds", .gauge, "When a certificate ends to be valid. Unix time.",
                labels: ["file"], (certificates?.ends ?? []).map { Metric.Sample([$0.file], Double($0.at)) })
            let metrics = Self.metrics(await service.numbers()) + (await Self.metrics(log)) + [leftOut, ends]
            let text = MetricsText.render(metrics + ProcessMetrics.collect())
            box.withLock { $0 = text }
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private static func metrics(_ numbers: ServiceNumbers) -> [Metric] {
        let now = WallClock.now()
        let ages = numbers.topics.compactMap { topic, entry in
            entry.newest.map { Metric.Sample([topic], Double(max(0, now - $0)) / 1000) }
        }
        func consumers(_ value: (ConsumerUse) -> Int) -> [Metric.Sample] {
            numbers.consumers.map { .init([$0.agent.description, $0.stream], Double(value($0.use))) }
        }
        let fanOut = numbers.fanOut
        return [
            Metric(
                "eventstreams_connected_clients", .gauge, "Clients that follow a stream.", label: "stream",
                numbers.clients.map { ($0.key, $0.value) }),
            Metric(
                "eventstreams_consumer_clients", .gauge, "Clients that follow a stream, by program (User-Agent).",
                labels: ["agent", "stream"], consumers { $0.clients }),
            Metric(
                "eventstreams_consumer_streams_total", .counter, "Streams begun, by program.",
                labels: ["agent", "stream"], consumers { $0.opened }),
            Metric(
                "eventstreams_consumer_sent_bytes_total", .counter, "Bytes of streams sent, by program.",
                labels: ["agent", "stream"], consumers { $0.bytes }),
            Metric("eventstreams_events_sent_total", .counter, "Events sent to clients.", fanOut.eventsSent),
            Metric("eventstreams_sent_bytes_total", .counter, "Bytes of streams sent to clients.", fanOut.bytesSent),
            Metric(
                "eventstreams_heartbeats_sent_total", .counter, "Heartbeats sent to clients.", fanOut.heartbeatsSent),
            Metric(
                "eventstreams_events_received_total", .counter, "Events read from the log as they came in.",
                label: "topic",
                numbers.topics.map { ($0.key, $0.value.events) }),
            Metric(
                "eventstreams_records_skipped_total", .counter, "Records read from the log that are no events.",
                label: "topic", numbers.topics.map { ($0.key, $0.value.skipped) }),
            Metric(
                "eventstreams_newest_event_age_seconds", .gauge, "Time since the newest event's timestamp.",
                labels: ["topic"], ages),
            Metric(
                "eventstreams_stream_healthy", .gauge,
                "Whether the last canary of a stream came through; 0: it did not.", label: "stream",
                numbers.canaries.map { ($0.key, $0.value.isHealthy ? 1 : 0) }),
            Metric(
                "eventstreams_canary_age_seconds", .gauge,
                "Time since the last canary of a stream that came through was sent.", labels: ["stream"],
                numbers.canaries.compactMap { stream, entry in
                    entry.seen.map { Metric.Sample([stream], Double(max(0, now - $0)) / 1000) }
                }),
            Metric(
                "eventstreams_unsent_bytes", .gauge,
                "What clients' sockets held when each was last looked at, which is every few seconds.",
                fanOut.unsentBytes),
            Metric(
                "eventstreams_own_bytes", .gauge,
                "What the server itself holds for clients: the rests of events that their sockets did not take.",
                fanOut.ownBytes),
            Metric(
                "eventstreams_ring_bytes", .gauge,
                "Memory of encoded events that slow clients have yet to get, of all subscriptions.", fanOut.ringBytes),
            Metric(
                "eventstreams_rings_trimmed_total", .counter,
                "How often a subscription's encoded events were cut down because all together took too much memory.",
                fanOut.ringsTrimmed),
            Metric(
                "eventstreams_progress_sent_total", .counter, "Ids without an event sent to clients.",
                fanOut.progressSent),
            Metric(
                "eventstreams_outdated_blocks_total", .counter,
                "Blocks of the log that were read before the rules changed, and were read again.",
                fanOut.outdatedBlocks),
            Metric(
                "eventstreams_evictions_total", .counter, "Clients cut off.", label: "reason",
                EvictionReason.allCases.map { ($0.rawValue, fanOut.evictions[$0] ?? 0) }),
            Metric(
                "eventstreams_gaps_total", .counter, "Gaps told to clients.", label: "reason",
                Gap.Reason.allCases.map { ($0.rawValue, fanOut.gaps[$0] ?? 0) }),
            Metric("eventstreams_streams_ended_total", .counter, "Streams ended in order.", fanOut.ended),
            Metric(
                "eventstreams_connections_refused_total", .counter,
                "Requests and connections refused before a stream began.",
                label: "reason",
                numbers.refused.map { ($0.key, $0.value) } + [
                    ("address_limit", numbers.limits.refusedAddress), ("stream_limit", numbers.limits.refusedTotal),
                ]),
            Metric(
                "eventstreams_tier_streams_total", .counter, "Streams given to clients of each tier.", label: "tier",
                numbers.tiers.map { ($0.key, $0.value.served) }),
            Metric(
                "eventstreams_tier_refused_total", .counter, "Streams refused to clients of each tier.", label: "tier",
                numbers.tiers.map { ($0.key, $0.value.refused) }),
            Metric(
                "eventstreams_limits_servers", .gauge,
                "Other servers whose clients' streams count against the limits of this one.", numbers.sharingServers),
            Metric("eventstreams_connections", .gauge, "Connections, of all kinds.", numbers.connections),
            Metric(
                "eventstreams_loop_connections", .gauge, "Connections of each event loop.", label: "loop",
                numbers.connectionsByLoop.enumerated().map { ("\($0)", $1) }),
            Metric(
                "eventstreams_listener_connections", .gauge, "Connections of each listener.", label: "listener",
                numbers.connectionsByListener),
            Metric(
                "eventstreams_connections_dropped_total", .counter,
                "Connections closed without a word, because too many were being refused.", numbers.connectionsDropped),
            Metric(
                "eventstreams_proxy_headers_wrong_total", .counter,
                "Connections of trusted proxies that did not begin with a header of the PROXY protocol.",
                numbers.wrongProxyHeaders),
            Metric(
                "eventstreams_idle_connections_closed_total", .counter,
                "Connections between two requests that were closed to make room for others.", numbers.connectionsShed),
            Metric(
                "eventstreams_answers_given_up_total", .counter,
                "Answers given up because too many bytes of answers were not taken, by all or by one address.",
                numbers.answersGivenUp),
            Metric(
                "eventstreams_accept_pauses_total", .counter, "How often accepting connections stopped for a while.",
                label: "reason", [("descriptors", numbers.acceptFailures), ("rate", numbers.acceptWaits)]),
            Metric(
                "eventstreams_http2_connections_total", .counter, "Connections that speak HTTP/2.",
                numbers.http2Connections),
            Metric(
                "eventstreams_http2_abuse_total", .counter,
                "HTTP/2 connections ended because they wore the server out.", label: "kind",
                numbers.http2Abuses.map { ($0.key, $0.value) }),
            Metric(
                "eventstreams_tls_handshakes_total", .counter, "TLS handshakes that are over.", label: "outcome",
                numbers.handshakes.map { ($0.key, $0.value) }),
            Metric(
                "eventstreams_tls_resumed_total", .counter, "TLS handshakes completed by a ticket.",
                numbers.handshakesResumed),
            Metric(
                "eventstreams_tls_connections_total", .counter, "TLS handshakes completed.", label: "version",
                numbers.tlsVersions.map { ($0.key, $0.value) }),
            Metric(
                "eventstreams_tls_handshake_waits_total", .counter,
                "How often TLS handshakes had to wait, because there were more than tls.handshakes in a second.",
                numbers.handshakeWaits),
            Metric(
                "eventstreams_tls_kernel_connections_total", .counter,
                "TLS connections for which the kernel has begun to encrypt.",
                numbers.connectionsByKernel),
            Metric("eventstreams_requests_total", .counter, "Requests read.", numbers.requests),
            Metric("eventstreams_client_addresses", .gauge, "Client addresses with streams.", numbers.limits.addresses),
            Metric("eventstreams_feeds", .gauge, "Different subscriptions, on all event loops.", fanOut.feeds),
            Metric(
                "eventstreams_frames_encoded_total", .counter, "Events encoded, once for all of a feed's clients.",
                fanOut.framesEncoded),
            Metric(
                "eventstreams_gzip_feeds", .gauge, "Subscriptions that are compressed, on all event loops.",
                fanOut.gzipFeeds),
            Metric(
                "eventstreams_gzip_refused_total", .counter,
                "Streams sent uncompressed because an event loop compressed too many subscriptions.", fanOut.gzipRefused
            ),
            Metric(
                "eventstreams_gzip_input_bytes_total", .counter,
                "Bytes before compression, each counted once for all of a feed's clients.", fanOut.gzipInputBytes),
            Metric(
                "eventstreams_gzip_output_bytes_total", .counter,
                "Bytes after compression, each counted once for all of a feed's clients.", fanOut.gzipOutputBytes),
            Metric(
                "eventstreams_replaying_clients", .gauge, "Clients that are behind, and catch up.", fanOut.replaying),
            Metric(
                "eventstreams_lookups_running", .gauge, "Starts of streams that the log is asked for.",
                numbers.lookups.running),
            Metric(
                "eventstreams_lookups_waiting", .gauge, "Starts of streams that wait for their turn.",
                numbers.lookups.waiting),
            Metric("eventstreams_lookups_total", .counter, "Starts of streams looked up.", numbers.lookups.begun),
            Metric(
                "eventstreams_lookups_shared_total", .counter, "Starts of streams had from another client's lookup.",
                numbers.lookups.shared),
            Metric(
                "eventstreams_lookups_abandoned_total", .counter,
                "Lookups given up because their clients had left.", numbers.lookups.abandoned),
            Metric(
                "eventstreams_lookups_refused_total", .counter,
                "Streams refused because too many lookups waited.", numbers.lookups.refused),
            Metric("eventstreams_tail_bytes", .gauge, "Memory of the newest events.", numbers.tailBytes),
            Metric("eventstreams_tail_partitions", .gauge, "Partitions followed.", numbers.tailPartitions),
            Metric("eventstreams_block_cache_bytes", .gauge, "Memory of blocks read for replay.", numbers.blockBytes),
            Metric(
                "eventstreams_blocks_read_total", .counter, "Blocks read from the log for replay.", numbers.blockReads),
            Metric(
                "eventstreams_blocks_reused_total", .counter, "Blocks had from memory for replay.", numbers.blockHits),
            Metric(
                "eventstreams_blocks_passed_total", .counter,
                "Blocks that readers with filters passed over, for they could not match.", numbers.blockPasses),
            Metric(
                "eventstreams_block_summaries_bytes", .gauge, "Memory of blocks' summaries.", numbers.summaryBytes),
            Metric(
                "eventstreams_intake_events_total", .counter, "Events posted.", label: "result",
                [
                    ("stored", numbers.eventsStored), ("refused", numbers.eventsRefused), ("lost", numbers.eventsLost),
                    ("duplicate", numbers.eventsDuplicate),
                ]),
            Metric(
                "eventstreams_intake_over_quota_total", .counter,
                "Requests refused, or parts of them, because an address or a stream had too many events.",
                label: "of", [("address", numbers.addressesOverQuota), ("stream", numbers.streamsOverQuota)]),
            Metric(
                "eventstreams_intake_spool_events", .gauge, "Hasty events that wait on the disk for the log.",
                numbers.spool?.events ?? 0),
            Metric(
                "eventstreams_intake_spool_bytes", .gauge, "Their bytes.", numbers.spool?.bytes ?? 0),
            Metric(
                "eventstreams_intake_known_events", .gauge, "Events that would not be stored again.",
                numbers.recentEvents.events),
            Metric(
                "eventstreams_intake_known_events_bytes", .gauge, "Memory of those events.",
                numbers.recentEvents.bytes),
            Metric(
                "eventstreams_intake_known_events_forgotten_total", .counter,
                "Events forgotten before intake.idempotency_window was over, because intake.idempotency_bytes were full.",
                numbers.recentEvents.forgotten),
        ]
    }

    private static func metrics(_ log: ServedLog) async -> [Metric] {
        switch log {
        case .embedded(let log): metrics(await log.statistics())
        case .kafka(let log): metrics(log.statistics)
        }
    }

    private static func metrics(_ kafka: KafkaStatistics) -> [Metric] {
        [
            Metric(
                "eventstreams_kafka_reachable", .gauge, "Whether the cluster answered when it was asked last.",
                kafka.isReachable ? 1 : 0),
            Metric(
                "eventstreams_kafka_received_bytes_total", .counter, "Bytes from the brokers, as of a few seconds ago.",
                kafka.receivedBytes),
            Metric(
                "eventstreams_kafka_records_fetched_total", .counter, "Records read from the cluster.", label: "reader",
                [("live", kafka.liveRecords), ("history", kafka.historyRecords)]),
            Metric(
                "eventstreams_kafka_fetches_total", .counter, "Fetches of records that were not live any more.",
                kafka.fetches),
            Metric(
                "eventstreams_kafka_partitions_unread", .gauge,
                "Partitions that are there and can't be read: without a leader, forbidden or in other trouble.",
                kafka.unreadPartitions),
        ]
    }

    private static func metrics(_ log: LogStatistics) -> [Metric] {
        [
            Metric("eventstreams_log_records", .gauge, "Records kept.", Double(log.records)),
            Metric("eventstreams_log_bytes", .gauge, "Bytes of the records kept.", Double(log.bytes)),
            Metric("eventstreams_log_file_bytes", .gauge, "Size of the log's file.", Double(log.fileBytes)),
            Metric("eventstreams_log_commits_total", .counter, "Commits to the log.", Double(log.commits)),
            Metric(
                "eventstreams_log_failed_commits_total", .counter, "Commits that failed.", Double(log.failedCommits)),
            Metric(
                "eventstreams_log_removed_records_total", .counter, "Records removed by retention.",
                Double(log.removedRecords)),
            Metric(
                "eventstreams_log_clock_jump_seconds", .gauge,
                "How far the clock is ahead of what it should be, while retention does not go by it.",
                Double(log.clockDistance) / 1000),
        ]
    }
}

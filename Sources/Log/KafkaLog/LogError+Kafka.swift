internal import CRdKafka
internal import EventLog

// What librdkafka's error codes mean to the log.

extension rd_kafka_resp_err_t {
    /// librdkafka's own sentence.
    var text: String { unsafe String(cString: rd_kafka_err2str(self)) }

    var isUnknownTopic: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
            true
        default: false
        }
    }

    /// The instance may know the topic as it was a while ago.
    var isStaleTopology: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
            RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
            true
        default: isUnknownTopic
        }
    }

    var isOutOfRange: Bool {
        self == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || self == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE
    }

    /// What an instance says of a broker it can't use.
    var isBrokerFailure: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__AUTHENTICATION,
            RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__TIMED_OUT:
            true
        default: false
        }
    }

    /// What stays wrong until somebody changes it.
    var isRefusal: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR__AUTHENTICATION,
            RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, RD_KAFKA_RESP_ERR__SSL:
            true
        default: false
        }
    }
}

extension rd_kafka_resp_err_t {
    /// A batch of records can't be read: its checksum is wrong, it can't be unpacked, or the broker says that it is damaged.
    var isDamage: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
            RD_KAFKA_RESP_ERR_INVALID_MSG:
            true
        default: false
        }
    }
}

extension LogError {
    /// Why a partition can't be asked. Whether it exists at all, `Control.explain` finds out.
    init(_ code: rd_kafka_resp_err_t, _ partition: TopicPartition) {
        self = .unavailable("Kafka: \(partition): \(code.text)")
    }
}

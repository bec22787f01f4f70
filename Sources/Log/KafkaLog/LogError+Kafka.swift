internal import CRdKafka
internal import EventLog

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

extension LogError {
    init(_ code: rd_kafka_resp_err_t, _ partition: TopicPartition) {
        self = code.isUnknownTopic ? .topicNotFound(partition.topic) : .unavailable("Kafka: \(code.text)")
    }
}

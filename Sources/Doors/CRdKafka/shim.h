#pragma once
#include <librdkafka/rdkafka.h>

// Swift can't call functions with variable arguments. The library copies key and value before this returns; a NULL key is
// none, which an empty one is not.
static inline rd_kafka_resp_err_t crdkafka_produce(rd_kafka_t *client, const char *topic, int64_t timestamp,
                                                   const void *key, size_t key_length, const void *value,
                                                   size_t value_length, void *opaque) {
    return rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_TIMESTAMP(timestamp),
                             RD_KAFKA_V_KEY((void *)key, key_length), RD_KAFKA_V_VALUE((void *)value, value_length),
                             RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
}

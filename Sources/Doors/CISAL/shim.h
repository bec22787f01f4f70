#pragma once
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

// A compressor of level 1 with the room that the level wants. Its arrays are larger than Swift imports, so Swift has its
// address only.
typedef struct {
    struct isal_zstream stream;
    uint8_t room[ISAL_DEF_LVL1_SMALL];
} cisal_deflater;

// NULL: there is no memory.
static inline void *cisal_deflater_new(void) {
    cisal_deflater *deflater = malloc(sizeof *deflater);
    if (!deflater) return NULL;
    isal_deflate_init(&deflater->stream);
    deflater->stream.level = 1;
    deflater->stream.level_buf = deflater->room;
    deflater->stream.level_buf_size = sizeof deflater->room;
    deflater->stream.flush = SYNC_FLUSH;
    return deflater;
}

static inline void cisal_deflater_free(void *deflater) { free(deflater); }

static inline void cisal_deflater_reset(void *deflater) { isal_deflate_reset(&((cisal_deflater *)deflater)->stream); }

// Compresses and flushes, as far as there is room. The result says only whether the parameters above make sense.
static inline void cisal_deflater_flush(
    void *deflater, const uint8_t *input, uint32_t *input_count, uint8_t *output, uint32_t *output_room) {
    struct isal_zstream *stream = &((cisal_deflater *)deflater)->stream;
    stream->next_in = (uint8_t *)input;
    stream->avail_in = *input_count;
    stream->next_out = output;
    stream->avail_out = *output_room;
    (void)isal_deflate(stream);
    *input_count = stream->avail_in;
    *output_room = stream->avail_out;
}

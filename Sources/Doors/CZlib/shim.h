#pragma once
#include <zlib.h>

// inflateInit2 is a macro. 15 + 16: the largest window, and gzip framing only.
static inline int czlib_gzip_reader_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

// deflateInit2 is a macro. -15: the largest window, and no framing at all. 6: with a flush after every few thousand bytes
// more memory than that makes nothing smaller.
static inline int czlib_raw_deflater_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, -15, 6, Z_DEFAULT_STRATEGY);
}

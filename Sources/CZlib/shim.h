#pragma once
#include <zlib.h>

// inflateInit2 is a macro. 15 + 16: the largest window, and gzip framing only.
static inline int czlib_gzip_reader_init(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

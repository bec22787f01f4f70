// Looks at sixteen bytes at once, with the processor's vector instructions where it has them: Swift's own vectors are too slow for
// that in 6.3.

#ifndef CBYTES_H
#define CBYTES_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Bit n: byte n of these sixteen is no plain character of a JSON string, but a quote, a backslash, a control character or a part of
/// a character beyond ASCII.
static inline uint32_t cbytes_marks(const void *_Nonnull bytes) {
#if defined(__SSE2__)
    __m128i sixteen = _mm_loadu_si128((const __m128i *)bytes);
    __m128i quotes = _mm_cmpeq_epi8(sixteen, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(sixteen, _mm_set1_epi8('\\'));
    // Signed: what is beyond ASCII is below 0.
    __m128i others = _mm_cmplt_epi8(sixteen, _mm_set1_epi8(0x20));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), others));
#else
    uint32_t marks = 0;
    for (int place = 0; place < 16; place++) {
        uint8_t byte = ((const uint8_t *)bytes)[place];
        marks |= (uint32_t)(byte == '"' || byte == '\\' || byte < 0x20 || byte >= 0x80) << place;
    }
    return marks;
#endif
}

#endif

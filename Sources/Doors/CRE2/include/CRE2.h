// What Swift needs of RE2, in C: a pattern is compiled once and searched in many texts, in time linear in the text.

#ifndef CRE2_H
#define CRE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

/// Compiles a pattern in UTF-8. Returns NULL where it is wrong or needs more than `memory` bytes; then `message` holds why, as
/// a C string of less than `message_size` bytes.
cre2_pattern *cre2_compile(const uint8_t *pattern, size_t size, int64_t memory, char *message, size_t message_size);

void cre2_free(cre2_pattern *pattern);

/// Whether the pattern matches somewhere in the text. Threads may call it at the same time.
bool cre2_is_in(const cre2_pattern *pattern, const uint8_t *text, size_t size);

/// How many instructions the pattern was compiled to.
int cre2_program_size(const cre2_pattern *pattern);

#ifdef __cplusplus
}
#endif

#endif

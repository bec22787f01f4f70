#include "CRE2.h"

#include <cstring>
#include <new>
#include <string>

#include <re2/re2.h>

struct cre2_pattern {
    re2::RE2 expression;

    cre2_pattern(const re2::StringPiece &text, const re2::RE2::Options &options) : expression(text, options) {}
};

namespace {

re2::StringPiece piece(const uint8_t *bytes, size_t size) {
    return re2::StringPiece(reinterpret_cast<const char *>(bytes), size);
}

void say(const std::string &text, char *message, size_t size) {
    if (size == 0) return;
    size_t length = text.size() < size - 1 ? text.size() : size - 1;
    std::memcpy(message, text.data(), length);
    message[length] = 0;
}

}  // namespace

extern "C" {

cre2_pattern *cre2_compile(const uint8_t *pattern, size_t size, int64_t memory, char *message, size_t message_size) {
    // No C++ exception may reach Swift.
    try {
        re2::RE2::Options options;
        options.set_max_mem(memory);
        options.set_log_errors(false);
        options.set_never_capture(true);
        cre2_pattern *compiled = new cre2_pattern(piece(pattern, size), options);
        if (compiled->expression.ok()) return compiled;
        say(compiled->expression.error(), message, message_size);
        delete compiled;
    } catch (const std::bad_alloc &) {
        say("out of memory", message, message_size);
    }
    return nullptr;
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

bool cre2_is_in(const cre2_pattern *pattern, const uint8_t *text, size_t size) {
    try {
        return pattern->expression.Match(piece(text, size), 0, size, re2::RE2::UNANCHORED, nullptr, 0);
    } catch (const std::bad_alloc &) {
        return false;
    }
}

int cre2_program_size(const cre2_pattern *pattern) { return pattern->expression.ProgramSize(); }
}

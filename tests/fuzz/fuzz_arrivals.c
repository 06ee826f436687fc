/*
 * Property: whatever bytes a sender calls spans, what is read of them can be stored: texts are
 * UTF-8 without a NUL, what is called JSON is JSON, and there are as many own values as names for
 * them.
 * Input: a byte that chooses protobuf or JSON, then the request.
 */
#include <assert.h>
#include <string.h>

#include "core/text.h"
#include "http/json_in.h"
#include "store/arrivals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const char *text, size_t *ret_length)
{
    struct json *json = NULL;
    struct err err;

    assert(utf8_is_valid(text, strlen(text)));
    assert(json_parse(text, strlen(text), &json, &err));
    *ret_length = json_length(json);
    json_free(json);
}

static void check_span(const struct arrivals *arrivals, const struct arrival *span)
{
    const struct term *pack = vocabulary_term(&arrivals->vocabulary, span->pack);
    const struct term *source = vocabulary_term(&arrivals->vocabulary, span->source);
    size_t names;
    size_t values = 0;
    size_t ignored;

    assert(pack->kind == TERM_PACK && source->kind == TERM_SOURCE);
    assert(vocabulary_term(&arrivals->vocabulary, span->service)->kind == TERM_WORD);
    assert(vocabulary_term(&arrivals->vocabulary, span->name)->kind == TERM_WORD);
    assert(span->id != 0 && (span->trace_high != 0 || span->trace_low != 0) && span->start_ns >= 0);
    check_json(pack->parts[0], &ignored);
    check_json(pack->parts[1], &names);
    check_json(pack->parts[2], &ignored);
    check_json(pack->parts[3], &ignored);
    check_json(source->parts[3], &ignored);
    if (span->own != NULL) {
        check_json(span->own, &values);
    }
    if (span->more != NULL) {
        check_json(span->more, &ignored);
    }
    assert(names == values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arrivals arrivals;
    struct habits *habits;
    struct arena arena;
    struct err err;

    if (size == 0) {
        return 0;
    }
    habits = habits_new();
    arena_init(&arena);
    for (int again = 0; again < 2; again++) { /* the second time values have been seen */
        if (arrivals_read(&arena, habits, data[0] % 2 == 0 ? ENVELOPE_PROTOBUF : ENVELOPE_JSON,
                          (const char *)data + 1, size - 1, &arrivals, &err)) {
            for (size_t i = 0; i < arrivals.count; i++) {
                check_span(&arrivals, &arrivals.spans[i]);
            }
        } else {
            assert(err.code == ERR_MALFORMED);
        }
    }
    arena_fini(&arena);
    habits_free(habits);
    return 0;
}

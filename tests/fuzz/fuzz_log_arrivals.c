/*
 * Property: whatever bytes a sender calls log records, what is read of them can be stored: texts
 * are UTF-8 without a NUL, what is called JSON is JSON, and there are as many own values as names
 * for them; read again, a record has the same digest, whatever was seen meanwhile. Input: a byte
 * that chooses protobuf or JSON, then the request.
 */
#include <assert.h>
#include <string.h>

#include "core/text.h"
#include "http/json_in.h"
#include "store/log_arrivals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW_NS = 77 };

static size_t length_of_json(const char *text)
{
    struct json *json = NULL;
    struct err err;
    size_t length;

    assert(utf8_is_valid(text, strlen(text)));
    assert(json_parse(text, strlen(text), &json, &err));
    length = json_length(json);
    json_free(json);
    return length;
}

static void check_word(const struct log_arrivals *arrivals, uint32_t term)
{
    assert(term == 0 || vocabulary_term(&arrivals->vocabulary, term)->kind == TERM_WORD);
}

static void check_record(const struct log_arrivals *arrivals, const struct log_arrival *record)
{
    const struct term *pack = vocabulary_term(&arrivals->vocabulary, record->pack);
    const struct term *source = vocabulary_term(&arrivals->vocabulary, record->source);

    assert(pack->kind == TERM_PACK && source->kind == TERM_SOURCE && record->service != 0);
    check_word(arrivals, record->service);
    check_word(arrivals, record->severity_text);
    check_word(arrivals, record->event);
    assert(record->time_ns >= 0 && record->dropped >= 0);
    (void)length_of_json(pack->parts[0]);
    (void)length_of_json(pack->parts[2]);
    (void)length_of_json(source->parts[3]);
    assert(length_of_json(pack->parts[1]) ==
           (record->own != NULL ? length_of_json(record->own) : 0));
    assert(record->body == NULL || utf8_is_valid(record->body, strlen(record->body)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_arrivals arrivals[2];
    struct habits *habits;
    struct arena arena;
    struct err err;
    bool is_read = false;

    if (size == 0) {
        return 0;
    }
    habits = habits_new();
    arena_init(&arena);
    for (size_t again = 0; again < 2; again++) { /* the second time values have been seen */
        is_read =
            log_arrivals_read(&arena, habits, data[0] % 2 == 0 ? ENVELOPE_PROTOBUF : ENVELOPE_JSON,
                              NOW_NS, (const char *)data + 1, size - 1, &arrivals[again], &err);
        assert(is_read || err.code == ERR_MALFORMED);
        for (size_t i = 0; is_read && i < arrivals[again].count; i++) {
            check_record(&arrivals[again], &arrivals[again].records[i]);
            assert(arrivals[again].records[i].digest == arrivals[0].records[i].digest);
        }
    }
    arena_fini(&arena);
    habits_free(habits);
    return 0;
}

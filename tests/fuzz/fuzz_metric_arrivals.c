/*
 * Property: whatever bytes a sender calls metrics, what is read of them can be stored: texts are
 * UTF-8 without a NUL, attributes an object of JSON, numbers finite, buckets few, with bounds that
 * rise and counts above 0, and as text they are the same; nothing has more than itself.
 * Input: a byte that chooses protobuf or JSON, then the request.
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/text.h"
#include "http/json_in.h"
#include "store/metric_arrivals.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1 << 20 };

static void check_text(const char *text)
{
    assert(utf8_is_valid(text, strlen(text)));
}

static void check_attributes(const char *text)
{
    struct json *json = NULL;
    struct err err;

    check_text(text);
    assert(json_parse(text, strlen(text), &json, &err) && json_is_object(json));
    json_free(json);
}

static void check_buckets(struct arena *arena, const struct metric_buckets *buckets)
{
    struct metric_buckets other;
    struct buf text;

    assert(buckets->count <= METRIC_BUCKETS_MOST);
    for (size_t i = 0; i < buckets->count; i++) {
        assert(buckets->list[i].samples > 0);
        assert(i == 0 || buckets->list[i].bound > buckets->list[i - 1].bound);
    }
    metric_buckets_subtract(arena, buckets, buckets, &other);
    assert(other.count == 0);
    buf_init(&text, TEXT_MAX);
    metric_buckets_write(buckets, &text);
    buf_add_char(&text, '\0');
    assert(!text.bad && metric_buckets_parse(arena, text.data, &other));
    assert(other.count == buckets->count);
    buf_fini(&text);
}

static void check_point(struct arena *arena, const struct metric_arrival *point)
{
    check_text(point->name);
    check_text(point->unit);
    check_text(point->service);
    check_text(point->instance);
    check_attributes(point->attributes);
    assert(*point->name != '\0' && point->time_ns > 0 && point->start_ns >= 0);
    assert(isfinite(point->total) && point->samples >= 0);
    assert(!point->has_range || (isfinite(point->least) && isfinite(point->most)));
    check_buckets(arena, &point->buckets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct metric_arrivals arrivals;
    struct arena arena;
    struct err err;

    if (size == 0) {
        return 0;
    }
    arena_init(&arena);
    if (metric_arrivals_read(&arena, data[0] % 2 == 0 ? ENVELOPE_PROTOBUF : ENVELOPE_JSON,
                             (const char *)data + 1, size - 1, &arrivals, &err)) {
        for (size_t i = 0; i < arrivals.count; i++) {
            check_point(&arena, &arrivals.points[i]);
        }
    } else {
        assert(err.code == ERR_MALFORMED);
    }
    arena_fini(&arena);
    return 0;
}

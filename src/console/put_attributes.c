#include "console/put_attributes.h"

#include <string.h>

#include "http/json_scan.h"

enum { OBJECT_MAX = 16 << 20 }; /* of one span; the store takes none of so much */

void attributes_put_init(struct attributes_put *putting, const char *trace_id)
{
    putting->trace_id = trace_id;
    buf_init(&putting->object, OBJECT_MAX);
}

void attributes_put_fini(struct attributes_put *putting)
{
    buf_fini(&putting->object);
}

static struct json_scan scan_of(const char *text)
{
    return json_scan_of(
        (struct json_piece){.text = text, .length = text != NULL ? strlen(text) : 0});
}

/* A name, which is a text of JSON with its quotes. */
static void begin_member(struct buf *object, struct json_piece name)
{
    if (object->length > 1) {
        buf_add_char(object, ',');
    }
    buf_add(object, name.text, name.length);
    buf_add_char(object, ':');
}

static void add_shared(struct buf *object, const char *shared)
{
    struct json_scan scan = scan_of(shared);
    struct json_piece name;
    struct json_piece value;

    while (json_scan_next(&scan, &name, &value)) {
        /* A name of an object comes without the quotes that stand around it. */
        begin_member(object, (struct json_piece){.text = name.text - 1, .length = name.length + 2});
        buf_add(object, value.text, value.length);
    }
}

static void add_own(struct buf *object, const char *names, const char *values)
{
    struct json_scan name_scan = scan_of(names);
    struct json_scan value_scan = scan_of(values);
    struct json_piece ignored;
    struct json_piece name;
    struct json_piece value;

    while (json_scan_next(&name_scan, &ignored, &name) &&
           json_scan_next(&value_scan, &ignored, &value)) {
        begin_member(object, name);
        buf_add(object, value.text, value.length);
    }
}

/* Names whose values are one text. */
static void add_alike(struct buf *object, const char *names, const char *text)
{
    struct json_scan scan = scan_of(names);
    struct json_piece ignored;
    struct json_piece name;
    struct json_out out;

    while (text != NULL && json_scan_next(&scan, &ignored, &name)) {
        begin_member(object, name);
        json_out_init(&out, object);
        json_put_text(&out, NULL, text);
    }
}

void attributes_put(struct attributes_put *putting, struct json_out *json, const char *key,
                    const struct trace_span *span)
{
    struct buf *object = &putting->object;

    buf_clear(object);
    buf_add_char(object, '{');
    if (span->pack != NULL) {
        add_shared(object, span->pack->shared);
        add_own(object, span->pack->own, span->own);
        add_alike(object, span->pack->trace_ids, putting->trace_id);
        add_alike(object, span->pack->statements,
                  span->statement != NULL ? span->statement->text : NULL);
    }
    buf_add_char(object, '}');
    json_put_raw(json, key, object->data, object->length);
}

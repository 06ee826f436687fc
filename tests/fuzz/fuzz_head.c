/*
 * Property: the end of a head is the same however its bytes come; a head is refused with a client's
 * error, or no name and no value in it holds a control character or begins or ends with a blank,
 * and written anew it is read as the same; a target that is taken has a path.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "http/framing.h"
#include "http/head.h"
#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum head_extent find_in_steps(const char *bytes, size_t size, size_t step, size_t *ret)
{
    enum head_extent extent = HEAD_PARTIAL;
    size_t scanned = 0;

    for (size_t length = step; extent == HEAD_PARTIAL && length < size + step; length += step) {
        extent = head_find_end(bytes, length < size ? length : size, &scanned, ret);
    }
    return extent;
}

static void check_client_error(const struct err *err)
{
    assert(!err_is_private(err));
    assert(err_http_status(err->code) < 500 || err_http_status(err->code) == 501 ||
           err_http_status(err->code) == 505);
}

static bool is_edge(char c)
{
    return c == ' ' || c == '\t';
}

static void check_text(const char *text, size_t length)
{
    assert(strlen(text) == length);
    for (size_t i = 0; i < length; i++) {
        assert((unsigned char)text[i] >= 0x20 || text[i] == '\t');
    }
    assert(length == 0 || (!is_edge(text[0]) && !is_edge(text[length - 1])));
}

static void check_again(struct arena *arena, const struct head *head)
{
    struct head again;
    struct err err = {0};
    struct buf buf;
    bool ok;

    buf_init(&buf, (size_t)4 * HEAD_MAX);
    buf_printf(&buf, "%s %s HTTP/1.%d\r\n", head->method, head->target, head->minor_version);
    for (size_t i = 0; i < head->count; i++) {
        buf_printf(&buf, "%s:\t%s \r\n", head->fields[i].name, head->fields[i].value);
    }
    buf_add_text(&buf, "\r\n");
    ok = head_parse(arena_dup(arena, buf.data, buf.length), buf.length, &again, &err);
    assert(ok && again.count == head->count && strcmp(again.target, head->target) == 0);
    for (size_t i = 0; i < head->count; i++) {
        assert(strcmp(again.fields[i].name, head->fields[i].name) == 0);
        assert(strcmp(again.fields[i].value, head->fields[i].value) == 0);
    }
    buf_fini(&buf);
}

static void check_head(struct arena *arena, const char *bytes, size_t length)
{
    struct uri_target target;
    struct fields fields = {.seen = 0};
    struct framing framing;
    struct head head;
    struct err err = {0};

    if (!head_parse(arena_dup(arena, bytes, length), length, &head, &err)) {
        check_client_error(&err);
        return;
    }
    for (size_t i = 0; i < head.count; i++) {
        const char *name = head.fields[i].name;

        check_text(name, head.fields[i].name_length);
        check_text(head.fields[i].value, head.fields[i].length);
        fields_add(&fields, arena, &head.fields[i]);
    }
    check_again(arena, &head);
    if (!fields_check(&fields, &err) || !framing_of(&fields, head.minor_version, &framing, &err) ||
        !uri_target_parse(head.method, head.target, head.target_length, &target, &err)) {
        check_client_error(&err);
        return;
    }
    assert(target.form == URI_AUTHORITY || target.form == URI_ASTERISK || *target.path == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = size == 0 ? "" : (const char *)data;
    size_t length = 0;
    size_t again = 0;
    enum head_extent extent;
    struct arena arena;

    if (size > HEAD_MAX / 2) {
        return 0;
    }
    extent = find_in_steps(bytes, size, size + 1, &length);
    assert(extent == find_in_steps(bytes, size, 1, &again) && length == again);
    assert(extent == find_in_steps(bytes, size, 7, &again) && length == again);
    if (extent == HEAD_WHOLE) {
        arena_init(&arena);
        check_head(&arena, bytes, length);
        arena_fini(&arena);
    }
    return 0;
}

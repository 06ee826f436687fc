/*
 * Property: a request target is refused with a client's error, or path and query are valid UTF-8
 * without NUL; no segment can climb or split; encoded anew, each byte escaped, they parse to the
 * same.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "core/text.h"
#include "http/uri.h"

enum { ENCODED_MAX = 8 * 1024 * 1024 };

static void encode(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        buf_printf(out, "%%%02x", (unsigned)(unsigned char)*text);
    }
}

static void check_path(struct arena *arena, const char *raw, size_t length)
{
    struct uri_path path;
    struct uri_path again;
    struct err err = {0};
    struct buf buf;
    bool ok;

    if (!uri_path_parse(arena, raw, length, &path, &err)) {
        assert(err.code == ERR_MALFORMED || err.code == ERR_NOT_FOUND);
        return;
    }
    assert(utf8_is_valid(path.text, strlen(path.text)));
    assert(path.count <= URI_SEGMENTS_MAX);
    buf_init(&buf, ENCODED_MAX);
    for (size_t i = 0; i < path.count; i++) {
        assert(*path.segments[i] != '\0' && strchr(path.segments[i], '/') == NULL);
        assert(strcmp(path.segments[i], ".") != 0 && strcmp(path.segments[i], "..") != 0);
        buf_add_char(&buf, '/');
        encode(&buf, path.segments[i]);
    }
    if (path.count > 0) {
        ok = uri_path_parse(arena, buf.data, buf.length, &again, &err);
        assert(ok && strcmp(again.text, path.text) == 0 && again.count == path.count);
    }
    buf_fini(&buf);
}

static void check_query(struct arena *arena, const char *raw, size_t length)
{
    struct uri_query query;
    struct uri_query again;
    struct err err = {0};
    struct buf buf;
    bool ok;

    if (!uri_query_parse(arena, raw, length, &query, &err)) {
        assert(err.code == ERR_MALFORMED);
        return;
    }
    assert(query.count <= URI_PARAMS_MAX);
    buf_init(&buf, ENCODED_MAX);
    for (size_t i = 0; i < query.count; i++) {
        const struct uri_param *param = &query.params[i];

        assert(utf8_is_valid(param->name, strlen(param->name)));
        assert(utf8_is_valid(param->value, strlen(param->value)));
        buf_add_text(&buf, i == 0 ? "" : "&");
        encode(&buf, param->name);
        buf_add_char(&buf, '=');
        encode(&buf, param->value);
    }
    ok = uri_query_parse(arena, buf.data, buf.length, &again, &err);
    assert(ok && again.count == query.count);
    for (size_t i = 0; i < query.count; i++) {
        assert(strcmp(again.params[i].name, query.params[i].name) == 0);
        assert(strcmp(again.params[i].value, query.params[i].value) == 0);
    }
    buf_fini(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *raw = (const char *)data;
    const char *mark = size == 0 ? NULL : memchr(raw, '?', size);
    const size_t path_length = mark == NULL ? size : (size_t)(mark - raw);
    struct arena arena;

    if (size == 0) {
        return 0;
    }
    arena_init(&arena);
    check_path(&arena, raw, path_length);
    if (mark != NULL) {
        check_query(&arena, mark + 1, size - path_length - 1);
    }
    arena_fini(&arena);
    return 0;
}

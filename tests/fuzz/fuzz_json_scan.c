/*
 * Property: the pieces that a scan gives lie in the text, in order and apart. Where the parser
 * takes the whole text, the scan gives as many pieces, and each alone parses to what stands in its
 * place.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "http/json_in.h"
#include "http/json_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value alone is no document for the parser: a list of it is. */
static void check_piece(struct arena *arena, struct json_piece piece, const struct json *value)
{
    char *text = arena_alloc(arena, piece.length + 2);
    struct json *document = NULL;
    struct err err = {0};
    size_t length;

    text[0] = '[';
    memcpy(text + 1, piece.text, piece.length);
    text[piece.length + 1] = ']';
    assert(json_parse(text, piece.length + 2, &document, &err));
    assert(json_length(document) == 1);
    assert(strcmp(json_write(arena, json_at(document, 0), &length),
                  json_write(arena, value, &length)) == 0);
    json_free(document);
}

static size_t check_bounds(const uint8_t *data, size_t size, bool *ret_is_whole)
{
    struct json_scan scan = json_scan_of((struct json_piece){(const char *)data, size});
    const char *at = (const char *)data;
    const char *end = at + size;
    struct json_piece name;
    struct json_piece value;
    size_t count = 0;

    for (; json_scan_next(&scan, &name, &value); count++) {
        assert(value.length > 0 && value.text >= at && value.length <= (size_t)(end - value.text));
        if (scan.is_object) {
            assert(name.text > at && name.text + name.length < value.text);
        }
        at = value.text + value.length;
    }
    *ret_is_whole = !scan.bad;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *document = NULL;
    struct json_scan scan;
    struct json_piece name;
    struct json_piece value;
    struct arena arena;
    struct err err = {0};
    bool is_whole;
    size_t count = check_bounds(data, size, &is_whole);

    if (!json_parse((const char *)data, size, &document, &err)) {
        return 0;
    }
    assert(is_whole);
    arena_init(&arena);
    if (json_is_list(document)) {
        assert(count == json_length(document));
        scan = json_scan_of((struct json_piece){(const char *)data, size});
        for (size_t i = 0; json_scan_next(&scan, &name, &value); i++) {
            check_piece(&arena, value, json_at(document, i));
        }
    }
    arena_fini(&arena);
    json_free(document);
    return 0;
}

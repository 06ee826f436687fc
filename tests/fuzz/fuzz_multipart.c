/*
 * Property: a body is refused as a client's mistake, or the part lies within it, is followed by its
 * boundary and holds none; its file's name is valid UTF-8. The first line is the type.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/text.h"
#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *raw = (const char *)data;
    const char *line_end = size == 0 ? NULL : memchr(raw, '\n', size);
    const char *body;
    const char *type;
    struct multipart_part part;
    struct err err = {0};
    struct arena arena;
    size_t length;

    if (line_end == NULL) {
        return 0;
    }
    arena_init(&arena);
    type = arena_dup(&arena, raw, (size_t)(line_end - raw));
    body = line_end + 1;
    length = size - (size_t)(body - raw);
    if (multipart_find(&arena, type, body, length, "file", &part, &err)) {
        const size_t before = (size_t)(part.content - body);

        assert(before <= length && part.length <= length - before);
        assert(length - before - part.length >= 2);
        assert(part.file_name == NULL || utf8_is_valid(part.file_name, strlen(part.file_name)));
    } else {
        assert(err.code == ERR_MALFORMED || err.code == ERR_INVALID);
    }
    arena_fini(&arena);
    return 0;
}

/*
 * Property: a cookie's value lies within the header, is valid UTF-8 and holds no separator; a pair
 * put in front wins, whatever follows it.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/arena.h"
#include "core/text.h"
#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"session_id", "a", ""};
    struct arena arena;
    const char *header;
    const char *value;
    const char *longer;
    size_t length;
    bool ok;

    arena_init(&arena);
    header = arena_dup(&arena, size == 0 ? "" : (const char *)data, size);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (cookie_find(header, names[i], &value, &length)) {
            assert(value >= header && value + length <= header + strlen(header));
            assert(utf8_is_valid(value, length));
            assert(length == 0 || memchr(value, ';', length) == NULL);
        }
        longer = arena_printf(&arena, "%s=first;%s", names[i], header);
        ok = cookie_find(longer, names[i], &value, &length);
        assert(ok && length == 5 && memcmp(value, "first", 5) == 0);
    }
    arena_fini(&arena);
    return 0;
}

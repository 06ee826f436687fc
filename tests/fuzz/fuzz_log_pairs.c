/*
 * Property: a value that was quoted for a line of the log is read back from there, and whatever
 * pairs a line has, reading them ends and stays inside what it is given.
 * Input: the value, or the pairs.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/log.h"

enum { KEY_ROOM = 8, VALUE_ROOM = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What log_quote does not keep. */
static void as_logged(char *text)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text < ' ' && *text != '\n') || *text == 0x7F) {
            *text = '?';
        }
    }
}

static void check_value(char *text, size_t size)
{
    const size_t room = 2 * size + 8;
    char *quoted = mem_alloc(room);
    char *pairs = mem_alloc(room + 2);
    char *value = mem_alloc(room);
    const char *at = pairs;
    char key[KEY_ROOM];

    (void)log_quote(text, quoted, room);
    memcpy(pairs, "k=", 2);
    memcpy(pairs + 2, quoted, strlen(quoted) + 1);
    as_logged(text);
    assert(log_next_pair(&at, key, sizeof(key), value, room));
    assert(strcmp(key, "k") == 0 && strcmp(value, text) == 0);
    assert(!log_next_pair(&at, key, sizeof(key), value, room));
    free(quoted);
    free(pairs);
    free(value);
}

static void check_pairs(const char *text)
{
    char key[KEY_ROOM];
    char value[VALUE_ROOM];
    const char *at = text;

    for (const char *before = at; log_next_pair(&at, key, sizeof(key), value, sizeof(value));
         before = at) {
        assert(at > before && at <= text + strlen(text));
        assert(strlen(key) < sizeof(key) && strlen(value) < sizeof(value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 1);

    if (size > 0) {
        memcpy(text, data, size);
    }
    check_pairs(text);
    check_value(text, size);
    free(text);
    return 0;
}

/*
 * Property: a statement is counted under its own text; and where it is counted under another one,
 * what stands before the first parameter of that and behind the last begins and ends the statement.
 * The input is the statement and, behind a NUL, the text under which it may be counted.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "db/postgres/counted.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In memory of its own, so that a sanitizer sees whoever reads past its end. */
static char *copy(const uint8_t *data, size_t size)
{
    const void *end = size > 0 ? memchr(data, '\0', size) : NULL;
    const size_t length = end != NULL ? (size_t)((const uint8_t *)end - data) : size;
    char *text = malloc(length + 1);

    assert(text != NULL);
    if (length > 0) {
        memcpy(text, data, length);
    }
    text[length] = '\0';
    return text;
}

/* As PostgreSQL 18 shows a list of literals: the first one's parameter, and this. */
static const char SQUEEZED[] = " /*, ... */";

static void check_ends(const char *text, const char *counted)
{
    const char *parameter = strrchr(counted, '$');
    const size_t begins = strcspn(counted, "$");
    const char *tail;

    assert(strncmp(text, counted, begins) == 0);
    if (parameter == NULL) {
        assert(strcmp(text, counted) == 0);
        return;
    }
    tail = parameter + 1 + strspn(parameter + 1, "0123456789");
    if (strncmp(tail, SQUEEZED, strlen(SQUEEZED)) == 0) {
        tail += strlen(SQUEEZED);
    }
    assert(strlen(tail) <= strlen(text));
    assert(strcmp(text + strlen(text) - strlen(tail), tail) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = copy(data, size);
    const size_t behind = strlen(text) + 1;
    char *counted = behind < size ? copy(data + behind, size - behind) : copy(NULL, 0);

    assert(pg_is_counted_as(text, text));
    assert(pg_is_counted_as(counted, counted));
    if (pg_is_counted_as(text, counted)) {
        check_ends(text, counted);
    }
    free(counted);
    free(text);
    return 0;
}

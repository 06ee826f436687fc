/*
 * Property: a statement of any bytes is rewritten or refused with a reason, without a step past its
 * end. What becomes of one that is no block is one statement, whose texts and names have ends, and
 * its parameters are those of its binds.
 */
#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 4096 };

/* Behind what is quoted, or NULL: it has no end. */
static const char *skip_quoted(const char *at, char quote)
{
    for (at++; *at != '\0'; at++) {
        if (*at == quote && at[1] != quote) {
            return at + 1;
        }
        at += *at == quote ? 1 : 0;
    }
    return NULL;
}

static unsigned param_count(const struct rewrite *rewrite)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rewrite->bind_count; i++) {
        const struct rewrite_bind *bind = &rewrite->binds[i];

        assert(bind->is_returned == (bind->param == 0));
        count += bind->param != 0 ? 1 : 0;
    }
    return count;
}

static void check(const struct rewrite *rewrite)
{
    const unsigned count = param_count(rewrite);
    const char *at = rewrite->sql;

    while (at != NULL && *at != '\0') {
        if (*at == '\'' || *at == '"') {
            at = skip_quoted(at, *at);
            continue;
        }
        assert(*at != ';' || rewrite->kind == REWRITE_BLOCK);
        if (*at == '$' && isdigit((unsigned char)at[1]) && !isalnum((unsigned char)at[-1]) &&
            (at[-1] == ' ' || at[-1] == '(')) {
            assert(strtoul(at + 1, NULL, 10) >= 1 && strtoul(at + 1, NULL, 10) <= count);
        }
        at++;
    }
    assert(at != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = malloc(size + 1);
    struct rewrite_refusal refusal = {.number = 0};
    struct rewrite rewrite;

    if (exact == NULL || size > INPUT_MAX || memchr(data, '\0', size) != NULL) {
        free(exact);
        return 0;
    }
    memcpy(exact, data, size);
    exact = realloc(exact, size == 0 ? 1 : size); /* so that a step past the end is seen */
    if (rewrite_read(exact, size, &rewrite, &refusal)) {
        check(&rewrite);
        rewrite_fini(&rewrite);
    } else {
        assert(refusal.number != 0 && refusal.text[0] != '\0' && refusal.position <= size);
    }
    free(exact);
    return 0;
}

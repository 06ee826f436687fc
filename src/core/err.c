#include "core/err.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum { SYMBOL_MAX = 24, SYMBOL_PREFIX = sizeof("ERR_") - 1 };

struct code_row {
    const char *symbol;
    int http_status;
    bool is_retryable;
    const char *title;
};

static const struct code_row CODES[] = {
#define X(symbol, status, retryable, text) {#symbol, status, retryable, text},
    ERR_CODES(X)
#undef X
};

#define X(symbol, status, retryable, text)                                                         \
    _Static_assert(sizeof(#symbol) - SYMBOL_PREFIX <= SYMBOL_MAX, "symbol too long: " #symbol);
ERR_CODES(X)
#undef X

static pthread_once_t symbols_once = PTHREAD_ONCE_INIT;
static char symbols[ERR_CODE_COUNT][SYMBOL_MAX];

/* The preprocessor cannot lower a name's case, so this is done once at run time. */
static void lower_symbols(void)
{
    for (size_t code = 0; code < ERR_CODE_COUNT; code++) {
        const char *from = CODES[code].symbol + SYMBOL_PREFIX;

        for (size_t i = 0; from[i] != '\0'; i++) {
            symbols[code][i] = (char)tolower((unsigned char)from[i]);
        }
    }
}

static const struct code_row *row_of(enum err_code code)
{
    assert((unsigned)code < ERR_CODE_COUNT);
    return &CODES[code];
}

/* Cuts between two characters, so that what is sent on stays valid UTF-8; may overlap. */
static void put(char *out, size_t out_size, const char *text)
{
    size_t length = utf8_cut(text, strlen(text), out_size - 1);

    memmove(out, text, length);
    out[length] = '\0';
}

/* Formats before it touches *err, because an argument may point into err->text. */
static void fill(struct err *err, enum err_code code, const char *field, const char *format,
                 va_list args) __attribute__((format(printf, 4, 0)));

static void fill(struct err *err, enum err_code code, const char *field, const char *format,
                 va_list args)
{
    char text[ERR_TEXT_MAX + 1]; /* one more, so that a cut is seen as one */

    assert(err != NULL && code != ERR_NONE);
    (void)vsnprintf(text, sizeof(text), format, args);
    put(err->field, sizeof(err->field), field);
    put(err->text, sizeof(err->text), text);
    err->code = code;
    err->native = 0;
    err->retry_after_s = 0;
    err->is_public = false;
    err->sqlstate[0] = '\0';
    err->is_companions = false;
    err->is_named = false;
}

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, code, "", format, args);
    va_end(args);
    return false;
}

bool err_field(struct err *err, enum err_code code, const char *field, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, code, field, format, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char what[ERR_TEXT_MAX];
    char text[sizeof(what) + sizeof(err->text) + sizeof(": ")];
    va_list args;

    assert(err != NULL);
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    (void)snprintf(text, sizeof(text), "%s: %s", what, err->text);
    put(err->text, sizeof(err->text), text);
    return false;
}

void err_clear(struct err *err)
{
    *err = (struct err){.code = ERR_NONE};
}

int err_http_status(enum err_code code)
{
    return row_of(code)->http_status;
}

bool err_is_retryable(enum err_code code)
{
    return row_of(code)->is_retryable;
}

/* What a server cannot do has a status from 500 on, and is told of like other faults of a request.
 */
static bool is_fault_of_request(enum err_code code)
{
    return err_http_status(code) < 500 || code == ERR_METHOD_UNKNOWN ||
           code == ERR_TRANSFER_CODING || code == ERR_HTTP_VERSION;
}

bool err_is_private(const struct err *err)
{
    return !err->is_public &&
           (!is_fault_of_request(err->code) || err->native != 0 || err->sqlstate[0] != '\0');
}

const char *err_title(enum err_code code)
{
    return row_of(code)->title;
}

const char *err_symbol(enum err_code code)
{
    assert((unsigned)code < ERR_CODE_COUNT);
    (void)pthread_once(&symbols_once, lower_symbols);
    return symbols[code];
}

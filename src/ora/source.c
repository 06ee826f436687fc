#include "ora/source.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ora/fault.h"

bool ora_slice_is(struct ora_slice slice, const char *text)
{
    return slice.length == strlen(text) && strncasecmp(slice.at, text, slice.length) == 0;
}

bool ora_slice_copy(struct ora_slice slice, char *ret, size_t room)
{
    if (slice.length >= room) {
        return false;
    }
    if (slice.length > 0) {
        memcpy(ret, slice.at, slice.length);
    }
    ret[slice.length] = '\0';
    return true;
}

struct ora_slice ora_slice_trim(struct ora_slice slice)
{
    while (slice.length > 0 && isspace((unsigned char)slice.at[0])) {
        slice.at++;
        slice.length--;
    }
    while (slice.length > 0 && isspace((unsigned char)slice.at[slice.length - 1])) {
        slice.length--;
    }
    return slice;
}

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

bool ora_source_fault(const struct ora_source *source, const char *at, struct octo_ora_error *error,
                      const char *format, ...)
{
    char what[OCTO_ORA_TEXT];
    size_t line = 1;
    size_t column = 1;
    va_list args;

    for (const char *c = source->text; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else {
            column += begins_character(*c) ? 1 : 0;
        }
    }
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return ora_fault(error, OCTO_ORA_USAGE, "%.200s, line %zu, column %zu: %.256s", source->name,
                     line, column, what);
}

#include "ora/tnsnames.h"

#include <ctype.h>
#include <string.h>

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr("._-$", c) != NULL) ||
           (unsigned char)c >= 0x80;
}

static const char *end_of(const struct ora_source *source)
{
    return source->text + source->length;
}

static const char *end_of_line(const char *at, const char *end)
{
    const char *found = memchr(at, '\n', (size_t)(end - at));

    return found != NULL ? found : end;
}

/* Does a line begin here that has a name in its first column and '=' behind it? */
static bool begins_entry(const char *at, const char *end)
{
    if (at == end || !is_name_char(*at)) {
        return false;
    }
    while (at < end && (is_name_char(*at) || *at == ',' || *at == ' ' || *at == '\t')) {
        at++;
    }
    return at < end && *at == '=';
}

/* The first line behind `at` that begins an entry, or the end. */
static const char *next_entry(const char *at, const char *end)
{
    do {
        at = end_of_line(at, end);
        at = at < end ? at + 1 : at;
    } while (at < end && !begins_entry(at, end));
    return at;
}

/* --- values --- */

/* Behind the bracket that closes the one at `at`; NULL: none does. */
static const char *find_close(const char *at, const char *end)
{
    size_t depth = 0;

    while (at < end) {
        const char c = *at;

        if (c == '"') {
            at = memchr(at + 1, '"', (size_t)(end - at - 1));
            if (at == NULL) {
                return NULL;
            }
        } else if (c == '#') {
            at = end_of_line(at, end) - 1;
        } else if (c == '(') {
            depth++;
        } else if (c == ')' && --depth == 0) {
            return at + 1;
        }
        at++;
    }
    return NULL;
}

/* One in brackets. Where these close only behind the beginning of another entry, it is that one's
 * bracket, and this entry's is missing. */
static void read_descriptor(struct ora_tnsnames *names, struct ora_tnsnames_entry *ret)
{
    const char *end = end_of(names->source);
    const char *start = names->at;
    const char *next = next_entry(start, end);
    const char *close = find_close(start, next);

    if (close == NULL) {
        ret->fault = "the bracket that opens here is not closed before the next entry, or quotes "
                     "are not";
        ret->fault_at = start;
        close = next;
    }
    ret->value = ora_slice_trim((struct ora_slice){.at = start, .length = (size_t)(close - start)});
    names->at = close;
}

/* One without: to the end of its line, or to a remark. */
static void read_line(struct ora_tnsnames *names, struct ora_tnsnames_entry *ret)
{
    const char *start = names->at;
    const char *end = end_of_line(start, end_of(names->source));
    const char *remark = memchr(start, '#', (size_t)(end - start));

    ret->value = ora_slice_trim((struct ora_slice){
        .at = start, .length = (size_t)((remark != NULL ? remark : end) - start)});
    names->at = end;
}

/* Blanks, line ends and remarks. */
static void skip_blanks(struct ora_tnsnames *names)
{
    const char *end = end_of(names->source);

    while (names->at < end && (isspace((unsigned char)*names->at) || *names->at == '#')) {
        names->at = *names->at == '#' ? end_of_line(names->at, end) : names->at + 1;
    }
}

/* --- aliases --- */

/* Names and commas up to '='. A name that neither comma nor '=' follows is none, and what stands in
 * its line is passed over. */
static bool read_aliases(struct ora_tnsnames *names, struct ora_tnsnames_entry *ret)
{
    const char *end = end_of(names->source);
    bool wants_name = true;

    ret->aliases = (struct ora_slice){.at = names->at};
    for (;;) {
        skip_blanks(names);
        if (names->at == end) {
            return false;
        }
        if (wants_name && is_name_char(*names->at)) {
            while (names->at < end && is_name_char(*names->at)) {
                names->at++;
            }
            ret->aliases.length = (size_t)(names->at - ret->aliases.at);
            wants_name = false;
        } else if (!wants_name && (*names->at == ',' || *names->at == '=')) {
            wants_name = true;
            if (*names->at++ == '=') {
                return true;
            }
        } else {
            return false;
        }
    }
}

struct ora_tnsnames ora_tnsnames_of(const struct ora_source *source)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* that some editors begin a file of UTF-8 with */
    const size_t size = sizeof(mark) - 1;
    const bool has_mark = source->length >= size && memcmp(source->text, mark, size) == 0;

    return (struct ora_tnsnames){.source = source, .at = source->text + (has_mark ? size : 0)};
}

bool ora_tnsnames_next(struct ora_tnsnames *names, struct ora_tnsnames_entry *ret)
{
    const char *end = end_of(names->source);
    const char *start;

    *ret = (struct ora_tnsnames_entry){.fault = NULL};
    skip_blanks(names);
    start = names->at;
    if (start == end) {
        return false;
    }
    if (!read_aliases(names, ret)) {
        ret->fault = "expected NAME = DESCRIPTOR";
        ret->fault_at = start;
        ret->aliases.length = 0;
        names->at = next_entry(start, end);
        return true;
    }
    start = names->at;
    skip_blanks(names);
    if (names->at == end || (names->at[-1] == '\n' && begins_entry(names->at, end))) {
        ret->fault = "there is nothing behind '='";
        ret->fault_at = start;
    } else if (*names->at == '(') {
        read_descriptor(names, ret);
    } else {
        read_line(names, ret);
    }
    return true;
}

bool ora_tnsnames_alias(struct ora_slice *rest, struct ora_slice *ret)
{
    const char *end = rest->at + rest->length;
    const char *at = rest->at;

    while (at < end && !is_name_char(*at)) { /* a remark may stand between two */
        at = *at == '#' ? end_of_line(at, end) : at + 1;
    }
    ret->at = at;
    while (at < end && is_name_char(*at)) {
        at++;
    }
    ret->length = (size_t)(at - ret->at);
    *rest = (struct ora_slice){.at = at, .length = (size_t)(end - at)};
    return ret->length > 0;
}

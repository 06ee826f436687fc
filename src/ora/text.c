#include "ora/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ora/heap.h"

struct scan {
    const char *at;
    const char *end;
    struct ora_text *text;
    bool is_behind_literal; /* where a colon is one of JSON's */
    bool has_returning;
    bool has_into; /* behind it */
    bool has_kind;
    bool is_explained; /* EXPLAIN PLAN FOR, which has the binds of what stands behind */
    bool has_no_memory;
};

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || c == '#' || (c & 0x80) != 0;
}

/* Behind what ends it, or at the end. */
static void skip_past(struct scan *scan, const char *stop)
{
    const char *found = memmem(scan->at, (size_t)(scan->end - scan->at), stop, strlen(stop));

    scan->at = found != NULL ? found + strlen(stop) : scan->end;
}

static void skip_quoted(struct scan *scan)
{
    static const char opening[] = "[{<(";
    static const char closing[] = "]}>)";
    const char *pair;
    char stop[3] = "?'";

    if (scan->at == scan->end) {
        return;
    }
    pair = strchr(opening, *scan->at);
    stop[0] = *scan->at;
    if (pair != NULL && *pair != '\0') {
        stop[0] = closing[pair - opening];
    }
    scan->at++;
    skip_past(scan, stop);
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

static void take_kind(struct scan *scan, const char *word, size_t length)
{
    static const struct {
        const char *word;
        enum ora_text_kind kind;
    } kinds[] = {
        {"SELECT", ORA_TEXT_QUERY},  {"WITH", ORA_TEXT_QUERY},    {"INSERT", ORA_TEXT_CHANGE},
        {"UPDATE", ORA_TEXT_CHANGE}, {"DELETE", ORA_TEXT_CHANGE}, {"MERGE", ORA_TEXT_CHANGE},
        {"BEGIN", ORA_TEXT_BLOCK},   {"DECLARE", ORA_TEXT_BLOCK}, {"CALL", ORA_TEXT_BLOCK},
    };

    scan->has_kind = true;
    scan->is_explained = is_word(word, length, "EXPLAIN");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_word(word, length, kinds[i].word)) {
            scan->text->kind = kinds[i].kind;
        }
    }
}

static void take_word(struct scan *scan)
{
    const char *word = scan->at;
    size_t length;

    while (scan->at < scan->end && is_word_char(*scan->at)) {
        scan->at++;
    }
    length = (size_t)(scan->at - word);
    if (length == 1 && (*word == 'q' || *word == 'Q') && scan->at < scan->end &&
        *scan->at == '\'') {
        scan->at++;
        skip_quoted(scan);
        scan->is_behind_literal = true;
        return;
    }
    if (!scan->has_kind) {
        take_kind(scan, word, length);
    }
    if (scan->text->kind == ORA_TEXT_CHANGE) {
        scan->has_returning = scan->has_returning || is_word(word, length, "RETURNING") ||
                              is_word(word, length, "RETURN");
        if (scan->has_returning && !scan->has_into && is_word(word, length, "INTO")) {
            scan->has_into = true;
            scan->text->first_returned = scan->text->binds;
        }
    }
    scan->is_behind_literal = false;
}

static char name_char(const struct ora_bind_name *name, size_t i)
{
    const char c = name->at[i];

    if (name->is_quoted || c < 'a' || c > 'z') {
        return c;
    }
    return (char)(c - 'a' + 'A');
}

bool ora_bind_name_is(const struct ora_bind_name *a, const struct ora_bind_name *b)
{
    if (a->length != b->length) {
        return false;
    }
    for (size_t i = 0; i < a->length; i++) {
        if (name_char(a, i) != name_char(b, i)) {
            return false;
        }
    }
    return true;
}

static void add_place(struct scan *scan, const struct ora_bind_name *name)
{
    struct ora_text *text = scan->text;
    struct ora_bind_name *names;

    for (unsigned i = 0; text->kind == ORA_TEXT_BLOCK && i < text->binds; i++) {
        if (ora_bind_name_is(&text->names[i], name)) {
            return;
        }
    }
    names = ora_heap_grow(text->names, &text->names_room, (text->binds + 1) * sizeof(*names),
                          (ORA_BINDS_MAX + 1) * sizeof(*names));
    scan->has_no_memory = names == NULL;
    if (names != NULL) {
        text->names = names;
        names[text->binds++] = *name;
    }
    if (names == NULL || text->binds > ORA_BINDS_MAX) {
        scan->at = scan->end;
    }
}

/* A colon before a name, a number or a name in quotes. */
static void take_colon(struct scan *scan)
{
    const bool is_json = scan->is_behind_literal;
    struct ora_bind_name name = {.is_quoted = false};

    scan->at++;
    scan->is_behind_literal = false;
    if (is_json) {
        return;
    }
    while (scan->at < scan->end && isspace((unsigned char)*scan->at)) {
        scan->at++;
    }
    if (scan->at == scan->end) {
        return;
    }
    name.at = scan->at;
    if (*scan->at == '"') {
        name = (struct ora_bind_name){.at = ++scan->at, .is_quoted = true};
        while (scan->at < scan->end && *scan->at != '"') {
            scan->at++;
        }
        name.length = (size_t)(scan->at - name.at);
        scan->at += scan->at < scan->end ? 1 : 0;
        add_place(scan, &name);
    } else if (isalnum((unsigned char)*scan->at) || (*scan->at & 0x80) != 0) {
        while (scan->at < scan->end && is_word_char(*scan->at)) {
            scan->at++;
        }
        name.length = (size_t)(scan->at - name.at);
        add_place(scan, &name);
    }
}

static bool begins(const struct scan *scan, const char *what)
{
    return (size_t)(scan->end - scan->at) >= strlen(what) &&
           memcmp(scan->at, what, strlen(what)) == 0;
}

static void take_next(struct scan *scan)
{
    if (begins(scan, "--")) {
        skip_past(scan, "\n");
    } else if (begins(scan, "/*")) {
        scan->at += 2;
        skip_past(scan, "*/");
    } else if (*scan->at == '\'') {
        scan->at++;
        skip_past(scan, "'");
        scan->is_behind_literal = true;
    } else if (*scan->at == '"') {
        scan->at++;
        skip_past(scan, "\"");
        scan->is_behind_literal = false;
    } else if (*scan->at == ':') {
        take_colon(scan);
    } else if (is_word_char(*scan->at)) {
        take_word(scan);
    } else {
        scan->is_behind_literal = scan->is_behind_literal && isspace((unsigned char)*scan->at);
        scan->at++;
    }
}

bool ora_text_read(const char *sql, size_t length, struct ora_text *ret)
{
    struct scan scan = {.at = sql, .end = sql + length, .text = ret};

    *ret = (struct ora_text){.kind = ORA_TEXT_OTHER};
    /* What defines something may hold the colons of a trigger: it has no binds. */
    while (scan.at < scan.end &&
           !(scan.has_kind && ret->kind == ORA_TEXT_OTHER && !scan.is_explained)) {
        take_next(&scan);
    }
    ret->first_returned = scan.has_into ? ret->first_returned : ret->binds;
    return !scan.has_no_memory;
}

void ora_text_fini(struct ora_text *text)
{
    free(text->names);
    text->names = NULL;
    text->binds = 0;
}

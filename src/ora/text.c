#include "ora/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct scan {
    const char *at;
    const char *end;
    struct ora_text *text;
    bool is_behind_literal; /* where a colon is one of JSON's */
    bool has_returning;
    bool has_kind;
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
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strlen(kinds[i].word) == length && strncasecmp(kinds[i].word, word, length) == 0) {
            scan->text->kind = kinds[i].kind;
        }
    }
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
    return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
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
        scan->text->returns_into =
            scan->text->returns_into || (scan->has_returning && is_word(word, length, "INTO"));
    }
    scan->is_behind_literal = false;
}

/* A colon before a name, a number or a name in quotes. */
static void take_colon(struct scan *scan)
{
    const bool is_json = scan->is_behind_literal;

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
    if (*scan->at == '"') {
        scan->at++;
        skip_past(scan, "\"");
        scan->text->binds++;
    } else if (isalnum((unsigned char)*scan->at) || (*scan->at & 0x80) != 0) {
        while (scan->at < scan->end && is_word_char(*scan->at)) {
            scan->at++;
        }
        scan->text->binds++;
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

void ora_text_read(const char *sql, size_t length, struct ora_text *ret)
{
    struct scan scan = {.at = sql, .end = sql + length, .text = ret};

    *ret = (struct ora_text){.kind = ORA_TEXT_OTHER};
    /* What defines something may hold the colons of a trigger: it has no binds. */
    while (scan.at < scan.end && !(scan.has_kind && ret->kind == ORA_TEXT_OTHER)) {
        take_next(&scan);
    }
}

#include "db/sql_reader.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* --- which kind of statement --- */

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcasecmp(*words, word) != 0) {
        words++;
    }
    return *words != NULL;
}

static void take_word(struct sql_reader *reader, const char *word)
{
    static const char *const beginnings[] = {"BEGIN", "DECLARE", NULL};
    static const char *const between[] = {"OR",     "REPLACE", "EDITIONABLE", "NONEDITIONABLE",
                                          "AND",    "COMPILE", "RESOLVE",     "NOFORCE",
                                          "PUBLIC", "IF",      "NOT",         "EXISTS",
                                          NULL};
    static const char *const programs[] = {"FUNCTION", "PROCEDURE", "PACKAGE", "TRIGGER",
                                           "TYPE",     "LIBRARY",   "JAVA",    NULL};
    static const char *const inline_programs[] = {"FUNCTION", "PROCEDURE", NULL};

    switch (reader->head) {
    case SQL_HEAD_FIRST:
        reader->is_block = is_one_of(word, beginnings);
        reader->head = strcasecmp(word, "CREATE") == 0 ? SQL_HEAD_CREATE
                       : strcasecmp(word, "WITH") == 0 ? SQL_HEAD_WITH
                                                       : SQL_HEAD_KNOWN;
        break;
    case SQL_HEAD_CREATE:
        reader->is_block = is_one_of(word, programs);
        reader->head = is_one_of(word, between) ? SQL_HEAD_CREATE : SQL_HEAD_KNOWN;
        break;
    case SQL_HEAD_WITH:
        reader->is_block = is_one_of(word, inline_programs);
        reader->head = SQL_HEAD_KNOWN;
        break;
    case SQL_HEAD_KNOWN:
        break;
    }
}

/* --- a line of a statement --- */

struct scan {
    struct sql_reader *reader;
    const char *at;
    const char *end;
};

static void note_mark(struct scan *scan, const char *behind)
{
    scan->reader->end = (size_t)(behind - scan->reader->text.data);
}

static void begin_quotes(struct scan *scan, char first, char second)
{
    scan->reader->within = SQL_WITHIN_QUOTES;
    scan->reader->quotes[0] = first;
    scan->reader->quotes[1] = second;
    scan->reader->quote_length = second != '\0' ? 2 : 1;
}

/* Behind q': what stands there ends it too, as the bracket that belongs to it. */
static void begin_other_quotes(struct scan *scan)
{
    static const char opening[] = "[{<(";
    static const char closing[] = "]}>)";
    const char *pair;
    char end;

    if (scan->at == scan->end) {
        return;
    }
    pair = strchr(opening, *scan->at);
    end = *scan->at;
    if (pair != NULL && *pair != '\0') {
        end = closing[pair - opening];
    }
    begin_quotes(scan, end, '\'');
    scan->at++;
}

static void scan_word(struct scan *scan)
{
    const char *word = scan->at;
    char copy[SQL_WORD_MAX];
    size_t length;

    while (scan->at < scan->end && (isalnum((unsigned char)*scan->at) ||
                                    strchr("_$#", *scan->at) != NULL || (*scan->at & 0x80) != 0)) {
        scan->at++;
    }
    length = (size_t)(scan->at - word);
    if ((*word == 'q' || *word == 'Q') && length == 1 && scan->at < scan->end &&
        *scan->at == '\'') {
        scan->at++;
        begin_other_quotes(scan);
        return;
    }
    length = length < sizeof(copy) ? length : sizeof(copy) - 1;
    memcpy(copy, word, length);
    copy[length] = '\0';
    take_word(scan->reader, copy);
}

static void scan_within(struct scan *scan)
{
    struct sql_reader *reader = scan->reader;
    const bool is_comment = reader->within == SQL_WITHIN_COMMENT;
    const char *stop = is_comment ? "*/" : reader->quotes;
    const size_t length = is_comment ? 2 : reader->quote_length;
    const char *found = memmem(scan->at, (size_t)(scan->end - scan->at), stop, length);

    scan->at = found != NULL ? found + length : scan->end;
    reader->within = found != NULL ? SQL_WITHIN_NOTHING : reader->within;
    if (!is_comment) {
        note_mark(scan, scan->at);
    }
}

static void scan_mark(struct scan *scan)
{
    const bool has_two = scan->end - scan->at >= 2;

    if (has_two && memcmp(scan->at, "--", 2) == 0) {
        scan->at = scan->end;
        return;
    }
    if (has_two && memcmp(scan->at, "/*", 2) == 0) {
        scan->reader->within = SQL_WITHIN_COMMENT;
        scan->at += 2;
        return;
    }
    if (isspace((unsigned char)*scan->at)) {
        scan->at++;
        return;
    }
    if (isalnum((unsigned char)*scan->at) || (*scan->at & 0x80) != 0) {
        scan_word(scan);
    } else {
        if (*scan->at == '\'' || *scan->at == '"') {
            begin_quotes(scan, *scan->at, '\0');
        }
        if (*scan->at == '<' && scan->reader->end == 0) {
            scan->reader->is_block = true; /* a label */
            scan->reader->head = SQL_HEAD_KNOWN;
        }
        scan->at++;
    }
    note_mark(scan, scan->at);
}

static void scan_line(struct sql_reader *reader, size_t from)
{
    struct scan scan = {.reader = reader,
                        .at = reader->text.data + from,
                        .end = reader->text.data + reader->text.length};

    while (scan.at < scan.end) {
        (reader->within == SQL_WITHIN_NOTHING ? scan_mark : scan_within)(&scan);
    }
}

/* --- lines --- */

void sql_reader_init(struct sql_reader *reader, sql_is_command *is_command)
{
    *reader = (struct sql_reader){.is_command = is_command, .is_done = true};
    buf_init(&reader->text, SQL_TEXT_MAX);
}

void sql_reader_fini(struct sql_reader *reader)
{
    buf_fini(&reader->text);
}

bool sql_reader_is_within(const struct sql_reader *reader)
{
    return !reader->is_done;
}

static enum sql_found find(struct sql_reader *reader, enum sql_found what)
{
    reader->is_done = true;
    return what;
}

/* Cuts it behind its last mark. */
static enum sql_found find_statement(struct sql_reader *reader, size_t end)
{
    while (end > 0 && isspace((unsigned char)reader->text.data[end - 1])) {
        end--;
    }
    if (end == 0) {
        buf_clear(&reader->text);
        return find(reader, SQL_FOUND_NOTHING);
    }
    reader->text.length = end;
    reader->text.data[end] = '\0';
    return find(reader, SQL_FOUND_STATEMENT);
}

static void begin(struct sql_reader *reader)
{
    buf_clear(&reader->text);
    reader->is_done = false;
    reader->lines = 0;
    reader->is_block = false;
    reader->within = SQL_WITHIN_NOTHING;
    reader->head = SQL_HEAD_FIRST;
    reader->end = 0;
}

/* Of a line before which nothing has begun. */
static enum sql_found take_first(struct sql_reader *reader, const char *line, size_t length,
                                 char alone)
{
    while (length > 0 && isspace((unsigned char)*line)) {
        line++;
        length--;
    }
    if (length == 0 || alone == '.') {
        return find(reader, SQL_FOUND_NOTHING);
    }
    if (alone == '/') {
        return find(reader, SQL_FOUND_AGAIN);
    }
    buf_add(&reader->text, line, length);
    if (reader->text.bad) {
        return find(reader, SQL_FOUND_TOO_LONG);
    }
    return reader->is_command != NULL && reader->is_command(reader->text.data)
               ? find(reader, SQL_FOUND_COMMAND)
               : SQL_FOUND_NOTHING;
}

static enum sql_found take_further(struct sql_reader *reader, const char *line, size_t length,
                                   char alone)
{
    if (alone == '/') {
        return find_statement(reader, reader->text.length);
    }
    if (alone == '.') {
        buf_clear(&reader->text);
        return find(reader, SQL_FOUND_DROPPED);
    }
    buf_add_char(&reader->text, '\n');
    buf_add(&reader->text, line, length);
    return reader->text.bad ? find(reader, SQL_FOUND_TOO_LONG) : SQL_FOUND_NOTHING;
}

/* The only mark of a line, outside of comments and quotes; NUL: there is none, or more. */
static char mark_alone(const struct sql_reader *reader, const char *line, size_t length)
{
    while (length > 0 && isspace((unsigned char)line[length - 1])) {
        length--;
    }
    while (length > 1 && isspace((unsigned char)*line)) {
        line++;
        length--;
    }
    if (length != 1 || reader->within != SQL_WITHIN_NOTHING) {
        return '\0';
    }
    return *line;
}

enum sql_found sql_reader_take(struct sql_reader *reader, const char *line, size_t length)
{
    enum sql_found found;
    size_t from;

    length -= length > 0 && line[length - 1] == '\r' ? 1 : 0;
    if (reader->is_done) {
        begin(reader);
        found = take_first(reader, line, length, mark_alone(reader, line, length));
    } else {
        found = take_further(reader, line, length, mark_alone(reader, line, length));
    }
    if (found != SQL_FOUND_NOTHING || reader->is_done) {
        return found;
    }
    reader->lines++;
    from = reader->lines > 1 ? reader->text.length - length : 0;
    scan_line(reader, from);
    if (reader->end == 0 && reader->within == SQL_WITHIN_NOTHING) {
        buf_clear(&reader->text); /* comments alone */
        return find(reader, SQL_FOUND_NOTHING);
    }
    if (!reader->is_block && reader->within == SQL_WITHIN_NOTHING && reader->end > from &&
        reader->text.data[reader->end - 1] == ';') {
        return find_statement(reader, reader->end - 1);
    }
    return SQL_FOUND_NOTHING;
}

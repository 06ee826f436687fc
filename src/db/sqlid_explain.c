/*
 * sqlid_explain.c: why a SQL_ID seen in a database is not the one computed from the text at hand.
 * Each known change is a row of a table; the search applies one, then two of them, and compares.
 */
#include <ctype.h>
#include <string.h>

#include "core/digest.h"
#include "db/sqlid.h"
#include "db/sqlid_breaks.h"
#include "db/sqlid_pieces.h"

#include "db/sqlid_priv.h"

/* --- the changes --- */

struct change {
    const char *phrase; /* "text with <phrase> ..." */
    /* Writes the changed text; one that comes out as it went in is not a finding. */
    void (*apply)(const struct change *change, const char *text, size_t length, struct buf *out);
    const char *argument;
    size_t argument_length;
    int (*convert)(int c); /* toupper or tolower */
};

static void add_end(const struct change *change, const char *text, size_t length, struct buf *out)
{
    buf_add(out, text, length);
    buf_add(out, change->argument, change->argument_length);
}

static void add_start(const struct change *change, const char *text, size_t length, struct buf *out)
{
    buf_add(out, change->argument, change->argument_length);
    buf_add(out, text, length);
}

static void cut_end(const struct change *change, const char *text, size_t length, struct buf *out)
{
    const size_t cut = change->argument_length;

    if (length >= cut && memcmp(text + length - cut, change->argument, cut) == 0) {
        length -= cut;
    }
    buf_add(out, text, length);
}

static void cut_start(const struct change *change, const char *text, size_t length, struct buf *out)
{
    (void)change;
    if (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    buf_add(out, text, length);
}

static void trim_both(const struct change *change, const char *text, size_t length, struct buf *out)
{
    (void)change;
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    buf_add(out, text, length);
}

static void to_lf(const struct change *change, const char *text, size_t length, struct buf *out)
{
    (void)change;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\r' || i + 1 == length || text[i + 1] != '\n') {
            buf_add_char(out, text[i]);
        }
    }
}

static void to_crlf(const struct change *change, const char *text, size_t length, struct buf *out)
{
    (void)change;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) {
            buf_add_char(out, '\r');
        }
        buf_add_char(out, text[i]);
    }
}

/* Runs of white space become one blank, and the ends lose theirs. */
static void fold_all(const struct change *change, const char *text, size_t length, struct buf *out)
{
    (void)change;
    for (size_t i = 0; i < length; i++) {
        if (!isspace((unsigned char)text[i])) {
            if (i > 0 && isspace((unsigned char)text[i - 1]) && out->length > 0) {
                buf_add_char(out, ' ');
            }
            buf_add_char(out, text[i]);
        }
    }
}

static void fold_outside(const struct change *change, const char *text, size_t length,
                         struct buf *out)
{
    const char *end = text + length;
    bool was_blank = false;

    (void)change;
    while (text < end) {
        enum piece piece;
        const char *next = piece_end(text, end, &piece);

        if (piece != PIECE_BLANK) {
            buf_add(out, text, (size_t)(next - text));
        } else if (!was_blank) {
            buf_add_char(out, ' ');
        }
        was_blank = piece == PIECE_BLANK;
        text = next;
    }
}

static void tabs_to_blanks(const struct change *change, const char *text, size_t length,
                           struct buf *out)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\t') {
            buf_add(out, change->argument, change->argument_length);
        } else {
            buf_add_char(out, text[i]);
        }
    }
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim_lines(const struct change *change, const char *text, size_t length,
                       struct buf *out)
{
    (void)change;
    for (size_t i = 0; i < length; i++) {
        const size_t begun = i;

        while (i < length && is_blank(text[i])) {
            i++;
        }
        if (i < length && text[i] != '\n' && text[i] != '\r') {
            buf_add(out, text + begun, i - begun);
        }
        if (i < length) {
            buf_add_char(out, text[i]);
        }
    }
}

/* After each comma outside of literals, the argument in place of the blanks that are there. */
static void space_commas(const struct change *change, const char *text, size_t length,
                         struct buf *out)
{
    const char *end = text + length;

    while (text < end) {
        enum piece piece;
        const char *next = piece_end(text, end, &piece);

        buf_add(out, text, (size_t)(next - text));
        if (piece == PIECE_MARK && *text == ',') {
            while (next < end && is_blank(*next)) {
                next++;
            }
            buf_add(out, change->argument, change->argument_length);
        }
        text = next;
    }
}

static void add_converted(const struct change *change, const char *text, size_t length,
                          struct buf *out)
{
    for (size_t i = 0; i < length; i++) {
        buf_add_char(out, (char)change->convert((unsigned char)text[i]));
    }
}

static void convert_keywords(const struct change *change, const char *text, size_t length,
                             struct buf *out)
{
    const char *end = text + length;

    while (text < end) {
        enum piece piece;
        const char *next = piece_end(text, end, &piece);
        const size_t size = (size_t)(next - text);

        if (piece == PIECE_WORD && piece_is_keyword(text, size)) {
            add_converted(change, text, size, out);
        } else {
            buf_add(out, text, size);
        }
        text = next;
    }
}

static void convert_outside(const struct change *change, const char *text, size_t length,
                            struct buf *out)
{
    const char *end = text + length;

    while (text < end) {
        enum piece piece;
        const bool is_bind = *text == ':';
        const char *next = piece_end(text, end, &piece);
        const size_t size = (size_t)(next - text);

        if (piece == PIECE_WORD || (piece == PIECE_APART && is_bind)) {
            add_converted(change, text, size, out);
        } else {
            buf_add(out, text, size);
        }
        text = next;
    }
}

/* The argument is the bind: a '1' in it stands for the number, counted from 1, a '0' for one
 * counted from 0. */
static void add_bind(const struct change *change, int64_t number, struct buf *out)
{
    for (size_t i = 0; i < change->argument_length; i++) {
        const char c = change->argument[i];

        if (c == '0' || c == '1') {
            buf_add_int(out, number + (c - '0'));
        } else {
            buf_add_char(out, c);
        }
    }
}

static void literals_to_binds(const struct change *change, const char *text, size_t length,
                              struct buf *out)
{
    const char *end = text + length;
    int64_t count = 0;

    while (text < end) {
        enum piece piece;
        const char *next = piece_end(text, end, &piece);

        if (piece == PIECE_STRING) {
            while (next < end && *next == '\'') { /* a doubled quote goes on with the string */
                next = piece_after_quote(next, end);
            }
        }
        if (piece == PIECE_STRING || piece == PIECE_NUMBER) {
            add_bind(change, count++, out);
        } else {
            buf_add(out, text, (size_t)(next - text));
        }
        text = next;
    }
}

#define TEXT(literal) .argument = (literal), .argument_length = sizeof(literal) - 1
static const struct change CHANGES[] = {
    {"a newline added at the end", add_end, TEXT("\n")},
    {"the newline at the end taken away", cut_end, TEXT("\n")},
    {"a blank added at the end", add_end, TEXT(" ")},
    {"the blank at the end taken away", cut_end, TEXT(" ")},
    {"a semicolon added at the end", add_end, TEXT(";")},
    {"the semicolon at the end taken away", cut_end, TEXT(";")},
    {"a slash added at the end", add_end, TEXT("/")},
    {"the slash at the end taken away", cut_end, TEXT("/")},
    {"a line with a slash added at the end", add_end, TEXT("\n/")},
    {"the line with the slash at the end taken away", cut_end, TEXT("\n/")},
    {"a carriage return and a newline added at the end", add_end, TEXT("\r\n")},
    {"the carriage return and the newline at the end taken away", cut_end, TEXT("\r\n")},
    {"a blank added at the start", add_start, TEXT(" ")},
    {"a newline added at the start", add_start, TEXT("\n")},
    {"the blank or newline at the start taken away", cut_start, TEXT("")},
    {"the white space at both ends taken away", trim_both, TEXT("")},
    {"CRLF line ends turned into LF", to_lf, TEXT("")},
    {"LF line ends turned into CRLF", to_crlf, TEXT("")},
    {"runs of blanks outside literals folded into one", fold_outside, TEXT("")},
    {"runs of blanks folded into one and the ends trimmed", fold_all, TEXT("")},
    {"tabs turned into blanks", tabs_to_blanks, TEXT(" ")},
    {"tabs turned into 4 blanks", tabs_to_blanks, TEXT("    ")},
    {"tabs turned into 8 blanks", tabs_to_blanks, TEXT("        ")},
    {"the blanks at line ends taken away", trim_lines, TEXT("")},
    {"one blank after each comma", space_commas, TEXT(" ")},
    {"no blanks after commas", space_commas, TEXT("")},
    {"keywords in upper case", convert_keywords, .convert = toupper},
    {"keywords in lower case", convert_keywords, .convert = tolower},
    {"all but literals in upper case", convert_outside, .convert = toupper},
    {"all but literals in lower case", convert_outside, .convert = tolower},
    {"the whole text in upper case", add_converted, .convert = toupper},
    {"the whole text in lower case", add_converted, .convert = tolower},
    {"literals replaced by binds :1, :2 ...", literals_to_binds, TEXT(":1")},
    {"literals replaced by binds :B1, :B2 ...", literals_to_binds, TEXT(":B1")},
    {"literals replaced by binds :\"SYS_B_0\" ... (cursor sharing)", literals_to_binds,
     TEXT(":\"SYS_B_0\"")},
    {"literals replaced by binds :SYS_B_0 ... (cursor sharing)", literals_to_binds,
     TEXT(":SYS_B_0")},
    {"literals replaced by binds ?", literals_to_binds, TEXT("?")},
    {"literals replaced by binds $1, $2 ...", literals_to_binds, TEXT("$1")},
    {"a second NUL at the end", add_end, .argument = "", .argument_length = 1},
};
#undef TEXT

/* --- the search --- */

/* Known ways to compute a SQL_ID wrongly; each counts as a change. */
enum method { METHOD_ORACLE, METHOD_WITHOUT_NUL, METHOD_BIG_ENDIAN, METHOD_COUNT };

static const char *const METHOD_PHRASES[METHOD_COUNT] = {
    [METHOD_WITHOUT_NUL] = "the NUL at the end left out of the digest",
    [METHOD_BIG_ENDIAN] = "the digest read as big-endian words (not what Oracle does)",
};

enum { CHANGE_COUNT = sizeof(CHANGES) / sizeof(CHANGES[0]) };

static uint32_t word_of(const uint8_t *bytes, bool is_big_endian)
{
    uint32_t word = 0;

    for (size_t i = 0; i < 4; i++) {
        word = word << 8 | bytes[is_big_endian ? i : 3 - i];
    }
    return word;
}

static bool has_sql_id(enum method method, const char *text, size_t length, const char *sql_id)
{
    const bool is_big_endian = method == METHOD_BIG_ENDIAN;
    uint8_t digest[DIGEST_MD5_SIZE];
    char found[SQLID_SIZE];

    digest_md5_two(text, length, "", method == METHOD_WITHOUT_NUL ? 0 : 1, digest);
    sqlid_from_number((uint64_t)word_of(digest + 8, is_big_endian) << 32 |
                          word_of(digest + 12, is_big_endian),
                      found);
    return strcmp(found, sql_id) == 0;
}

/* False when the change does not touch this text. */
static bool apply(const struct change *change, const char *text, size_t length, struct buf *out)
{
    buf_clear(out);
    buf_reserve(out, 1); /* so that an empty result is a text too */
    change->apply(change, text, length, out);
    return !out->bad && (out->length != length || memcmp(out->data, text, length) != 0);
}

static size_t report(struct buf *out, const char *first, const char *second)
{
    buf_printf(out, "it is the SQL_ID of this text with %s%s%s\n", first,
               second != NULL ? " and " : "", second != NULL ? second : "");
    return 1;
}

static size_t explain_one(const char *text, size_t length, const char *sql_id, struct buf *scratch,
                          struct buf *out)
{
    for (size_t i = 0; i < CHANGE_COUNT; i++) {
        if (apply(&CHANGES[i], text, length, scratch) &&
            has_sql_id(METHOD_ORACLE, scratch->data, scratch->length, sql_id)) {
            return report(out, CHANGES[i].phrase, NULL);
        }
    }
    for (enum method method = METHOD_ORACLE + 1; method < METHOD_COUNT; method++) {
        if (has_sql_id(method, text, length, sql_id)) {
            return report(out, METHOD_PHRASES[method], NULL);
        }
    }
    return 0;
}

/* A second change on top of the first, whose text is `once`. */
static size_t explain_second(const struct change *first, const struct buf *once, const char *sql_id,
                             struct buf *scratch, struct buf *out)
{
    for (size_t i = 0; i < CHANGE_COUNT; i++) {
        if (apply(&CHANGES[i], once->data, once->length, scratch) &&
            has_sql_id(METHOD_ORACLE, scratch->data, scratch->length, sql_id)) {
            return report(out, first->phrase, CHANGES[i].phrase);
        }
    }
    for (enum method method = METHOD_ORACLE + 1; method < METHOD_COUNT; method++) {
        if (has_sql_id(method, once->data, once->length, sql_id)) {
            return report(out, first->phrase, METHOD_PHRASES[method]);
        }
    }
    return 0;
}

/* Lines of a text, each behind four blanks. */
static void report_text(const struct buf *text, struct buf *out)
{
    for (size_t at = 0; at < text->length;) {
        const char *line = text->data + at;
        const char *end = memchr(line, '\n', text->length - at);
        const size_t size = end != NULL ? (size_t)(end - line) : text->length - at;

        buf_add_text(out, "    ");
        buf_add(out, line, size);
        buf_add_char(out, '\n');
        at += size + 1;
    }
}

static size_t explain_breaks(const char *text, size_t length, const char *sql_id, struct buf *out)
{
    struct buf phrase;
    struct buf found;
    size_t count = 0;

    buf_init(&phrase, 4096);
    buf_init(&found, 256 + length * 10);
    if (sqlid_breaks_find(text, length, sql_id, &phrase, &found)) {
        count = report(out, phrase.data, NULL);
        report_text(&found, out);
    }
    buf_fini(&found);
    buf_fini(&phrase);
    return count;
}

size_t sqlid_explain(const char *text, size_t length, const char *sql_id, struct buf *out)
{
    /* A literal of one digit grows to a bind of a dozen bytes, a newline to two; twice each. */
    const size_t max = 256 + length * 64;
    struct buf once;
    struct buf twice;
    size_t found = 0;

    if (has_sql_id(METHOD_ORACLE, text, length, sql_id)) {
        buf_add_text(out, "it is the SQL_ID of this text as it is\n");
        return 1;
    }
    buf_init(&once, max);
    buf_init(&twice, max);
    found = explain_one(text, length, sql_id, &once, out);
    for (size_t i = 0; i < CHANGE_COUNT && found == 0; i++) {
        if (apply(&CHANGES[i], text, length, &once)) {
            found = explain_second(&CHANGES[i], &once, sql_id, &twice, out);
        }
    }
    buf_fini(&twice);
    buf_fini(&once);
    return found > 0 ? found : explain_breaks(text, length, sql_id, out);
}

#include "http/json_scan.h"

#include <string.h>

/* Which bracket was opened is kept for so many levels; what lies deeper is only counted, since no
 * parser here goes there. */
enum { LEVELS_KEPT = 1024, WORD_BITS = 64 };

struct levels {
    uint64_t is_list[LEVELS_KEPT / WORD_BITS];
    size_t depth;
};

static void skip_blanks(struct rd *rd)
{
    while (rd_skip_char(rd, ' ') || rd_skip_char(rd, '\n') || rd_skip_char(rd, '\r') ||
           rd_skip_char(rd, '\t')) {
    }
}

/* The rest of a text whose quote has been taken, its closing quote included. */
static void skip_text(struct rd *rd)
{
    while (!rd->bad) {
        const uint8_t c = rd_u8(rd);

        if (c == '"') {
            return;
        }
        if (c == '\\') {
            (void)rd_u8(rd);
        }
    }
}

static void enter(struct levels *levels, bool is_list)
{
    const size_t at = levels->depth++;
    const uint64_t bit = UINT64_C(1) << (at % WORD_BITS);

    if (at < LEVELS_KEPT) {
        levels->is_list[at / WORD_BITS] &= ~bit;
        levels->is_list[at / WORD_BITS] |= is_list ? bit : 0;
    }
}

/* False: the bracket closes another than was opened. */
static bool leave(struct levels *levels, bool is_list)
{
    const size_t at = --levels->depth;

    return at >= LEVELS_KEPT ||
           ((levels->is_list[at / WORD_BITS] >> (at % WORD_BITS)) & 1) == (is_list ? 1U : 0U);
}

/* A list or an object, whose bracket has been taken. */
static void skip_nested(struct rd *rd, bool is_list)
{
    struct levels levels = {.depth = 0};

    enter(&levels, is_list);
    while (!rd->bad && levels.depth > 0) {
        const uint8_t c = rd_u8(rd);

        if (c == '"') {
            skip_text(rd);
        } else if (c == '[' || c == '{') {
            enter(&levels, c == '[');
        } else if ((c == ']' || c == '}') && !leave(&levels, c == ']')) {
            rd->bad = true;
        }
    }
}

/* A number or a word: whatever stands before the next mark. */
static void skip_word(struct rd *rd)
{
    const char *start = rd->at;

    while (rd_left(rd) > 0 && strchr(" \n\r\t,:[]{}\"", *rd->at) == NULL) {
        rd->at++;
    }
    rd->bad = rd->bad || rd->at == start;
}

static struct json_piece take_value(struct rd *rd)
{
    struct json_piece piece = {.text = rd->at};

    if (rd_skip_char(rd, '"')) {
        skip_text(rd);
    } else if (rd_skip_char(rd, '[')) {
        skip_nested(rd, true);
    } else if (rd_skip_char(rd, '{')) {
        skip_nested(rd, false);
    } else {
        skip_word(rd);
    }
    piece.length = (size_t)(rd->at - piece.text);
    skip_blanks(rd);
    return piece;
}

/* A name with its colon. */
static struct json_piece take_name(struct rd *rd)
{
    struct json_piece name = {.text = ""};

    if (!rd_skip_char(rd, '"')) {
        rd->bad = true;
        return name;
    }
    name.text = rd->at;
    skip_text(rd);
    name.length = rd->bad ? 0 : (size_t)(rd->at - name.text) - 1;
    skip_blanks(rd);
    rd->bad = rd->bad || !rd_skip_char(rd, ':');
    skip_blanks(rd);
    return name;
}

struct json_scan json_scan_of(struct json_piece text)
{
    struct json_scan scan = {.rd = rd_of(text.text, text.length)};

    skip_blanks(&scan.rd);
    if (rd_skip_char(&scan.rd, '{')) {
        scan.is_object = true;
    } else {
        scan.bad = !rd_skip_char(&scan.rd, '[');
    }
    skip_blanks(&scan.rd);
    return scan;
}

static bool is_closed(struct json_scan *scan)
{
    if (!rd_skip_char(&scan->rd, scan->is_object ? '}' : ']')) {
        return false;
    }
    skip_blanks(&scan->rd);
    scan->bad = !rd_at_end(&scan->rd);
    return true;
}

bool json_scan_next(struct json_scan *scan, struct json_piece *ret_name,
                    struct json_piece *ret_value)
{
    struct json_piece name = {.text = ""};
    struct json_piece value;

    if (scan->bad || scan->is_over) {
        return false;
    }
    scan->is_over = is_closed(scan);
    if (scan->is_over) {
        return false;
    }
    if (scan->is_begun) {
        scan->rd.bad = scan->rd.bad || !rd_skip_char(&scan->rd, ',');
        skip_blanks(&scan->rd);
    }
    scan->is_begun = true;
    if (scan->is_object) {
        name = take_name(&scan->rd);
    }
    value = take_value(&scan->rd);
    scan->bad = scan->rd.bad;
    if (scan->bad) {
        return false;
    }
    *ret_name = name;
    *ret_value = value;
    return true;
}

bool json_piece_is(struct json_piece name, const char *text)
{
    return name.length == strlen(text) && memcmp(name.text, text, name.length) == 0;
}

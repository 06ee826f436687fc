/*
 * What statements give. This listener knows a list of items FROM DUAL, as many rows as CONNECT BY
 * LEVEL says, changes that it counts and forgets, and blocks that take time or end the connection:
 *
 *     SELECT item [AS name], ... FROM DUAL [CONNECT BY LEVEL <= number or :bind]
 *     INSERT, UPDATE or DELETE of any kind: one row for each execution
 *     BEGIN SLEEP(ms); END;    BEGIN CUT; END;
 *
 * An item is a number, a text in quotes, a :bind, LEVEL, NULL, DBTIMEZONE, or
 * SYS_CONTEXT('USERENV', 'MODULE') and the like of the session's other tags.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ora/number.h"
#include "tests/support/tnsd/tnsd.h"

enum { SIZE_NUMBER = 22, FORM_DATABASE = 1 };

static const char BAD_IDENTIFIER[] = "ORA-00904: invalid identifier\n";
static const char NO_TABLE[] = "ORA-00942: table or view does not exist\n";
static const char BAD_STATEMENT[] = "ORA-00900: invalid SQL statement\n";

struct parse {
    const char *at;
    const char *end;
    struct tnsd_cursor *cursor;
};

static void skip_blanks(struct parse *p)
{
    while (p->at < p->end && isspace((unsigned char)*p->at)) {
        p->at++;
    }
}

static size_t word_length(const struct parse *p)
{
    size_t length = 0;

    while (p->at + length < p->end &&
           (isalnum((unsigned char)p->at[length]) || p->at[length] == '_')) {
        length++;
    }
    return length;
}

static bool take_word(struct parse *p, const char *word)
{
    skip_blanks(p);
    if (word_length(p) != strlen(word) || strncasecmp(p->at, word, strlen(word)) != 0) {
        return false;
    }
    p->at += strlen(word);
    return true;
}

static bool take_char(struct parse *p, char c)
{
    skip_blanks(p);
    if (p->at == p->end || *p->at != c) {
        return false;
    }
    p->at++;
    return true;
}

static void name_column(struct tnsd_column *column, const char *text, size_t length)
{
    length = length < sizeof(column->name) - 1 ? length : sizeof(column->name) - 1;
    for (size_t i = 0; i < length; i++) {
        column->name[i] = (char)toupper((unsigned char)text[i]);
    }
    column->name[length] = '\0';
}

static void be_number(struct tnsd_column *column)
{
    column->type = ORA_TYPE_NUMBER;
    column->size = SIZE_NUMBER;
}

static bool take_number(struct parse *p, struct ora_number *ret)
{
    const char *start;

    skip_blanks(p);
    start = p->at;
    while (p->at < p->end && strchr("+-.0123456789eE", *p->at) != NULL) {
        p->at++;
    }
    return p->at > start && ora_number_of_text(start, (size_t)(p->at - start), ret) == NULL;
}

static bool take_text(struct parse *p, struct tnsd_column *column)
{
    const char *end = memchr(p->at, '\'', (size_t)(p->end - p->at));
    const size_t length = end == NULL ? 0 : (size_t)(end - p->at);

    if (end == NULL || length > sizeof(column->constant)) {
        return false;
    }
    memcpy(column->constant, p->at, length);
    column->constant_length = length;
    column->type = ORA_TYPE_CHAR;
    column->charset_form = FORM_DATABASE;
    column->size = length > 0 ? (uint32_t)length : 1;
    p->at = end + 1;
    return true;
}

/* In SQL each place is a bind of its own. */
static bool take_bind(struct parse *p, uint32_t *ret)
{
    if (word_length(p) == 0 || p->cursor->bind_count == TNSD_BINDS_MAX) {
        return false;
    }
    p->at += word_length(p);
    *ret = p->cursor->bind_count++;
    return true;
}

static bool take_tag(struct parse *p, struct tnsd_column *column)
{
    static const char *const names[TNSD_TAGS] = {"CLIENT_IDENTIFIER", "MODULE", "ACTION", "",
                                                 "CLIENT_INFO",       "DBOP"};

    if (!take_char(p, '(') || !take_char(p, '\'') || !take_word(p, "USERENV") ||
        !take_char(p, '\'') || !take_char(p, ',') || !take_char(p, '\'')) {
        return false;
    }
    for (uint32_t i = 0; i < TNSD_TAGS; i++) {
        if (names[i][0] != '\0' && take_word(p, names[i])) {
            column->item = TNSD_TAG;
            column->bind = i;
            column->type = ORA_TYPE_VARCHAR;
            column->charset_form = FORM_DATABASE;
            column->size = TNSD_TAG_MAX;
            return take_char(p, '\'') && take_char(p, ')');
        }
    }
    return false;
}

static bool take_item(struct parse *p, struct tnsd_column *column)
{
    static const char zone[] = "+00:00";
    struct ora_number number;

    if (take_char(p, ':')) {
        column->item = TNSD_BIND;
        return take_bind(p, &column->bind);
    }
    if (take_char(p, '\'')) {
        return take_text(p, column);
    }
    if (take_word(p, "SYS_CONTEXT")) {
        return take_tag(p, column);
    }
    if (take_word(p, "LEVEL")) {
        column->item = TNSD_LEVEL;
        be_number(column);
        return true;
    }
    if (take_word(p, "NULL")) {
        column->item = TNSD_NULL;
        column->type = ORA_TYPE_VARCHAR;
        column->charset_form = FORM_DATABASE;
        column->size = 1;
        return true;
    }
    if (take_word(p, "DBTIMEZONE")) {
        memcpy(column->constant, zone, sizeof(zone) - 1);
        column->constant_length = sizeof(zone) - 1;
        column->type = ORA_TYPE_VARCHAR;
        column->charset_form = FORM_DATABASE;
        column->size = sizeof(zone) - 1;
        return true;
    }
    if (!take_number(p, &number)) {
        return false;
    }
    memcpy(column->constant, number.bytes, number.length);
    column->constant_length = number.length;
    be_number(column);
    return true;
}

static bool take_column(struct parse *p)
{
    struct tnsd_column *column = &p->cursor->columns[p->cursor->column_count];
    const char *start;

    if (p->cursor->column_count == TNSD_COLUMNS_MAX) {
        return false;
    }
    skip_blanks(p);
    start = p->at;
    if (!take_item(p, column)) {
        return false;
    }
    name_column(column, start, (size_t)(p->at - start));
    if (take_word(p, "AS")) {
        skip_blanks(p);
        name_column(column, p->at, word_length(p));
        p->at += word_length(p);
    }
    p->cursor->column_count++;
    return true;
}

static bool take_limit(struct parse *p)
{
    struct tnsd_cursor *cursor = p->cursor;
    struct ora_number number;
    int64_t limit;

    cursor->limit = 1;
    if (!take_word(p, "CONNECT")) {
        return true;
    }
    if (!take_word(p, "BY") || !take_word(p, "LEVEL") || !take_char(p, '<') || !take_char(p, '=')) {
        return false;
    }
    if (take_char(p, ':')) {
        cursor->is_limited_by_bind = true;
        return take_bind(p, &cursor->limit_bind);
    }
    if (!take_number(p, &number) || ora_number_int(number.bytes, number.length, &limit) != NULL ||
        limit < 0) {
        return false;
    }
    cursor->limit = (uint64_t)limit;
    return true;
}

static const char *parse_query(struct parse *p, uint32_t *ret_number)
{
    p->cursor->kind = TNSD_QUERY;
    do {
        if (!take_column(p)) {
            *ret_number = 904;
            return BAD_IDENTIFIER;
        }
    } while (take_char(p, ','));
    if (!take_word(p, "FROM") || !take_word(p, "DUAL")) {
        *ret_number = 942;
        return NO_TABLE;
    }
    if (!take_limit(p)) {
        *ret_number = 900;
        return BAD_STATEMENT;
    }
    skip_blanks(p);
    *ret_number = p->at == p->end ? 0 : 900;
    return p->at == p->end ? NULL : BAD_STATEMENT;
}

/* Its binds are counted, so that it can be executed again by its number. */
static const char *parse_change(struct parse *p)
{
    uint32_t bind;

    p->cursor->kind = TNSD_CHANGE;
    for (; p->at < p->end; p->at++) {
        if (*p->at == ':') {
            p->at++;
            if (!take_bind(p, &bind)) {
                return BAD_STATEMENT;
            }
            p->at--;
        }
    }
    return NULL;
}

static const char *parse_block(struct parse *p)
{
    struct ora_number number;
    int64_t ms = 0;

    if (take_word(p, "CUT")) {
        p->cursor->kind = TNSD_CUT;
        return NULL;
    }
    if (!take_word(p, "SLEEP") || !take_char(p, '(') || !take_number(p, &number) ||
        ora_number_int(number.bytes, number.length, &ms) != NULL || ms < 0) {
        return BAD_STATEMENT;
    }
    p->cursor->kind = TNSD_SLEEP;
    p->cursor->limit = (uint64_t)ms;
    return NULL;
}

const char *tnsd_parse(const char *sql, size_t length, struct tnsd_cursor *ret,
                       uint32_t *ret_number)
{
    struct parse p = {.at = sql, .end = sql + length, .cursor = ret};
    const char *fault = BAD_STATEMENT;

    *ret = (struct tnsd_cursor){.id = 0};
    if (take_word(&p, "SELECT")) {
        return parse_query(&p, ret_number);
    }
    if (take_word(&p, "INSERT") || take_word(&p, "UPDATE") || take_word(&p, "DELETE")) {
        fault = parse_change(&p);
    } else if (take_word(&p, "BEGIN")) {
        fault = parse_block(&p);
    }
    *ret_number = fault == NULL ? 0 : 900;
    return fault;
}

#include "store/where.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

#define PLAIN_MARKS "_-./:@*+${}"

enum { NUMBER_MAX = 40 };

/* ---- words ---- */

static const char *const KINDS[] = {"unspecified", "internal", "server",
                                    "client",      "producer", "consumer"};
static const char *const STATUSES[] = {"unset", "ok", "error"};

const char *where_kind_word(int64_t kind)
{
    return kind > 0 && kind < (int64_t)(sizeof(KINDS) / sizeof(KINDS[0])) ? KINDS[kind] : KINDS[0];
}

const char *where_status_word(int64_t status)
{
    return status > 0 && status < (int64_t)(sizeof(STATUSES) / sizeof(STATUSES[0]))
               ? STATUSES[status]
               : STATUSES[0];
}

static const struct {
    const char *name;
    enum where_field field;
    const char *const *words; /* that it may be; NULL: any */
    size_t word_count;
} FIELDS[] = {
    {"service", WHERE_SERVICE, NULL, 0},
    {"name", WHERE_NAME, NULL, 0},
    {"route", WHERE_ROUTE, NULL, 0},
    {"kind", WHERE_KIND, KINDS, sizeof(KINDS) / sizeof(KINDS[0])},
    {"status", WHERE_STATUS, STATUSES, sizeof(STATUSES) / sizeof(STATUSES[0])},
    {"http_status", WHERE_HTTP_STATUS, NULL, 0},
    {"duration", WHERE_DURATION, NULL, 0},
    {"sql_id", WHERE_SQL_ID, NULL, 0},
    {"statement", WHERE_STATEMENT, NULL, 0},
};
enum { FIELD_COUNT = sizeof(FIELDS) / sizeof(FIELDS[0]) };

static const struct {
    const char *name;
    double ns;
} UNITS[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}};
#define NS_PER_MS 1e6

/* ---- tokens ---- */

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_SIGN };

struct token {
    enum token_kind kind;
    const char *text; /* in the arena, without quotes */
    size_t at;        /* of its first byte */
};

struct parsing {
    struct arena *arena;
    const char *text;
    size_t at; /* behind the token */
    struct token token;
    size_t depth;
    bool is_within_any;
    struct where *where;
    struct err *err;
};

static bool fail_at(struct parsing *parsing, size_t at, const char *why, const char *what)
{
    return err_field(parsing->err, ERR_INVALID, "q", "character %zu: %s%s%.60s%s",
                     utf8_count(arena_dup(parsing->arena, parsing->text, at)) + 1, why,
                     what != NULL ? " \"" : "", what != NULL ? what : "", what != NULL ? "\"" : "");
}

static bool fail(struct parsing *parsing, const char *why)
{
    const char *found = parsing->token.kind == TOKEN_END ? "the end" : parsing->token.text;

    return fail_at(parsing, parsing->token.at, why, found);
}

static bool is_plain(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr(PLAIN_MARKS, c) != NULL) ||
           (unsigned char)c >= 0x80; /* of UTF-8, which the condition is */
}

static bool read_quoted(struct parsing *parsing)
{
    const char *at = parsing->text + parsing->at + 1;
    char *text = arena_alloc(parsing->arena, strlen(at) + 1);
    size_t length = 0;

    for (; *at != '"'; at++) {
        if (*at == '\\') {
            at++;
        }
        if (*at == '\0') {
            return fail_at(parsing, parsing->at, "a quoted text does not end", NULL);
        }
        text[length++] = *at;
    }
    parsing->token = (struct token){.kind = TOKEN_QUOTED, .text = text, .at = parsing->at};
    parsing->at = (size_t)(at + 1 - parsing->text);
    return true;
}

/* ".." parts the ends of a range, also where what stands on both sides are plain characters. */
static size_t word_length(const char *text)
{
    size_t length = 0;

    while (is_plain(text[length]) && strncmp(text + length, "..", 2) != 0) {
        length++;
    }
    return length;
}

static bool next(struct parsing *parsing)
{
    static const char *const SIGNS[] = {"!=", "<=", ">=", "!~", "..", "=", "<", ">", "~", "(", ")"};
    const char *at;
    size_t length;

    parsing->at += strspn(parsing->text + parsing->at, " \t\r\n");
    at = parsing->text + parsing->at;
    if (*at == '\0') {
        parsing->token = (struct token){.kind = TOKEN_END, .text = "", .at = parsing->at};
        return true;
    }
    if (*at == '"') {
        return read_quoted(parsing);
    }
    length = word_length(at);
    parsing->token = (struct token){.kind = TOKEN_WORD, .at = parsing->at};
    for (size_t i = 0; length == 0 && i < sizeof(SIGNS) / sizeof(SIGNS[0]); i++) {
        if (strncmp(at, SIGNS[i], strlen(SIGNS[i])) == 0) {
            parsing->token.kind = TOKEN_SIGN;
            length = strlen(SIGNS[i]);
        }
    }
    if (length == 0) {
        return fail_at(parsing, parsing->at, "nothing here begins with",
                       arena_dup(parsing->arena, at, 1));
    }
    parsing->token.text = arena_dup(parsing->arena, at, length);
    parsing->at += length;
    return true;
}

static bool is_sign(const struct parsing *parsing, const char *sign)
{
    return parsing->token.kind == TOKEN_SIGN && strcmp(parsing->token.text, sign) == 0;
}

static bool is_word(const struct parsing *parsing, const char *word)
{
    return parsing->token.kind == TOKEN_WORD && strcasecmp(parsing->token.text, word) == 0;
}

/* ---- fields and values ---- */

static bool read_field(struct parsing *parsing, struct where_leaf *leaf)
{
    const char *name = parsing->token.text;

    if (parsing->token.kind != TOKEN_WORD && parsing->token.kind != TOKEN_QUOTED) {
        return fail(parsing, "a field is expected, not");
    }
    for (size_t i = 0; parsing->token.kind == TOKEN_WORD && i < FIELD_COUNT; i++) {
        if (strcmp(FIELDS[i].name, name) == 0) {
            leaf->field = FIELDS[i].field;
            return next(parsing);
        }
    }
    leaf->field = WHERE_ATTRIBUTE;
    leaf->key = name;
    if (strncmp(name, "resource.", strlen("resource.")) == 0) {
        leaf->field = WHERE_RESOURCE;
        leaf->key = name + strlen("resource.");
    } else if (strncmp(name, "span.", strlen("span.")) == 0) {
        leaf->key = name + strlen("span.");
    } else if (strchr(name, '.') == NULL) {
        return fail_at(parsing, parsing->token.at,
                       "no field has this name, and an attribute without a dot is asked for as "
                       "span.NAME:",
                       name);
    }
    return *leaf->key != '\0' ? next(parsing) : fail(parsing, "an attribute has no name in");
}

/* "250ms": a number, and what stands behind it. */
static bool read_number(const char *text, bool is_duration, double *ret)
{
    char digits[NUMBER_MAX];
    const size_t length = strspn(text, "+-.0123456789eE");
    char *end = NULL;

    if (length == 0 || length >= sizeof(digits) || isalpha((unsigned char)text[0])) {
        return false;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    *ret = strtod(digits, &end);
    if (*end != '\0' || !isfinite(*ret)) {
        return false;
    }
    if (text[length] == '\0') {
        *ret *= is_duration ? NS_PER_MS : 1;
        return true;
    }
    for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        if (strcmp(UNITS[i].name, text + length) == 0) {
            *ret *= UNITS[i].ns;
            return true;
        }
    }
    return false;
}

static bool may_be(const struct parsing *parsing, const struct where_leaf *leaf)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        bool is_there =
            FIELDS[i].words == NULL || leaf->test == WHERE_CONTAINS || leaf->test == WHERE_LACKS;

        for (size_t at = 0; !is_there && at < FIELDS[i].word_count; at++) {
            is_there = strcmp(FIELDS[i].words[at], parsing->token.text) == 0;
        }
        if (FIELDS[i].field == leaf->field && !is_there) {
            return false;
        }
    }
    return true;
}

static bool read_value(struct parsing *parsing, const struct where_leaf *leaf,
                       struct where_value *ret)
{
    const bool is_duration = leaf->field == WHERE_DURATION;
    const bool is_number = is_duration || leaf->field == WHERE_HTTP_STATUS;

    if (parsing->token.kind != TOKEN_WORD && parsing->token.kind != TOKEN_QUOTED) {
        return fail(parsing, "a value is expected, not");
    }
    *ret = (struct where_value){.text = parsing->token.text};
    ret->is_number = parsing->token.kind == TOKEN_WORD &&
                     read_number(parsing->token.text, is_duration, &ret->number);
    if (is_number && !ret->is_number) {
        return fail(parsing, is_duration ? "a duration is expected, as 250ms, not"
                                         : "a number is expected, not");
    }
    if (!may_be(parsing, leaf)) {
        return fail(parsing, leaf->field == WHERE_KIND
                                 ? "kind is server, client, internal, producer or consumer, not"
                                 : "status is ok, error or unset, not");
    }
    return next(parsing);
}

/* ---- tests ---- */

static bool is_below(const struct where_value *a, const struct where_value *b)
{
    return a->is_number && b->is_number ? a->number < b->number : strcmp(a->text, b->text) < 0;
}

static bool read_range(struct parsing *parsing, struct where_leaf *leaf)
{
    const size_t at = parsing->token.at;

    leaf->test = WHERE_BETWEEN;
    if (!next(parsing) || !read_value(parsing, leaf, &leaf->most)) {
        return false;
    }
    return !is_below(&leaf->most, &leaf->value) ||
           fail_at(parsing, at, "a range ends below its beginning, with", leaf->most.text);
}

static bool read_test(struct parsing *parsing, struct where_leaf *leaf)
{
    static const struct {
        const char *sign;
        enum where_test test;
    } TESTS[] = {{"=", WHERE_EQUAL},       {"!=", WHERE_UNEQUAL}, {"<", WHERE_LESS},
                 {"<=", WHERE_LESS_EQUAL}, {">", WHERE_MORE},     {">=", WHERE_MORE_EQUAL},
                 {"~", WHERE_CONTAINS},    {"!~", WHERE_LACKS}};

    if (is_word(parsing, "exists") || is_word(parsing, "absent")) {
        leaf->test = is_word(parsing, "exists") ? WHERE_EXISTS : WHERE_ABSENT;
        return next(parsing);
    }
    for (size_t i = 0; i < sizeof(TESTS) / sizeof(TESTS[0]); i++) {
        if (is_sign(parsing, TESTS[i].sign)) {
            leaf->test = TESTS[i].test;
            if (!next(parsing) || !read_value(parsing, leaf, &leaf->value)) {
                return false;
            }
            return leaf->test != WHERE_EQUAL || !is_sign(parsing, "..") ||
                   read_range(parsing, leaf);
        }
    }
    return fail(parsing, "one of = != < <= > >= ~ !~ exists absent is expected, not");
}

static bool add_node(struct parsing *parsing, enum where_kind kind, size_t first, size_t second,
                     size_t *ret)
{
    struct where *where = parsing->where;

    if (where->node_count == WHERE_NODES_MOST) {
        return fail(parsing, "the condition is too long at");
    }
    where->nodes[where->node_count] = (struct where_node){kind, first, second};
    *ret = where->node_count++;
    return true;
}

static bool read_leaf(struct parsing *parsing, size_t *ret)
{
    struct where *where = parsing->where;
    struct where_leaf leaf = {.key = NULL};

    if (where->leaf_count == WHERE_LEAVES_MOST) {
        return fail(parsing, "more than 32 tests, at");
    }
    if (!read_field(parsing, &leaf) || !read_test(parsing, &leaf)) {
        return false;
    }
    where->leaves[where->leaf_count] = leaf;
    return add_node(parsing, WHERE_LEAF, where->leaf_count++, 0, ret);
}

/* ---- what joins them ---- */

static bool read_or(struct parsing *parsing, size_t *ret);

static bool read_brackets(struct parsing *parsing, size_t *ret)
{
    if (!is_sign(parsing, "(")) {
        return fail(parsing, "( is expected, not");
    }
    if (!next(parsing) || !read_or(parsing, ret)) {
        return false;
    }
    return is_sign(parsing, ")") ? next(parsing) : fail(parsing, "and, or or ) is expected, not");
}

static bool read_any(struct parsing *parsing, size_t *ret)
{
    size_t within = 0;

    if (parsing->is_within_any) {
        return fail(parsing, "within any(...) there is no other");
    }
    parsing->is_within_any = true;
    if (!next(parsing) || !read_brackets(parsing, &within)) {
        return false;
    }
    parsing->is_within_any = false;
    parsing->where->any_count++;
    return add_node(parsing, WHERE_ANY, within, 0, ret);
}

static bool read_one(struct parsing *parsing, size_t *ret)
{
    size_t within = 0;
    bool ok;

    if (++parsing->depth > WHERE_DEPTH_MOST) {
        return fail(parsing, "nested too deep at");
    }
    if (is_word(parsing, "not")) {
        ok = next(parsing) && read_one(parsing, &within) &&
             add_node(parsing, WHERE_NOT, within, 0, ret);
    } else if (is_word(parsing, "any")) {
        ok = read_any(parsing, ret);
    } else {
        ok = is_sign(parsing, "(") ? read_brackets(parsing, ret) : read_leaf(parsing, ret);
    }
    parsing->depth--;
    return ok;
}

static bool read_and(struct parsing *parsing, size_t *ret)
{
    size_t second = 0;

    if (!read_one(parsing, ret)) {
        return false;
    }
    while (is_word(parsing, "and")) {
        if (!next(parsing) || !read_one(parsing, &second) ||
            !add_node(parsing, WHERE_AND, *ret, second, ret)) {
            return false;
        }
    }
    return true;
}

static bool read_or(struct parsing *parsing, size_t *ret)
{
    size_t second = 0;

    if (!read_and(parsing, ret)) {
        return false;
    }
    while (is_word(parsing, "or")) {
        if (!next(parsing) || !read_and(parsing, &second) ||
            !add_node(parsing, WHERE_OR, *ret, second, ret)) {
            return false;
        }
    }
    return true;
}

bool where_parse(struct arena *arena, const char *text, const struct where **ret, struct err *err)
{
    struct where *where = arena_alloc(arena, sizeof(*where));
    struct parsing parsing = {.arena = arena, .text = text, .where = where, .err = err};

    *where = (struct where){.node_count = 0};
    if (utf8_count(text) > WHERE_TEXT_MAX) {
        return err_field(err, ERR_INVALID, "q", "longer than %d characters", WHERE_TEXT_MAX);
    }
    if (!next(&parsing) || !read_or(&parsing, &where->root)) {
        return false;
    }
    if (parsing.token.kind != TOKEN_END) {
        return fail(&parsing, "and or or is expected, not");
    }
    *ret = where;
    return true;
}

/* ---- whether a test holds ---- */

static bool equals(const struct where_value *a, const struct where_value *b)
{
    if (a->is_number && b->is_number) {
        return a->number == b->number;
    }
    return a->text != NULL && b->text != NULL && strcmp(a->text, b->text) == 0;
}

/* Below 0, 0 or above. False: the two have no order. */
static bool order(const struct where_value *a, const struct where_value *b, int *ret)
{
    if (a->is_number && b->is_number) {
        *ret = (a->number > b->number) - (a->number < b->number);
        return true;
    }
    if (a->is_number || b->is_number || a->text == NULL || b->text == NULL) {
        return false;
    }
    *ret = strcmp(a->text, b->text);
    return true;
}

static bool is_ordered(const struct where_leaf *leaf, const struct where_value *value)
{
    int to_value;
    int to_most;

    if (!order(value, &leaf->value, &to_value)) {
        return false;
    }
    switch (leaf->test) {
    case WHERE_LESS:
        return to_value < 0;
    case WHERE_LESS_EQUAL:
        return to_value <= 0;
    case WHERE_MORE:
        return to_value > 0;
    case WHERE_MORE_EQUAL:
        return to_value >= 0;
    default:
        return to_value >= 0 && order(value, &leaf->most, &to_most) && to_most <= 0;
    }
}

static bool contains(const struct where_leaf *leaf, const struct where_value *value)
{
    return value->text != NULL && strcasestr(value->text, leaf->value.text) != NULL;
}

bool where_leaf_holds(const struct where_leaf *leaf, const struct where_value *value)
{
    if (value == NULL || leaf->test == WHERE_EXISTS || leaf->test == WHERE_ABSENT) {
        return (leaf->test == WHERE_ABSENT) == (value == NULL) &&
               (leaf->test == WHERE_ABSENT || leaf->test == WHERE_EXISTS);
    }
    switch (leaf->test) {
    case WHERE_EQUAL:
        return equals(value, &leaf->value);
    case WHERE_UNEQUAL:
        return !equals(value, &leaf->value);
    case WHERE_CONTAINS:
        return contains(leaf, value);
    case WHERE_LACKS:
        return !contains(leaf, value);
    default:
        return is_ordered(leaf, value);
    }
}

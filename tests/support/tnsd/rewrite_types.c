/* Types: Oracle's words for them, with what stands in parentheses behind them. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/rewrite_priv.h"

enum { FRACTION_MAX = 6 }; /* digits of a second that PostgreSQL keeps */

/* (19), which whole numbers have that fit into 64 bits. A column that refers to one that numbers
 * itself must have its type. */
static bool is_whole(const struct rewriting *r)
{
    return token_is(rewrite_peek(r, 0), "(") && rewrite_peek(r, 1)->length == 2 &&
           memcmp(rewrite_peek(r, 1)->at, "19", 2) == 0 && token_is(rewrite_peek(r, 2), ")");
}

/* Of a column that numbers itself PostgreSQL wants another type, which is a NUMBER too. */
static bool is_identity(const struct rewriting *r, size_t further)
{
    return token_is(rewrite_peek(r, further), "GENERATED");
}

static bool take_digits(struct rewriting *r)
{
    if (rewrite_peek(r, 0)->kind != TOKEN_NUMBER) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    rewrite_emit_bytes(r, rewrite_peek(r, 0)->at, rewrite_peek(r, 0)->length);
    r->at++;
    return true;
}

static bool close_parenthesis(struct rewriting *r)
{
    if (!rewrite_expect(r, ")")) {
        return false;
    }
    rewrite_emit(r, ")");
    return true;
}

/* (precision), (precision, scale), (*, scale) or nothing. */
bool rewrite_number_type(struct rewriting *r)
{
    if (is_identity(r, 0) || (token_is(rewrite_peek(r, 0), "(") && is_identity(r, 3))) {
        r->at += is_identity(r, 0) ? 0 : 3;
        rewrite_emit(r, "bigint");
        return true;
    }
    if (is_whole(r)) {
        r->at += 3;
        rewrite_emit(r, "bigint");
        return true;
    }
    rewrite_emit(r, "numeric");
    if (!rewrite_take(r, "(")) {
        return true;
    }
    rewrite_emit(r, "(");
    if (rewrite_take(r, "*")) {
        rewrite_emit(r, "38");
    } else if (!take_digits(r)) {
        return false;
    }
    if (rewrite_take(r, ",")) {
        rewrite_emit(r, ",");
        if (rewrite_take(r, "-")) {
            rewrite_emit(r, "-");
        }
        if (!take_digits(r)) {
            return false;
        }
    }
    return close_parenthesis(r);
}

bool rewrite_whole_type(struct rewriting *r)
{
    rewrite_emit(r, is_identity(r, 0) ? "bigint" : r->is_block ? "numeric" : "numeric(38)");
    return true;
}

/* (length), which may count bytes or characters: here always characters. */
static bool rewrite_length(struct rewriting *r, const char *type, bool is_needed)
{
    rewrite_emit(r, type);
    if (!is_needed && !token_is(rewrite_peek(r, 0), "(")) {
        return true;
    }
    if (!rewrite_expect(r, "(")) {
        return false;
    }
    rewrite_emit(r, "(");
    if (!take_digits(r)) {
        return false;
    }
    (void)(rewrite_take(r, "BYTE") || rewrite_take(r, "CHAR"));
    return close_parenthesis(r);
}

bool rewrite_varchar_type(struct rewriting *r)
{
    return rewrite_length(r, "varchar", true);
}

bool rewrite_nvarchar_type(struct rewriting *r)
{
    return rewrite_length(r, "oracle.nvarchar2", true);
}

bool rewrite_char_type(struct rewriting *r)
{
    return rewrite_length(r, "char", false);
}

/* Its length is not kept to. */
bool rewrite_raw_type(struct rewriting *r)
{
    rewrite_emit(r, "bytea");
    if (!rewrite_expect(r, "(") || rewrite_peek(r, 0)->kind != TOKEN_NUMBER) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    r->at++;
    return rewrite_expect(r, ")");
}

static bool take_fraction(struct rewriting *r)
{
    const struct token *digits = rewrite_peek(r, 1);

    if (!token_is(rewrite_peek(r, 0), "(")) {
        return true;
    }
    if (digits->kind != TOKEN_NUMBER || digits->length != 1 || digits->at[0] > '0' + FRACTION_MAX) {
        return rewrite_refuse(r, digits);
    }
    r->at++;
    rewrite_emit(r, "(");
    return take_digits(r) && close_parenthesis(r);
}

static bool has_zone(const struct token *text)
{
    const char *blank = memchr(text->at, ' ', text->length);

    for (size_t i = blank == NULL ? text->length : (size_t)(blank - text->at); i < text->length;
         i++) {
        if (text->at[i] == '+' || text->at[i] == '-') {
            return true;
        }
    }
    return false;
}

/* TIMESTAMP 'text', or TIMESTAMP [(digits)] [WITH [LOCAL] TIME ZONE]. */
bool rewrite_timestamp_type(struct rewriting *r)
{
    const size_t with = token_is(rewrite_peek(r, 0), "(") ? 3 : 0;

    if (rewrite_peek(r, 0)->kind == TOKEN_TEXT) {
        rewrite_emit(r, has_zone(rewrite_peek(r, 0)) ? "timestamptz" : "timestamp");
        return true;
    }
    if (!token_is(rewrite_peek(r, with), "WITH")) {
        rewrite_emit(r, "timestamp");
        return take_fraction(r);
    }
    if (token_is(rewrite_peek(r, with + 1), "LOCAL")) {
        rewrite_emit(r, "ora.local_time"); /* which keeps all digits there are */
        r->at += with + 2;
        return rewrite_expect(r, "TIME") && rewrite_expect(r, "ZONE");
    }
    rewrite_emit(r, "timestamptz");
    if (!take_fraction(r)) {
        return false;
    }
    r->at++;
    return rewrite_expect(r, "TIME") && rewrite_expect(r, "ZONE");
}

static bool take_field(struct rewriting *r, bool keeps_digits)
{
    static const char *const fields[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (rewrite_take(r, fields[i])) {
            rewrite_emit(r, fields[i]);
            if (keeps_digits || !token_is(rewrite_peek(r, 0), "(")) {
                return take_fraction(r);
            }
            r->at += 2; /* how many digits the first field may have is not told to PostgreSQL */
            return rewrite_expect(r, ")");
        }
    }
    return rewrite_refuse(r, rewrite_peek(r, 0));
}

/* The sign of days is that of each part: '-1 02:03:04'. Of years PostgreSQL knows it. */
static bool is_negative_time(const struct rewriting *r)
{
    const struct token *text = rewrite_peek(r, 0);

    return text->kind == TOKEN_TEXT && text->length > 0 && text->at[0] == '-' &&
           !token_is(rewrite_peek(r, 1), "YEAR") && !token_is(rewrite_peek(r, 1), "MONTH");
}

/* INTERVAL ['text'] field [(digits)] [TO field [(digits)]]. */
bool rewrite_interval_type(struct rewriting *r)
{
    if (is_negative_time(r)) {
        rewrite_emit(r, "- interval '");
        ora_wr_raw(&r->out, rewrite_peek(r, 0)->at + 1, rewrite_peek(r, 0)->length - 1);
        ora_wr_u8(&r->out, '\'');
        r->at++;
    } else {
        rewrite_emit(r, "interval");
        if (rewrite_peek(r, 0)->kind == TOKEN_TEXT && !rewrite_one(r)) {
            return false;
        }
    }
    if (!take_field(r, false)) {
        return false;
    }
    if (!rewrite_take(r, "TO")) {
        return true;
    }
    rewrite_emit(r, "TO");
    return take_field(r, true);
}

/*
 * Anonymous blocks: what PL/SQL says otherwise than PL/pgSQL. One difference stays: where a block
 * has handlers, an error takes back what the block has changed before it, and in Oracle only what
 * its statement has.
 */
#include <string.h>

#include "tests/support/tnsd/rewrite_priv.h"

enum { NESTED_MAX = 32, INVALID_BLOCK = 6550 };

static bool statements(struct rewriting *r, unsigned nested);

static bool emit_taken(struct rewriting *r)
{
    rewrite_emit_bytes(r, rewrite_before(r)->at, rewrite_before(r)->length);
    return true;
}

static bool take_and_emit(struct rewriting *r, const char *word)
{
    return rewrite_take(r, word) && emit_taken(r);
}

static bool expect_and_emit(struct rewriting *r, const char *word)
{
    return rewrite_expect(r, word) && emit_taken(r);
}

/* Up to that word outside of all parentheses that open in between. */
static bool expression(struct rewriting *r, const char *end, const char *other_end)
{
    const unsigned depth = r->depth;

    while (r->depth > depth || (!token_is(rewrite_peek(r, 0), end) &&
                                (other_end == NULL || !token_is(rewrite_peek(r, 0), other_end)))) {
        if (!rewrite_one(r)) {
            return false;
        }
    }
    return true;
}

static bool to_semicolon(struct rewriting *r)
{
    return expression(r, ";", NULL) && expect_and_emit(r, ";");
}

/* SQL%ROWCOUNT, SQL%FOUND and SQL%NOTFOUND: of the last change. */
bool rewrite_sql(struct rewriting *r)
{
    if (!r->is_block || !rewrite_take(r, "%")) {
        return rewrite_refuse(r, rewrite_before(r));
    }
    if (rewrite_take(r, "ROWCOUNT")) {
        rewrite_emit(r, "tnsd_rows");
    } else if (rewrite_take(r, "FOUND")) {
        rewrite_emit(r, "(tnsd_rows > 0)");
    } else if (rewrite_take(r, "NOTFOUND")) {
        rewrite_emit(r, "(tnsd_rows = 0)");
    } else {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    return true;
}

/* --- declarations --- */

/* table.column%TYPE, table%ROWTYPE, or a type as in a table. */
static bool declared_type(struct rewriting *r)
{
    if (rewrite_take(r, "PLS_INTEGER") || rewrite_take(r, "BINARY_INTEGER")) {
        rewrite_emit(r, "integer");
    } else if (rewrite_take(r, "SYS_REFCURSOR")) {
        rewrite_emit(r, "refcursor");
    } else if (rewrite_peek(r, 0)->kind == TOKEN_WORD &&
               rewrite_word(rewrite_peek(r, 0))->use == WORD_NAME) {
        while (!token_is(rewrite_peek(r, 0), "%")) {
            if (!rewrite_one(r)) {
                return false;
            }
        }
        rewrite_emit(r, "%");
        r->at++;
        return take_and_emit(r, "TYPE") || expect_and_emit(r, "ROWTYPE");
    } else {
        return rewrite_one(r);
    }
    return true;
}

/* name [CONSTANT] type [NOT NULL] [:= value], or CURSOR name IS query. */
static bool declaration(struct rewriting *r)
{
    if (rewrite_take(r, "CURSOR")) {
        if (!rewrite_name(r) || !rewrite_expect(r, "IS")) {
            return false;
        }
        rewrite_emit(r, "CURSOR FOR");
        return to_semicolon(r);
    }
    if (token_is(rewrite_peek(r, 0), "TYPE") || token_is(rewrite_peek(r, 0), "PRAGMA") ||
        token_is(rewrite_peek(r, 0), "PROCEDURE") || token_is(rewrite_peek(r, 0), "FUNCTION") ||
        token_is(rewrite_peek(r, 1), "EXCEPTION")) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    if (!rewrite_name(r)) {
        return false;
    }
    (void)take_and_emit(r, "CONSTANT");
    return declared_type(r) && to_semicolon(r);
}

/* --- statements --- */

/* Variables and binds, which get a value. */
static bool targets(struct rewriting *r)
{
    do {
        if (token_is(rewrite_before(r), ",")) {
            rewrite_emit(r, ",");
        }
        if (rewrite_peek(r, 0)->kind == TOKEN_BIND) {
            if (!rewrite_written_bind(r)) {
                return false;
            }
            if (!r->is_trigger) {
                continue;
            }
        } else if (!rewrite_name(r)) {
            return false;
        }
        while (take_and_emit(r, ".")) {
            if (!rewrite_name(r)) {
                return false;
            }
        }
    } while (rewrite_take(r, ","));
    return true;
}

/* SELECT ... INTO: one row, no less and no more. */
static bool query(struct rewriting *r)
{
    if (!expression(r, "INTO", ";")) {
        return false;
    }
    if (rewrite_take(r, "INTO")) {
        rewrite_emit(r, "INTO STRICT");
        if (!targets(r)) {
            return false;
        }
    }
    return to_semicolon(r);
}

static bool change(struct rewriting *r)
{
    r->result->changes = true;
    if (token_is(rewrite_peek(r, 0), "INSERT") || token_is(rewrite_peek(r, 0), "MERGE")) {
        r->at++;
        emit_taken(r);
        if (!expect_and_emit(r, "INTO")) {
            return false;
        }
    } else if (rewrite_take(r, "DELETE")) {
        rewrite_emit(r, "DELETE FROM");
        (void)rewrite_take(r, "FROM");
    }
    if (!expression(r, "INTO", ";")) {
        return false;
    }
    if (rewrite_take(r, "INTO")) {
        rewrite_emit(r, "INTO");
        if (!targets(r)) {
            return false;
        }
    }
    if (!expect_and_emit(r, ";")) {
        return false;
    }
    rewrite_emit(r, "GET DIAGNOSTICS tnsd_rows = ROW_COUNT;");
    return true;
}

static bool if_statement(struct rewriting *r, unsigned nested)
{
    rewrite_emit(r, "IF");
    do {
        if (!expression(r, "THEN", NULL) || !expect_and_emit(r, "THEN") || !statements(r, nested)) {
            return false;
        }
    } while (take_and_emit(r, "ELSIF"));
    if (take_and_emit(r, "ELSE") && !statements(r, nested)) {
        return false;
    }
    return expect_and_emit(r, "END") && expect_and_emit(r, "IF") && expect_and_emit(r, ";");
}

static bool case_statement(struct rewriting *r, unsigned nested)
{
    rewrite_emit(r, "CASE");
    if (!expression(r, "WHEN", NULL)) {
        return false;
    }
    while (take_and_emit(r, "WHEN")) {
        if (!expression(r, "THEN", NULL) || !expect_and_emit(r, "THEN") || !statements(r, nested)) {
            return false;
        }
    }
    if (take_and_emit(r, "ELSE") && !statements(r, nested)) {
        return false;
    }
    return expect_and_emit(r, "END") && expect_and_emit(r, "CASE") && expect_and_emit(r, ";");
}

static bool loop(struct rewriting *r, unsigned nested)
{
    return expect_and_emit(r, "LOOP") && statements(r, nested) && expect_and_emit(r, "END") &&
           expect_and_emit(r, "LOOP") && to_semicolon(r);
}

/* Over numbers, or over rows, whose variable PL/pgSQL wants declared. */
static bool for_statement(struct rewriting *r, unsigned nested)
{
    const size_t name = r->at;
    const bool is_query =
        token_is(rewrite_peek(r, 2), "(") && token_is(rewrite_peek(r, 3), "SELECT");

    if (is_query) {
        rewrite_emit(r, "DECLARE");
        if (!rewrite_name(r)) {
            return false;
        }
        rewrite_emit(r, "record; BEGIN");
        r->at = name;
    }
    rewrite_emit(r, "FOR");
    if (!rewrite_name(r) || !expect_and_emit(r, "IN")) {
        return false;
    }
    if (!is_query) {
        (void)take_and_emit(r, "REVERSE");
    }
    if (!expression(r, "LOOP", NULL) || !loop(r, nested)) {
        return false;
    }
    if (is_query) {
        rewrite_emit(r, "END;");
    }
    return true;
}

/* OPEN cursor [FOR query]. */
static bool open_statement(struct rewriting *r)
{
    rewrite_emit(r, "OPEN");
    if (!targets(r)) {
        return false;
    }
    if (rewrite_take(r, "FOR")) {
        rewrite_emit(r, "FOR");
    }
    return to_semicolon(r);
}

static bool fetch_statement(struct rewriting *r)
{
    rewrite_emit(r, "FETCH");
    if (!rewrite_name(r) || !rewrite_expect(r, "INTO")) {
        return false;
    }
    rewrite_emit(r, "INTO");
    return targets(r) && expect_and_emit(r, ";");
}

/* EXIT WHEN cursor%NOTFOUND, or any other condition. */
static bool exit_statement(struct rewriting *r)
{
    emit_taken(r);
    while (!token_is(rewrite_peek(r, 0), ";")) {
        if (token_is(rewrite_peek(r, 1), "%") &&
            (token_is(rewrite_peek(r, 2), "NOTFOUND") || token_is(rewrite_peek(r, 2), "FOUND"))) {
            rewrite_emit(r, token_is(rewrite_peek(r, 2), "FOUND") ? "FOUND" : "NOT FOUND");
            r->at += 3;
        } else if (!rewrite_one(r)) {
            return false;
        }
    }
    return expect_and_emit(r, ";");
}

static bool assignment(struct rewriting *r)
{
    return targets(r) && expect_and_emit(r, ":=") && to_semicolon(r);
}

/* EXECUTE IMMEDIATE of what administers users (users.sql), and of nothing else. */
static bool execute_immediate(struct rewriting *r)
{
    rewrite_emit(r, "PERFORM tnsd.administer(");
    if (!rewrite_expect(r, "IMMEDIATE") || !expression(r, ";", NULL)) {
        return false;
    }
    rewrite_emit(r, ")");
    return expect_and_emit(r, ";");
}

static bool call(struct rewriting *r)
{
    if (token_is(rewrite_peek(r, 0), "RAISE_APPLICATION_ERROR")) {
        rewrite_emit(r, "PERFORM ora.raise_application_error");
        r->at++;
        return to_semicolon(r);
    }
    rewrite_emit(r, "PERFORM");
    if (!rewrite_procedure(r)) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    if (token_is(rewrite_peek(r, 0), ";")) {
        rewrite_emit(r, "()");
    }
    return to_semicolon(r);
}

/* --- blocks --- */

static bool condition(struct rewriting *r)
{
    static const struct {
        const char *ours;
        const char *theirs;
    } names[] = {{"NO_DATA_FOUND", "no_data_found"},
                 {"TOO_MANY_ROWS", "too_many_rows"},
                 {"DUP_VAL_ON_INDEX", "unique_violation"},
                 {"ZERO_DIVIDE", "division_by_zero"},
                 {"INVALID_NUMBER", "invalid_text_representation"},
                 {"VALUE_ERROR", "string_data_right_truncation OR numeric_value_out_of_range OR "
                                 "invalid_text_representation"},
                 {"OTHERS", "OTHERS"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (rewrite_take(r, names[i].ours)) {
            rewrite_emit(r, names[i].theirs);
            return true;
        }
    }
    return rewrite_refuse(r, rewrite_peek(r, 0));
}

static bool handlers(struct rewriting *r, unsigned nested)
{
    while (take_and_emit(r, "WHEN")) {
        do {
            if (!condition(r)) {
                return false;
            }
        } while (take_and_emit(r, "OR"));
        if (!expect_and_emit(r, "THEN") || !statements(r, nested)) {
            return false;
        }
    }
    return true;
}

static bool block(struct rewriting *r, unsigned nested)
{
    const bool declares = rewrite_take(r, "DECLARE");

    if (nested == 0 || declares) {
        rewrite_emit(r, "DECLARE");
    }
    if (nested == 0) {
        rewrite_emit(r, "tnsd_rows bigint;");
    }
    while (declares && !token_is(rewrite_peek(r, 0), "BEGIN")) {
        if (!declaration(r)) {
            return false;
        }
    }
    if (!expect_and_emit(r, "BEGIN") || !statements(r, nested + 1)) {
        return false;
    }
    if (take_and_emit(r, "EXCEPTION") && !handlers(r, nested + 1)) {
        return false;
    }
    return expect_and_emit(r, "END") && to_semicolon(r);
}

static bool statement(struct rewriting *r, unsigned nested)
{
    const struct token *first = rewrite_peek(r, 0);

    if (token_is(first, "BEGIN") || token_is(first, "DECLARE")) {
        return block(r, nested);
    }
    if (rewrite_take(r, "IF")) {
        return if_statement(r, nested);
    }
    if (rewrite_take(r, "CASE")) {
        return case_statement(r, nested);
    }
    if (token_is(first, "LOOP")) {
        return loop(r, nested);
    }
    if (take_and_emit(r, "WHILE")) {
        return expression(r, "LOOP", NULL) && loop(r, nested);
    }
    if (rewrite_take(r, "FOR")) {
        return for_statement(r, nested);
    }
    if (rewrite_take(r, "EXIT") || rewrite_take(r, "CONTINUE")) {
        return exit_statement(r);
    }
    if (rewrite_take(r, "OPEN")) {
        return open_statement(r);
    }
    if (rewrite_take(r, "FETCH")) {
        return fetch_statement(r);
    }
    if (rewrite_take(r, "EXECUTE")) {
        return execute_immediate(r);
    }
    if (take_and_emit(r, "CLOSE") || take_and_emit(r, "RAISE") || take_and_emit(r, "NULL") ||
        take_and_emit(r, "RETURN")) {
        return to_semicolon(r);
    }
    if (token_is(first, "SELECT") || token_is(first, "WITH")) {
        return query(r);
    }
    if (token_is(first, "INSERT") || token_is(first, "UPDATE") || token_is(first, "DELETE") ||
        token_is(first, "MERGE")) {
        return change(r);
    }
    if (first->kind == TOKEN_BIND || token_is(rewrite_peek(r, 1), ":=") ||
        token_is(rewrite_peek(r, 3), ":=")) {
        return assignment(r);
    }
    return call(r);
}

/* Up to a word that ends such a list, which stays. */
static bool statements(struct rewriting *r, unsigned nested)
{
    static const char *const ends[] = {"END", "EXCEPTION", "ELSE", "ELSIF", "WHEN"};

    if (nested == NESTED_MAX) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    for (;;) {
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
            if (token_is(rewrite_peek(r, 0), ends[i])) {
                return true;
            }
        }
        if (!statement(r, nested + 1)) {
            return false;
        }
    }
}

/* PL/SQL wants its last semicolon. */
bool rewrite_block(struct rewriting *r)
{
    if (!token_is(&r->tokens->list[r->tokens->count - 1], ";")) {
        return rewrite_refuse_as(
            r, &r->tokens->list[r->tokens->count], INVALID_BLOCK,
            "line 1, column 1:\nPLS-00103: Encountered the symbol \"end-of-file\"");
    }
    return block(r, 0) && (r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0)));
}

bool rewrite_trigger_body(struct rewriting *r)
{
    bool ok;

    r->is_block = true;
    r->is_trigger = true;
    rewrite_emit(r, "DECLARE tnsd_rows bigint; BEGIN");
    ok = block(r, 1);
    rewrite_emit(r, "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END");
    r->is_block = false;
    r->is_trigger = false;
    return ok;
}

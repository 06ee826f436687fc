/* Tables, indexes, views, sequences and triggers; users and what they may do. */
#include <string.h>

#include "tests/support/tnsd/rewrite_priv.h"

static bool rest(struct rewriting *r)
{
    while (r->at < r->tokens->count) {
        if (!rewrite_one(r)) {
            return false;
        }
    }
    return r->depth == 0 || rewrite_refuse(r, rewrite_peek(r, 0));
}

static bool take_pair(struct rewriting *r, const char *first, const char *second)
{
    if (!token_is(rewrite_peek(r, 0), first) || !token_is(rewrite_peek(r, 1), second)) {
        return false;
    }
    r->at += 2;
    return true;
}

/* What has no meaning here is left out; what PostgreSQL says in two words stands for one. */
static bool sequence_options(struct rewriting *r)
{
    static const struct {
        const char *ours;
        const char *theirs;
    } options[] = {{"NOCACHE", "CACHE 1"},
                   {"NOCYCLE", "NO CYCLE"},
                   {"NOMINVALUE", "NO MINVALUE"},
                   {"NOMAXVALUE", "NO MAXVALUE"},
                   {"CYCLE", "CYCLE"},
                   {"ORDER", NULL},
                   {"NOORDER", NULL},
                   {"START", "START"},
                   {"WITH", "WITH"},
                   {"INCREMENT", "INCREMENT"},
                   {"BY", "BY"},
                   {"CACHE", "CACHE"},
                   {"MINVALUE", "MINVALUE"},
                   {"MAXVALUE", "MAXVALUE"}};
    const size_t count = sizeof(options) / sizeof(options[0]);

    while (r->at < r->tokens->count) {
        size_t i = 0;

        if (rewrite_peek(r, 0)->kind == TOKEN_NUMBER || token_is(rewrite_peek(r, 0), "-")) {
            if (!rewrite_one(r)) {
                return false;
            }
            continue;
        }
        while (i < count && !rewrite_take(r, options[i].ours)) {
            i++;
        }
        if (i == count) {
            return rewrite_refuse(r, rewrite_peek(r, 0));
        }
        if (options[i].theirs != NULL) {
            rewrite_emit(r, options[i].theirs);
        }
    }
    return true;
}

/* A table's columns and conditions, whose words of their own follow a type or a name. */
static bool table_words(struct rewriting *r)
{
    static const char *const same[] = {"GENERATED", "ALWAYS", "IDENTITY", "CASCADE",
                                       "ADD",       "COLUMN", "RENAME",   "TO",
                                       "DROP",      "INDEX",  "NO",       "ACTION"};

    while (r->at < r->tokens->count) {
        size_t i = 0;

        while (i < sizeof(same) / sizeof(same[0]) && !rewrite_take(r, same[i])) {
            i++;
        }
        if (i < sizeof(same) / sizeof(same[0])) {
            rewrite_emit(r, same[i]);
        } else if (!rewrite_one(r)) {
            return false;
        }
    }
    return r->depth == 0 || rewrite_refuse(r, rewrite_peek(r, 0));
}

/* An expression wants parentheses there. */
static bool index_words(struct rewriting *r)
{
    while (r->at < r->tokens->count) {
        const bool is_case = r->depth == 1 && token_is(rewrite_peek(r, 0), "CASE");

        if (is_case) {
            rewrite_emit(r, "(");
        }
        do {
            if (!rewrite_one(r)) {
                return false;
            }
        } while (is_case && r->at < r->tokens->count && !token_is(rewrite_before(r), "END"));
        if (is_case) {
            rewrite_emit(r, ")");
        }
    }
    return r->depth == 0 || rewrite_refuse(r, rewrite_peek(r, 0));
}

static bool trigger_header(struct rewriting *r, size_t end)
{
    static const char *const same[] = {"BEFORE", "AFTER", "OF", "EACH", "ROW", "FOR"};

    while (r->at < end) {
        size_t i = 0;

        while (i < sizeof(same) / sizeof(same[0]) && !rewrite_take(r, same[i])) {
            i++;
        }
        if (i < sizeof(same) / sizeof(same[0])) {
            rewrite_emit(r, same[i]);
        } else if (!rewrite_one(r)) {
            return false;
        }
    }
    return true;
}

/* A function with the trigger's block, and a trigger that calls it: in one statement, a block. */
static bool create_trigger(struct rewriting *r)
{
    const struct token *name = rewrite_peek(r, 0);
    const size_t header = r->at;
    size_t body = header;

    if (name->kind != TOKEN_WORD) {
        return rewrite_refuse(r, name);
    }
    while (body < r->tokens->count && !token_is(&r->tokens->list[body], "DECLARE") &&
           !token_is(&r->tokens->list[body], "BEGIN")) {
        body++;
    }
    rewrite_emit(r, "DO $tnsd$ BEGIN EXECUTE $tnsd_f$ CREATE FUNCTION");
    rewrite_emit_bytes(r, name->at, name->length);
    rewrite_emit(r, "() RETURNS trigger LANGUAGE plpgsql AS $tnsd_b$");
    r->at = body;
    if (!rewrite_trigger_body(r) || r->at != r->tokens->count) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    rewrite_emit(r, "$tnsd_b$ $tnsd_f$; EXECUTE $tnsd_t$ CREATE TRIGGER");
    r->at = header;
    if (!trigger_header(r, body)) {
        return false;
    }
    r->at = r->tokens->count;
    rewrite_emit(r, "EXECUTE FUNCTION");
    rewrite_emit_bytes(r, name->at, name->length);
    rewrite_emit(r, "() $tnsd_t$; END $tnsd$");
    return true;
}

static bool create(struct rewriting *r)
{
    if (take_pair(r, "OR", "REPLACE")) {
        rewrite_emit(r, "CREATE OR REPLACE VIEW");
        return rewrite_expect(r, "VIEW") && rest(r);
    }
    if (rewrite_take(r, "TRIGGER")) {
        return create_trigger(r);
    }
    rewrite_emit(r, "CREATE");
    if (rewrite_take(r, "SEQUENCE")) {
        rewrite_emit(r, "SEQUENCE");
        return rewrite_name(r) && sequence_options(r);
    }
    if (rewrite_take(r, "VIEW")) {
        rewrite_emit(r, "VIEW");
        return rest(r);
    }
    if (rewrite_take(r, "UNIQUE")) {
        rewrite_emit(r, "UNIQUE");
    }
    if (rewrite_take(r, "INDEX")) {
        rewrite_emit(r, "INDEX");
        return index_words(r);
    }
    if (!rewrite_expect(r, "TABLE")) {
        return false;
    }
    rewrite_emit(r, "TABLE");
    return table_words(r);
}

/* Names of indexes, sequences, tables and views; of tables also what refers to them. */
static bool drop(struct rewriting *r)
{
    static const char *const kinds[] = {"TABLE", "SEQUENCE", "VIEW", "INDEX"};

    rewrite_emit(r, "DROP");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (rewrite_take(r, kinds[i])) {
            rewrite_emit(r, kinds[i]);
            if (!rewrite_name(r)) {
                return false;
            }
            if (i == 0 && take_pair(r, "CASCADE", "CONSTRAINTS")) {
                rewrite_emit(r, "CASCADE");
            }
            if (i == 0) {
                (void)rewrite_take(r, "PURGE");
            }
            return r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0));
        }
    }
    return rewrite_refuse(r, rewrite_peek(r, 0));
}

/* MODIFY column GENERATED BY DEFAULT AS IDENTITY (START WITH LIMIT VALUE): the sequence goes on
 * behind the greatest value that there is. */
static bool restart_identity(struct rewriting *r, const struct token *table)
{
    static const char *const words[] = {"GENERATED", "BY",   "DEFAULT", "AS",    "IDENTITY", "(",
                                        "START",     "WITH", "LIMIT",   "VALUE", ")"};
    const struct token *column = rewrite_peek(r, 0);

    r->at++;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!rewrite_expect(r, words[i])) {
            return false;
        }
    }
    rewrite_emit(r, "SELECT setval(pg_get_serial_sequence('");
    rewrite_emit_bytes(r, table->at, table->length);
    rewrite_emit(r, "', lower(btrim('");
    rewrite_emit_bytes(r, column->at, column->length);
    rewrite_emit(r, "'))), max(");
    rewrite_emit_bytes(r, column->at, column->length);
    rewrite_emit(r, ")) FROM");
    rewrite_emit_bytes(r, table->at, table->length);
    return r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0));
}

/* --- users --- */

static bool is_administration(const struct rewriting *r)
{
    const bool creates = token_is(rewrite_peek(r, 0), "CREATE");
    const struct token *kind =
        rewrite_peek(r, creates && token_is(rewrite_peek(r, 1), "OR") ? 3 : 1); /* OR REPLACE */

    return token_is(rewrite_peek(r, 0), "GRANT") ||
           (creates && (token_is(kind, "USER") || token_is(kind, "SYNONYM"))) ||
           (token_is(rewrite_peek(r, 0), "ALTER") && token_is(kind, "USER"));
}

/* The database reads it itself (users.sql), its words one blank apart. */
static bool administer(struct rewriting *r)
{
    rewrite_emit(r, "SELECT tnsd.administer($tnsd$");
    r->is_glued = true;
    for (; r->at < r->tokens->count; r->at++) {
        const struct token *token = rewrite_peek(r, 0);
        const bool is_quoted = token->kind == TOKEN_QUOTED;
        const bool is_point = token_is(token, ".");

        if (token->kind != TOKEN_WORD && token->kind != TOKEN_SYMBOL && !is_quoted) {
            return rewrite_refuse(r, token);
        }
        r->is_glued = r->is_glued || is_point;
        rewrite_emit(r, is_quoted ? "\"" : "");
        ora_wr_raw(&r->out, token->at, token->length);
        if (is_quoted) {
            ora_wr_u8(&r->out, '"');
        }
        r->is_glued = is_point;
    }
    ora_wr_raw(&r->out, "$tnsd$)", strlen("$tnsd$)"));
    return true;
}

bool rewrite_define(struct rewriting *r)
{
    if (is_administration(r)) {
        return administer(r);
    }
    if (rewrite_take(r, "CREATE")) {
        return create(r);
    }
    if (rewrite_take(r, "DROP")) {
        return drop(r);
    }
    if (rewrite_take(r, "TRUNCATE")) {
        rewrite_emit(r, "TRUNCATE TABLE");
        return rewrite_expect(r, "TABLE") && rewrite_name(r) &&
               (r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0)));
    }
    r->at++;
    if (token_is(rewrite_peek(r, 2), "MODIFY") && token_is(rewrite_peek(r, 4), "GENERATED")) {
        const struct token *table = rewrite_peek(r, 1);

        r->at += 3;
        return restart_identity(r, table);
    }
    rewrite_emit(r, "ALTER TABLE");
    return rewrite_expect(r, "TABLE") && table_words(r);
}

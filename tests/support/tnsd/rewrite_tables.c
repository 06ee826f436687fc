/* MERGE's conditions, and JSON_TABLE over a list. */
#include <string.h>

#include "tests/support/tnsd/rewrite_priv.h"

/* --- MERGE --- */

/* Where the condition of a MERGE's branch stands: its WHERE and what is behind it, outside of
 * parentheses and of CASE. False: there is none. */
static bool find_condition(const struct rewriting *r, size_t *ret_where, size_t *ret_end)
{
    const struct tokens *tokens = r->tokens;
    unsigned depth = 0;
    unsigned cases = 0;
    size_t where = tokens->count;
    size_t i = r->at;

    for (; i < tokens->count; i++) {
        const struct token *token = &tokens->list[i];

        depth += token_is(token, "(") ? 1 : 0;
        depth -= token_is(token, ")") ? 1 : 0;
        cases += token_is(token, "CASE") ? 1 : 0;
        if (depth == 0 && cases == 0 && (token_is(token, "WHEN") || token_is(token, ";"))) {
            break;
        }
        cases -= token_is(token, "END") ? 1 : 0;
        if (depth == 0 && cases == 0 && token_is(token, "WHERE")) {
            where = i;
        }
    }
    *ret_where = where;
    *ret_end = i;
    return where < i;
}

/* WHEN MATCHED THEN UPDATE ... WHERE condition has the condition before THEN. Binds are counted as
 * they stand, so there may be none in it. */
bool rewrite_matched(struct rewriting *r)
{
    const size_t then = r->at;
    size_t where;
    size_t end;

    rewrite_emit(r, "MATCHED");
    if (!find_condition(r, &where, &end)) {
        return true;
    }
    if (rewrite_has_bind(r, where, end)) {
        return rewrite_refuse(r, &r->tokens->list[where]);
    }
    rewrite_emit(r, "AND (");
    if (!rewrite_range(r, where + 1, end)) {
        return false;
    }
    rewrite_emit(r, ")");
    r->at = then;
    r->skip_from = where;
    r->skip_to = end;
    return true;
}

/* --- JSON_TABLE --- */

/* '$' or '$.member', as PostgreSQL's path. */
static bool emit_path(struct rewriting *r)
{
    const struct token *path = rewrite_peek(r, 0);
    const bool is_member =
        path->length > 2 && path->at[1] == '.' && memchr(path->at, '\'', path->length) == NULL;

    if (path->kind != TOKEN_TEXT || path->length == 0 || path->at[0] != '$' ||
        (path->length != 1 && !is_member)) {
        return rewrite_refuse(r, path);
    }
    ora_wr_raw(&r->out, "'{", 2);
    if (is_member) {
        ora_wr_raw(&r->out, path->at + 2, path->length - 2);
    }
    ora_wr_raw(&r->out, "}'", 2);
    r->at++;
    return true;
}

static void emit_column_name(struct rewriting *r, const struct token *name)
{
    rewrite_emit(r, "AS");
    rewrite_emit_bytes(r, name->at, name->length);
}

/* name FOR ORDINALITY, or name type PATH path. */
static bool json_column(struct rewriting *r)
{
    const struct token *name = rewrite_peek(r, 0);
    const size_t type = r->at + 1;
    size_t path = type;

    if (name->kind != TOKEN_WORD) {
        return rewrite_refuse(r, name);
    }
    r->at++;
    if (rewrite_take(r, "FOR")) {
        rewrite_emit(r, "e.place");
        emit_column_name(r, name);
        return rewrite_expect(r, "ORDINALITY");
    }
    while (path < r->tokens->count && !token_is(&r->tokens->list[path], "PATH")) {
        path++;
    }
    r->at = path;
    if (!rewrite_expect(r, "PATH")) {
        return false;
    }
    rewrite_emit(r, "CAST (e.value #>>");
    ora_wr_u8(&r->out, ' ');
    if (!emit_path(r)) {
        return false;
    }
    rewrite_emit(r, "AS");
    {
        const size_t behind = r->at;

        if (!rewrite_range(r, type, path)) {
            return false;
        }
        r->at = behind;
    }
    rewrite_emit(r, ")");
    emit_column_name(r, name);
    return true;
}

/* JSON_TABLE(text, '$[*]' COLUMNS (...)): a row for each element of a list. */
bool rewrite_json_table(struct rewriting *r)
{
    const struct token *word = rewrite_before(r);
    const size_t text = r->at + 1;
    const size_t text_end = rewrite_end_of_argument(r, text);
    const struct token *path;
    size_t end;

    if (!rewrite_expect(r, "(") || r->depth + 1 == DEPTH_MAX || text_end == r->tokens->count) {
        return rewrite_refuse(r, word);
    }
    r->levels[++r->depth] = (struct level){.is_cast = false};
    r->at = text_end;
    if (!rewrite_expect(r, ",")) {
        return false;
    }
    path = rewrite_peek(r, 0);
    if (path->kind != TOKEN_TEXT || path->length != 4 || memcmp(path->at, "$[*]", 4) != 0) {
        return rewrite_refuse(r, path);
    }
    r->at++;
    if (!rewrite_expect(r, "COLUMNS") || !rewrite_expect(r, "(")) {
        return false;
    }
    rewrite_emit(r, "(SELECT");
    do {
        if (token_is(rewrite_before(r), ",")) {
            rewrite_emit(r, ",");
        }
        if (!json_column(r)) {
            return false;
        }
    } while (rewrite_take(r, ","));
    if (!rewrite_expect(r, ")") || !rewrite_expect(r, ")")) {
        return false;
    }
    end = r->at;
    rewrite_emit(r, "FROM jsonb_array_elements(CAST (CAST (");
    if (!rewrite_range(r, text, text_end)) {
        return false;
    }
    rewrite_emit(r, "AS text) AS jsonb)) WITH ORDINALITY AS e (value, place))");
    r->at = end;
    r->depth--;
    return true;
}

/* Words that have a rule: what counts rows, what ends a list of columns, what returns. */
#include <ctype.h>
#include <string.h>

#include "tests/support/tnsd/rewrite_priv.h"

static const struct token *taken(const struct rewriting *r)
{
    return rewrite_before(r);
}

static struct level *level(struct rewriting *r)
{
    return &r->levels[r->depth];
}

static void emit_taken(struct rewriting *r)
{
    rewrite_emit_bytes(r, taken(r)->at, taken(r)->length);
}

bool rewrite_refused(struct rewriting *r)
{
    return rewrite_refuse(r, taken(r));
}

/* --- lists of columns --- */

bool rewrite_select(struct rewriting *r)
{
    if (r->at == r->tokens->count) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    emit_taken(r);
    level(r)->is_query = true;
    if (rewrite_take(r, "UNIQUE") || rewrite_take(r, "DISTINCT")) {
        rewrite_emit(r, "DISTINCT");
    } else if (rewrite_take(r, "ALL")) {
        rewrite_emit(r, "ALL");
    }
    if (r->depth == 0 && !r->had_list && r->result->kind == REWRITE_QUERY) {
        r->list_start = r->at;
        r->had_list = true;
    }
    return true;
}

bool rewrite_from(struct rewriting *r)
{
    if (r->depth == 0 && r->list_start > 0) {
        r->at--;
        rewrite_end_of_item(r);
        r->at++;
        r->list_start = 0;
    }
    emit_taken(r);
    return true;
}

static bool is_name(const struct token *token)
{
    return token->kind == TOKEN_QUOTED ||
           (token->kind == TOKEN_WORD && rewrite_word(token)->use == WORD_NAME);
}

/* Has the item a name: is it a column itself, or does a name stand behind it? */
static bool has_name(const struct token *item, size_t count)
{
    const struct token *last = &item[count - 1];
    const struct token *before = count > 1 ? &item[count - 2] : NULL;

    if (token_is(last, "*")) {
        return before == NULL || token_is(before, ".");
    }
    if (!is_name(last) && !(before != NULL && last->kind == TOKEN_WORD &&
                            (token_is(before, ".") || token_is(before, "AS")))) {
        return false;
    }
    if (before == NULL) {
        return true;
    }
    if (token_is(before, ".")) {
        for (size_t i = 0; i < count; i++) {
            if (i % 2 == 0 ? item[i].kind != TOKEN_WORD && item[i].kind != TOKEN_QUOTED
                           : !token_is(&item[i], ".")) {
                return false;
            }
        }
        return true;
    }
    return before->kind != TOKEN_SYMBOL || token_is(before, ")");
}

/* As Oracle names a column: all in capitals, and without blanks. */
static void emit_expression(struct rewriting *r, const struct token *token)
{
    const char *quote = token->kind == TOKEN_TEXT ? "'" : token->kind == TOKEN_QUOTED ? "\"\"" : "";

    ora_wr_raw(&r->out, quote, strlen(quote));
    if (token->kind == TOKEN_BIND) {
        ora_wr_u8(&r->out, ':');
    }
    for (size_t i = 0; i < token->length; i++) {
        const char c = token->at[i];

        if (c != ' ') {
            ora_wr_u8(&r->out, (uint8_t)tolower((unsigned char)c));
        }
        if (c == '"') {
            ora_wr_u8(&r->out, '"');
        }
    }
    ora_wr_raw(&r->out, quote, strlen(quote));
}

void rewrite_end_of_item(struct rewriting *r)
{
    const struct token *item = &r->tokens->list[r->list_start];

    if (r->list_start == 0 || r->at <= r->list_start) {
        return;
    }
    if (!has_name(item, r->at - r->list_start)) {
        rewrite_emit(r, "AS \"");
        for (; item < &r->tokens->list[r->at]; item++) {
            emit_expression(r, item);
        }
        ora_wr_u8(&r->out, '"');
    }
    r->list_start = r->at + 1;
}

/* --- rows that are counted --- */

static bool is_row_count(const struct rewriting *r, const char *relation)
{
    return token_is(rewrite_peek(r, 0), relation);
}

/* A column that counts, or a limit that goes to the end of its level. */
bool rewrite_rownum(struct rewriting *r)
{
    const struct token *word = taken(r);
    const struct token *before = r->at > 1 ? &r->tokens->list[r->at - 2] : word;
    const bool is_condition = token_is(before, "WHERE") || token_is(before, "AND");
    const bool is_one =
        is_row_count(r, "=") && rewrite_peek(r, 1)->length == 1 && rewrite_peek(r, 1)->at[0] == '1';

    if (!is_condition && rewrite_peek(r, 0)->kind == TOKEN_SYMBOL &&
        strchr("<>=!^", rewrite_peek(r, 0)->at[0])) {
        return rewrite_refuse(r, word);
    }
    if (!is_condition) {
        rewrite_emit(r, "row_number() OVER ()");
        return true;
    }
    if ((!is_row_count(r, "<=") && !is_row_count(r, "<") && !is_one) || level(r)->has_or ||
        level(r)->has_limit || token_is(rewrite_peek(r, 2), "OR") || !level(r)->is_query) {
        return rewrite_refuse(r, word);
    }
    level(r)->has_limit = true;
    level(r)->limit_is_beyond = is_row_count(r, "<");
    level(r)->limit = r->at + 1;
    r->at += 2;
    rewrite_emit(r, "TRUE");
    return true;
}

bool rewrite_end_of_level(struct rewriting *r)
{
    struct level *ends = level(r);

    if (!ends->has_limit) {
        return true;
    }
    if (ends->is_arranged) {
        return rewrite_refuse(r, &r->tokens->list[ends->limit - 2]);
    }
    ends->has_limit = false;
    rewrite_emit(r, "LIMIT");
    return rewrite_whole_number(r, ends->limit, ends->limit_is_beyond);
}

/* FETCH FIRST n ROWS ONLY, OFFSET n ROWS, and what a word of these is the name of. */
bool rewrite_row_limit(struct rewriting *r)
{
    const bool is_fetch = token_is(taken(r), "FETCH");

    if (is_fetch && !token_is(rewrite_peek(r, 0), "FIRST") &&
        !token_is(rewrite_peek(r, 0), "NEXT")) {
        return rewrite_refuse(r, taken(r));
    }
    rewrite_emit(r, is_fetch ? "LIMIT" : "OFFSET");
    r->at += is_fetch ? 1 : 0;
    if (!rewrite_whole_number(r, r->at, false)) {
        return false;
    }
    r->at++;
    return (rewrite_take(r, "ROW") || rewrite_expect(r, "ROWS")) &&
           (!is_fetch || rewrite_expect(r, "ONLY"));
}

/* GROUP BY, ORDER BY, UNION and their kind; MINUS has another name there. */
bool rewrite_arranged(struct rewriting *r)
{
    if (level(r)->is_query) { /* and not the order within a function's window */
        level(r)->is_arranged = true;
    }
    rewrite_emit_bytes(r, token_is(taken(r), "MINUS") ? "EXCEPT" : taken(r)->at,
                       token_is(taken(r), "MINUS") ? strlen("EXCEPT") : taken(r)->length);
    return true;
}

bool rewrite_or(struct rewriting *r)
{
    level(r)->has_or = true;
    emit_taken(r);
    return true;
}

/* FROM DUAL CONNECT BY LEVEL <= n gives n rows. */
bool rewrite_dual(struct rewriting *r)
{
    bool is_beyond;

    if (!rewrite_take(r, "CONNECT")) {
        rewrite_emit(r, "oracle.dual");
        return true;
    }
    if (!rewrite_expect(r, "BY") || !rewrite_expect(r, "LEVEL")) {
        return false;
    }
    is_beyond = token_is(rewrite_peek(r, 0), "<");
    if (!is_beyond && !token_is(rewrite_peek(r, 0), "<=")) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    r->at++;
    rewrite_emit(r, "generate_series(1::bigint,");
    if (!rewrite_whole_number(r, r->at, is_beyond)) {
        return false;
    }
    r->at++;
    rewrite_emit(r, ") AS dual (level)");
    return true;
}

/* A word that only CONNECT BY LEVEL gives a meaning. */
bool rewrite_level(struct rewriting *r)
{
    for (size_t i = r->at; i + 2 < r->tokens->count; i++) {
        if (token_is(&r->tokens->list[i], "CONNECT") && token_is(&r->tokens->list[i + 1], "BY")) {
            rewrite_emit(r, "level");
            return true;
        }
    }
    return rewrite_refuse(r, taken(r));
}

/* --- DECODE --- */

size_t rewrite_end_of_argument(const struct rewriting *r, size_t from)
{
    unsigned depth = 0;

    for (size_t i = from; i < r->tokens->count; i++) {
        const struct token *token = &r->tokens->list[i];

        if (depth == 0 && (token_is(token, ",") || token_is(token, ")"))) {
            return i;
        }
        depth += token_is(token, "(") ? 1 : 0;
        depth -= token_is(token, ")") ? 1 : 0;
    }
    return r->tokens->count;
}

bool rewrite_range(struct rewriting *r, size_t from, size_t to)
{
    r->at = from;
    while (r->at < to) {
        if (!rewrite_one(r)) {
            return false;
        }
    }
    return true;
}

/* A value that is compared more than once cannot have binds, each of which is one place. */
bool rewrite_has_bind(const struct rewriting *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (r->tokens->list[i].kind == TOKEN_BIND) {
            return true;
        }
    }
    return false;
}

/* DECODE(value, search, result, ..., default), which takes NULL for equal to NULL. */
bool rewrite_decode(struct rewriting *r)
{
    const struct token *word = taken(r);
    const size_t value = r->at + 1;
    const size_t value_end = rewrite_end_of_argument(r, value);
    size_t next = value_end + 1;

    if (!rewrite_expect(r, "(") || rewrite_has_bind(r, value, value_end) ||
        r->depth + 1 == DEPTH_MAX) {
        return rewrite_refuse(r, word);
    }
    r->levels[++r->depth] = (struct level){.is_cast = false};
    rewrite_emit(r, "CASE");
    while (rewrite_end_of_argument(r, next) < r->tokens->count &&
           token_is(&r->tokens->list[rewrite_end_of_argument(r, next)], ",")) {
        const size_t search_end = rewrite_end_of_argument(r, next);
        const size_t result_end = rewrite_end_of_argument(r, search_end + 1);

        rewrite_emit(r, "WHEN");
        if (!rewrite_range(r, value, value_end)) {
            return false;
        }
        rewrite_emit(r, "IS NOT DISTINCT FROM");
        if (!rewrite_range(r, next, search_end)) {
            return false;
        }
        rewrite_emit(r, "THEN");
        if (!rewrite_range(r, search_end + 1, result_end)) {
            return false;
        }
        next = result_end + 1;
    }
    if (next - 1 < r->tokens->count && token_is(&r->tokens->list[next - 1], ",")) {
        rewrite_emit(r, "ELSE");
        if (!rewrite_range(r, next, rewrite_end_of_argument(r, next))) {
            return false;
        }
    }
    r->depth--;
    rewrite_emit(r, "END");
    return rewrite_expect(r, ")");
}

/* --- what is returned, and what is locked --- */

/* Behind RETURNING stand binds, which PostgreSQL is not told of: it gives a row of what is
 * returned. */
static bool take_returned(struct rewriting *r)
{
    do {
        struct rewrite_bind *bind = &r->result->binds[r->result->bind_count];
        const struct token *token = rewrite_peek(r, 0);

        if (token->kind != TOKEN_BIND || token->length > REWRITE_NAME_MAX ||
            r->result->bind_count == REWRITE_BINDS_MAX) {
            return rewrite_refuse(r, token);
        }
        *bind = (struct rewrite_bind){.is_returned = true};
        memcpy(bind->name, token->at, token->length);
        r->result->bind_count++;
        r->at++;
    } while (rewrite_take(r, ","));
    return r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0));
}

bool rewrite_returning(struct rewriting *r)
{
    if (r->is_block || r->result->kind == REWRITE_CHANGE) {
        rewrite_emit(r, "RETURNING");
        return true;
    }
    return rewrite_refuse(r, taken(r));
}

/* That of a block's queries is the block's own. */
bool rewrite_into(struct rewriting *r)
{
    const struct token *before = &r->tokens->list[r->at >= 2 ? r->at - 2 : 0];

    if (token_is(before, "INSERT") || token_is(before, "MERGE")) {
        emit_taken(r);
        return true;
    }
    return r->result->kind == REWRITE_CHANGE ? take_returned(r) : rewrite_refuse(r, taken(r));
}

/* A table's column, of which PostgreSQL wants the table. */
static bool locked_table(struct rewriting *r)
{
    rewrite_emit(r, "OF");
    if (!rewrite_name(r) || !rewrite_expect(r, ".")) {
        return false;
    }
    r->at++;
    return true;
}

/* IS JSON is an operator of ours. */
bool rewrite_is(struct rewriting *r)
{
    if (rewrite_take(r, "JSON")) {
        rewrite_emit(r, "OPERATOR(ora.@@@) 'json'");
        return true;
    }
    emit_taken(r);
    return true;
}

/* TABLE(package.function(...)): there the function alone gives rows. */
bool rewrite_table(struct rewriting *r)
{
    const struct token *word = taken(r);
    const unsigned depth = r->depth;

    if (!rewrite_take(r, "(") || !rewrite_procedure(r) || !token_is(rewrite_peek(r, 0), "(")) {
        return rewrite_refuse(r, word);
    }
    do {
        if (!rewrite_one(r)) {
            return false;
        }
    } while (r->depth > depth);
    return rewrite_expect(r, ")");
}

/* A query that WITH names, with its columns, may name itself; PostgreSQL wants that said. */
bool rewrite_with(struct rewriting *r)
{
    rewrite_emit(r, "WITH");
    if (token_is(rewrite_peek(r, 1), "(")) {
        rewrite_emit(r, "RECURSIVE");
    }
    return true;
}

/* FOR UPDATE [OF table.column] [NOWAIT | SKIP LOCKED], before which a limit stands. */
bool rewrite_for(struct rewriting *r)
{
    if (!token_is(rewrite_peek(r, 0), "UPDATE") || r->result->kind == REWRITE_CHANGE) {
        return rewrite_refuse(r, taken(r));
    }
    r->at++;
    r->result->changes = true;
    if (!rewrite_end_of_level(r)) {
        return false;
    }
    rewrite_emit(r, "FOR UPDATE");
    if (rewrite_take(r, "OF") && !locked_table(r)) {
        return false;
    }
    if (rewrite_take(r, "NOWAIT")) {
        rewrite_emit(r, "NOWAIT");
    } else if (rewrite_take(r, "SKIP")) {
        rewrite_emit(r, "SKIP LOCKED");
        if (!rewrite_expect(r, "LOCKED")) {
            return false;
        }
    }
    return r->is_block || r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0));
}

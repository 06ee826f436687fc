#include "tests/support/tnsd/rewrite.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/support/tnsd/rewrite_priv.h"

enum { NOT_A_STATEMENT = 900, MISSING_KEYWORD = 905, NOT_A_CHARACTER = 911, TOO_MANY_BINDS = 1745 };

/* Oracle's numbers of kinds of statements. */
enum {
    TYPE_INSERT = 2,
    TYPE_SELECT = 3,
    TYPE_UPDATE = 6,
    TYPE_DELETE = 7,
    TYPE_BLOCK = 47,
    TYPE_EXPLAIN = 50,
    TYPE_MERGE = 189
};

/* --- tokens --- */

const struct token *rewrite_peek(const struct rewriting *r, size_t further)
{
    const size_t at = r->at + further;

    return &r->tokens->list[at < r->tokens->count ? at : r->tokens->count];
}

const struct token *rewrite_before(const struct rewriting *r)
{
    return r->at == 0 ? &r->tokens->list[r->tokens->count] : &r->tokens->list[r->at - 1];
}

bool rewrite_refuse_as(struct rewriting *r, const struct token *token, unsigned number,
                       const char *text)
{
    if (!r->is_refused) {
        r->is_refused = true;
        r->refusal->number = number;
        r->refusal->position = token->offset;
        (void)snprintf(r->refusal->text, sizeof(r->refusal->text), "%s", text);
    }
    return false;
}

bool rewrite_refuse(struct rewriting *r, const struct token *token)
{
    enum { SHOWN_MAX = 60 };
    char text[REWRITE_REFUSAL_MAX];
    const int length = (int)(token->length < SHOWN_MAX ? token->length : SHOWN_MAX);

    if (token->kind == TOKEN_END) {
        (void)snprintf(text, sizeof(text), "invalid SQL statement: it ends too early");
    } else {
        (void)snprintf(text, sizeof(text),
                       "invalid SQL statement: this listener does not know \"%.*s\" here", length,
                       token->at);
    }
    return rewrite_refuse_as(r, token, NOT_A_STATEMENT, text);
}

bool rewrite_take(struct rewriting *r, const char *word)
{
    const bool is_it = token_is(rewrite_peek(r, 0), word);

    r->at += is_it ? 1 : 0;
    return is_it;
}

bool rewrite_expect(struct rewriting *r, const char *word)
{
    return rewrite_take(r, word) || rewrite_refuse(r, rewrite_peek(r, 0));
}

/* --- output --- */

void rewrite_emit_bytes(struct rewriting *r, const char *text, size_t length)
{
    static const char stands_close[] = ",).;([]";

    if (!r->is_glued && (length != 1 || strchr(stands_close, text[0]) == NULL)) {
        ora_wr_u8(&r->out, ' ');
    }
    ora_wr_raw(&r->out, text, length);
    r->is_glued = length == 1 && strchr("(.[", text[0]) != NULL;
}

void rewrite_emit(struct rewriting *r, const char *text)
{
    rewrite_emit_bytes(r, text, strlen(text));
}

void rewrite_swap_case(const char *name, size_t length, char *to)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)name[i];

        to[i] = (char)(isupper(c) ? tolower(c) : toupper(c));
    }
    to[length] = '\0';
}

static bool stands_beside_concatenation(const struct rewriting *r)
{
    return token_is(rewrite_before(r), "||") || token_is(rewrite_peek(r, 1), "||");
}

/* One of no characters is NULL. */
static void emit_text(struct rewriting *r, const struct token *token)
{
    ora_wr_u8(&r->out, ' ');
    if (token->length == 0) {
        ora_wr_raw(&r->out, "NULL", strlen("NULL"));
    } else {
        ora_wr_u8(&r->out, '\'');
        for (size_t i = 0; i < token->length; i++) {
            if (token->is_as_typed && token->at[i] == '\'') {
                ora_wr_u8(&r->out, '\'');
            }
            ora_wr_u8(&r->out, (uint8_t)token->at[i]);
        }
        ora_wr_u8(&r->out, '\'');
    }
    if (stands_beside_concatenation(r)) {
        ora_wr_raw(&r->out, "::text", strlen("::text"));
    }
    r->is_glued = false;
}

/* --- binds --- */

static struct rewrite_bind *same_bind(struct rewriting *r, const char *name)
{
    for (unsigned i = 0; r->is_block && i < r->result->bind_count; i++) {
        if (strcmp(r->result->binds[i].name, name) == 0) {
            return &r->result->binds[i];
        }
    }
    return NULL;
}

/* Each place is a bind of its own, but in a block each name. */
static struct rewrite_bind *find_bind(struct rewriting *r, const struct token *token)
{
    struct rewrite *result = r->result;
    char name[REWRITE_NAME_MAX + 1] = "";
    struct rewrite_bind *bind;

    for (size_t i = 0; i < token->length && i < REWRITE_NAME_MAX; i++) {
        name[i] = (char)toupper((unsigned char)token->at[i]);
    }
    bind = same_bind(r, name);
    if (bind == NULL && result->bind_count < REWRITE_BINDS_MAX) {
        bind = &result->binds[result->bind_count++];
        memcpy(bind->name, name, sizeof(name));
    }
    return bind;
}

static bool token_is_name(const struct token *token, const char *name)
{
    return token->length == strlen(name) && strncasecmp(token->at, name, token->length) == 0;
}

static bool emit_bind(struct rewriting *r, bool is_written)
{
    const struct token *token = rewrite_peek(r, 0);
    struct rewrite_bind *bind;
    char text[16];

    if (r->is_trigger) {
        if (!token_is_name(token, "NEW") && !token_is_name(token, "OLD")) {
            return rewrite_refuse(r, token);
        }
        rewrite_emit_bytes(r, token->at, token->length);
        r->at++;
        return true;
    }
    bind = find_bind(r, token);
    if (bind == NULL) {
        return rewrite_refuse_as(r, token, TOO_MANY_BINDS, "too many bind variables");
    }
    if (bind->param == 0) {
        for (unsigned i = 0; i < r->result->bind_count; i++) {
            bind->param += &r->result->binds[i] == bind || r->result->binds[i].param != 0 ? 1 : 0;
        }
    }
    bind->is_text = bind->is_text || stands_beside_concatenation(r) ||
                    (!r->is_block && token_is(rewrite_peek(r, 1), "IS")); /* NULL, of any type */
    bind->is_written = bind->is_written || is_written;
    bind->is_read = bind->is_read || !is_written;
    (void)snprintf(text, sizeof(text), "$%u", bind->param);
    rewrite_emit(r, text);
    r->at++;
    return true;
}

bool rewrite_written_bind(struct rewriting *r)
{
    return emit_bind(r, true);
}

bool rewrite_whole_number(struct rewriting *r, size_t token, bool is_beyond)
{
    const size_t back = r->at;
    const enum token_kind kind = r->tokens->list[token].kind;

    if (kind != TOKEN_NUMBER && kind != TOKEN_BIND) {
        return rewrite_refuse(r, &r->tokens->list[token]);
    }
    r->at = token;
    if (kind == TOKEN_NUMBER && !is_beyond) {
        (void)rewrite_one(r);
        r->at = back;
        return true;
    }
    rewrite_emit(r, is_beyond ? "greatest(ceil(" : "greatest(trunc(");
    r->is_glued = true;
    if (!rewrite_one(r)) {
        return false;
    }
    rewrite_emit(r, is_beyond ? "::numeric) - 1, 0)::bigint" : "::numeric), 0)::bigint");
    r->at = back;
    return true;
}

/* --- names, words and marks --- */

static void emit_quoted(struct rewriting *r, const struct token *token)
{
    char name[REWRITE_NAME_MAX + 1];
    const size_t length = token->length < REWRITE_NAME_MAX ? token->length : REWRITE_NAME_MAX;

    rewrite_swap_case(token->at, length, name);
    rewrite_emit(r, "\"");
    ora_wr_raw(&r->out, name, length);
    ora_wr_u8(&r->out, '"');
}

/* Behind a point, and behind an AS that names a column, any word is a name. */
static bool is_surely_name(const struct rewriting *r)
{
    return token_is(rewrite_before(r), ".") ||
           (token_is(rewrite_before(r), "AS") && !token_is(rewrite_peek(r, 0), "SELECT") &&
            !r->levels[r->depth].is_cast && !r->is_block);
}

/* A word that PostgreSQL may want in quotes. */
static void emit_folded(struct rewriting *r, const struct token *token)
{
    rewrite_emit(r, "\"");
    for (size_t i = 0; i < token->length; i++) {
        ora_wr_u8(&r->out, (uint8_t)tolower((unsigned char)token->at[i]));
    }
    ora_wr_u8(&r->out, '"');
}

bool rewrite_name(struct rewriting *r)
{
    const struct token *token = rewrite_peek(r, 0);

    if (token->kind == TOKEN_QUOTED) {
        emit_quoted(r, token);
    } else if (token->kind == TOKEN_WORD && memchr(token->at, '#', token->length) != NULL) {
        emit_folded(r, token);
    } else if (token->kind == TOKEN_WORD && rewrite_word(token)->use == WORD_NAME) {
        rewrite_emit_bytes(r, token->at, token->length);
    } else if (token->kind == TOKEN_WORD && is_surely_name(r)) {
        emit_folded(r, token);
    } else {
        return rewrite_refuse(r, token);
    }
    r->at++;
    return true;
}

/* Of a sequence, which may be named with its schema. */
static bool rewrite_sequence(struct rewriting *r, size_t count, const char *function)
{
    const size_t end = r->at + count;
    char name[REWRITE_NAME_MAX + 1];

    rewrite_emit(r, function);
    rewrite_emit(r, "(");
    ora_wr_u8(&r->out, '\'');
    for (; r->at < end; r->at++) {
        const struct token *token = rewrite_peek(r, 0);

        if (token->length > REWRITE_NAME_MAX || memchr(token->at, '\'', token->length) != NULL) {
            return rewrite_refuse(r, token); /* the name stands in a text */
        }
        rewrite_swap_case(token->at, token->length, name);
        if (token->kind == TOKEN_QUOTED) {
            ora_wr_u8(&r->out, '"');
        }
        ora_wr_raw(&r->out, token->kind == TOKEN_QUOTED ? name : token->at, token->length);
        if (token->kind == TOKEN_QUOTED) {
            ora_wr_u8(&r->out, '"');
        }
    }
    r->at += 2; /* the point and the word behind it */
    ora_wr_u8(&r->out, '\'');
    rewrite_emit(r, ")");
    return true;
}

/* After these a name and an opening parenthesis are a table and its columns, not a call. */
static bool stands_for_table(const struct rewriting *r)
{
    static const char *const before[] = {"INTO", "TABLE",  "ON",  "REFERENCES",
                                         "WITH", "EXISTS", "VIEW"};

    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        if (token_is(rewrite_before(r), before[i])) {
            return true;
        }
    }
    return token_is(rewrite_before(r), ".") && r->at >= 3 &&
           (token_is(&r->tokens->list[r->at - 3], "INTO") ||
            token_is(&r->tokens->list[r->at - 3], "TABLE"));
}

/* Packages' procedures and functions, which are found there by the same names. */
bool rewrite_procedure(struct rewriting *r)
{
    static const char *const known[][2] = {
        {"DBMS_LOB", "GETLENGTH"},         {"DBMS_SESSION", "SLEEP"}, {"DBMS_SQL", "RETURN_RESULT"},
        {"DBMS_SQL_TRANSLATOR", "SQL_ID"}, {"DBMS_XPLAN", "DISPLAY"}, {"TNSD", "CUT"}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (token_is(rewrite_peek(r, 0), known[i][0]) && token_is(rewrite_peek(r, 1), ".") &&
            token_is(rewrite_peek(r, 2), known[i][1])) {
            rewrite_emit(r, known[i][0]);
            rewrite_emit(r, ".");
            rewrite_emit(r, known[i][1]);
            r->result->gives_results |= token_is(rewrite_peek(r, 2), "RETURN_RESULT");
            r->at += 3;
            return true;
        }
    }
    return false;
}

/* Each also by the name that it is granted by. */
static void note_view(struct rewriting *r)
{
    static const struct {
        const char *name;
        const char *granted;
        enum rewrite_view view;
    } known[] = {{"V$SESSION", "V_$SESSION", REWRITE_SESSIONS},
                 {"V$SQL", "V_$SQL", REWRITE_STATEMENTS},
                 {"V$PARAMETER", "V_$PARAMETER", REWRITE_PARAMETERS}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (token_is_name(rewrite_peek(r, 0), known[i].name) ||
            token_is_name(rewrite_peek(r, 0), known[i].granted)) {
            r->result->views |= known[i].view;
        }
    }
}

/* table.ROWID. */
static bool rewrite_row_id(struct rewriting *r)
{
    rewrite_emit(r, "ora.rowid(");
    if (!rewrite_name(r)) {
        return false;
    }
    rewrite_emit(r, ".ctid)");
    r->at += 2;
    return true;
}

static bool rewrite_user_name(struct rewriting *r)
{
    const size_t further =
        token_is(rewrite_peek(r, 1), ".") && token_is(rewrite_peek(r, 3), ".") ? 4 : 2;

    if (rewrite_procedure(r)) {
        return true;
    }
    if (token_is(rewrite_peek(r, 1), ".") && token_is(rewrite_peek(r, 2), "ROWID")) {
        return rewrite_row_id(r);
    }
    if (token_is(rewrite_peek(r, further - 1), ".")) {
        const struct token *last = rewrite_peek(r, further);

        if (token_is(last, "NEXTVAL") || token_is(last, "CURRVAL")) {
            return rewrite_sequence(r, further - 1,
                                    token_is(last, "NEXTVAL") ? "nextval" : "currval");
        }
    }
    if (token_is(rewrite_peek(r, 1), "(") && !stands_for_table(r)) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    note_view(r);
    return rewrite_name(r);
}

static bool rewrite_known_word(struct rewriting *r, const struct word *word)
{
    const struct token *token = rewrite_peek(r, 0);

    if (word->use == WORD_CALL && !token_is(rewrite_peek(r, 1), "(")) {
        return rewrite_refuse(r, token);
    }
    r->at++;
    r->result->reads_tags = r->result->reads_tags || token_is(token, "SYS_CONTEXT");
    if (word->use == WORD_RULE) {
        return word->rule(r);
    }
    if (word->text != NULL) {
        rewrite_emit(r, word->text);
    } else {
        rewrite_emit_bytes(r, token->at, token->length);
    }
    if (token_is(token, "NULL") && (token_is(rewrite_peek(r, 0), "||") ||
                                    (r->at > 1 && token_is(&r->tokens->list[r->at - 2], "||")))) {
        ora_wr_raw(&r->out, "::text", strlen("::text"));
    }
    return true;
}

static bool open_level(struct rewriting *r)
{
    if (r->depth + 1 == DEPTH_MAX) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    r->levels[++r->depth] = (struct level){
        .is_cast = token_is(rewrite_before(r), "CAST"),
        .is_table = (token_is(rewrite_before(r), "FROM") || token_is(rewrite_before(r), "JOIN")) &&
                    token_is(rewrite_peek(r, 1), "SELECT")};
    rewrite_emit(r, "(");
    r->at++;
    return true;
}

static bool close_level(struct rewriting *r)
{
    if (r->depth == 0) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    if (!rewrite_end_of_level(r)) {
        return false;
    }
    rewrite_emit(r, ")");
    r->at++;
    if (r->levels[r->depth].is_table && rewrite_peek(r, 0)->kind != TOKEN_QUOTED &&
        (rewrite_peek(r, 0)->kind != TOKEN_WORD ||
         rewrite_word(rewrite_peek(r, 0))->use != WORD_NAME)) {
        rewrite_emit(r, "AS tnsd_rows"); /* which PostgreSQL wants named */
    }
    r->depth--;
    return true;
}

static bool rewrite_symbol(struct rewriting *r)
{
    static const struct {
        const char *ours;
        const char *theirs;
        bool is_of_blocks;
    } known[] = {
        {"||", "OPERATOR(ora.||)", false},
        {"^=", "<>", false},
        {"!=", "<>", false},
        {"<>", "<>", false},
        {"<=", "<=", false},
        {">=", ">=", false},
        {"=", "=", false},
        {"<", "<", false},
        {">", ">", false},
        {"+", "+", false},
        {"-", "-", false},
        {"*", "*", false},
        {"/", "/", false},
        {",", ",", false},
        {".", ".", false},
        {"=>", "=>", false},
        {":=", ":=", true},
        {"..", "..", true},
        {"**", "^", true},
        {";", ";", true},
        {"<<", "<<", true},
        {">>", ">>", true},
        {"%", "%", true},
    };
    const struct token *token = rewrite_peek(r, 0);

    if (token_is(token, "(")) {
        return open_level(r);
    }
    if (token_is(token, ")")) {
        return close_level(r);
    }
    if (token_is(token, ",") && r->depth == 0) {
        rewrite_end_of_item(r);
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (token_is(token, known[i].ours) && (r->is_block || !known[i].is_of_blocks)) {
            rewrite_emit(r, known[i].theirs);
            r->at++;
            return true;
        }
    }
    return token_is(token, ";") ? rewrite_refuse_as(r, token, NOT_A_CHARACTER, "invalid character")
                                : rewrite_refuse(r, token);
}

bool rewrite_one(struct rewriting *r)
{
    const struct token *token = rewrite_peek(r, 0);
    const struct word *word;

    if (r->skip_to > 0 && r->at == r->skip_from) {
        r->at = r->skip_to;
        r->skip_to = 0;
        return true;
    }
    switch (token->kind) {
    case TOKEN_TEXT:
        emit_text(r, token);
        r->at++;
        return true;
    case TOKEN_NUMBER:
        rewrite_emit_bytes(r, token->at, token->length);
        r->at++;
        return true;
    case TOKEN_BIND:
        return emit_bind(r, false);
    case TOKEN_SYMBOL:
        return rewrite_symbol(r);
    case TOKEN_QUOTED:
        return rewrite_user_name(r);
    case TOKEN_WORD:
        word = rewrite_word(token);
        return word->use == WORD_NAME || is_surely_name(r) ? rewrite_user_name(r)
                                                           : rewrite_known_word(r, word);
    case TOKEN_END:
        break;
    }
    return rewrite_refuse(r, token);
}

/* --- statements --- */

static bool rewrite_rest(struct rewriting *r)
{
    while (r->at < r->tokens->count) {
        if (!rewrite_one(r)) {
            return false;
        }
    }
    if (r->depth > 0) {
        return rewrite_refuse(r, rewrite_peek(r, 0));
    }
    rewrite_end_of_item(r);
    return rewrite_end_of_level(r);
}

/* DELETE may be without its FROM; INSERT ALL is another statement. */
static bool rewrite_change(struct rewriting *r)
{
    if (token_is(rewrite_peek(r, 0), "INSERT") && !token_is(rewrite_peek(r, 1), "INTO")) {
        return rewrite_refuse(r, rewrite_peek(r, 1));
    }
    if (token_is(rewrite_peek(r, 0), "DELETE") && !token_is(rewrite_peek(r, 1), "FROM")) {
        r->at++;
        rewrite_emit(r, "DELETE FROM");
    }
    return rewrite_rest(r);
}

/* The statement that is to be explained. */
static bool rewrite_explained(struct rewriting *r)
{
    static const char *const changes[] = {"INSERT", "UPDATE", "DELETE", "MERGE"};
    bool ok;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        if (token_is(rewrite_peek(r, 0), changes[i])) {
            return rewrite_change(r);
        }
    }
    if (!token_is(rewrite_peek(r, 0), "SELECT") && !token_is(rewrite_peek(r, 0), "WITH") &&
        !token_is(rewrite_peek(r, 0), "(")) {
        return rewrite_refuse_as(r, rewrite_peek(r, 0), MISSING_KEYWORD, "missing keyword");
    }
    r->result->kind = REWRITE_QUERY;
    ok = rewrite_rest(r);
    r->result->kind = REWRITE_CHANGE;
    return ok;
}

/* EXPLAIN PLAN [SET STATEMENT_ID = 'name'] FOR a query or a change: the database is handed the text
 * and plans it (oracle.sql). Its binds are the statement's, with values that nobody looks at, those
 * behind RETURNING INTO among them. */
static bool rewrite_explain(struct rewriting *r)
{
    struct rewrite *result = r->result;
    const struct token *id = NULL;

    r->at++;
    if (!rewrite_expect(r, "PLAN")) {
        return false;
    }
    if (rewrite_take(r, "SET")) {
        if (!rewrite_expect(r, "STATEMENT_ID") || !rewrite_expect(r, "=")) {
            return false;
        }
        id = rewrite_peek(r, 0);
        if (id->kind != TOKEN_TEXT) {
            return rewrite_refuse(r, id);
        }
        r->at++;
    }
    if (!rewrite_expect(r, "FOR")) {
        return false;
    }
    rewrite_emit(r, "SELECT tnsd.explain(");
    if (id == NULL) {
        rewrite_emit(r, "NULL");
    } else {
        emit_text(r, id);
    }
    rewrite_emit(r, ",");
    rewrite_emit(r, "$tnsd$");
    if (!rewrite_explained(r)) {
        return false;
    }
    rewrite_emit(r, "$tnsd$, '");
    for (unsigned i = 0; i < result->bind_count; i++) {
        struct rewrite_bind *bind = &result->binds[i];

        ora_wr_raw(&r->out, bind->is_text || bind->is_returned ? "t" : "u", 1);
        *bind = (struct rewrite_bind){.is_text = true, .param = i + 1};
    }
    ora_wr_raw(&r->out, "')", strlen("')"));
    return true;
}

/* COMMIT [WORK], ROLLBACK [WORK] [TO [SAVEPOINT] name], SAVEPOINT name. */
static bool rewrite_turn(struct rewriting *r)
{
    if (rewrite_take(r, "SAVEPOINT")) {
        rewrite_emit(r, "SAVEPOINT");
        r->result->kind = REWRITE_SAVEPOINT;
        return rewrite_name(r) &&
               (r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0)));
    }
    r->result->kind = rewrite_take(r, "COMMIT") ? REWRITE_COMMIT : REWRITE_ROLLBACK;
    if (r->result->kind == REWRITE_ROLLBACK) {
        r->at++;
    }
    (void)rewrite_take(r, "WORK");
    if (r->result->kind == REWRITE_ROLLBACK && rewrite_take(r, "TO")) {
        (void)rewrite_take(r, "SAVEPOINT");
        r->result->kind = REWRITE_SAVEPOINT;
        rewrite_emit(r, "ROLLBACK TO SAVEPOINT");
        return rewrite_name(r) &&
               (r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0)));
    }
    return r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0));
}

/* SET TRANSACTION READ ONLY. */
static bool rewrite_snapshot(struct rewriting *r)
{
    static const char *const words[] = {"SET", "TRANSACTION", "READ", "ONLY"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!rewrite_expect(r, words[i])) {
            return false;
        }
    }
    rewrite_emit(r, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return r->at == r->tokens->count || rewrite_refuse(r, rewrite_peek(r, 0));
}

static bool rewrite_statement(struct rewriting *r)
{
    static const struct {
        const char *word;
        enum rewrite_kind kind;
        uint8_t sql_type;
        bool (*rewrite)(struct rewriting *r);
    } kinds[] = {
        {"SELECT", REWRITE_QUERY, TYPE_SELECT, rewrite_rest},
        {"WITH", REWRITE_QUERY, TYPE_SELECT, rewrite_rest},
        {"(", REWRITE_QUERY, TYPE_SELECT, rewrite_rest},
        {"INSERT", REWRITE_CHANGE, TYPE_INSERT, rewrite_change},
        {"UPDATE", REWRITE_CHANGE, TYPE_UPDATE, rewrite_change},
        {"DELETE", REWRITE_CHANGE, TYPE_DELETE, rewrite_change},
        {"MERGE", REWRITE_CHANGE, TYPE_MERGE, rewrite_change},
        {"CREATE", REWRITE_DEFINE, 0, rewrite_define},
        {"ALTER", REWRITE_DEFINE, 0, rewrite_define},
        {"DROP", REWRITE_DEFINE, 0, rewrite_define},
        {"TRUNCATE", REWRITE_DEFINE, 0, rewrite_define},
        {"GRANT", REWRITE_DEFINE, 0, rewrite_define},
        {"EXPLAIN", REWRITE_CHANGE, TYPE_EXPLAIN, rewrite_explain},
        {"BEGIN", REWRITE_BLOCK, TYPE_BLOCK, rewrite_block},
        {"DECLARE", REWRITE_BLOCK, TYPE_BLOCK, rewrite_block},
        {"COMMIT", REWRITE_COMMIT, 0, rewrite_turn},
        {"ROLLBACK", REWRITE_ROLLBACK, 0, rewrite_turn},
        {"SAVEPOINT", REWRITE_SAVEPOINT, 0, rewrite_turn},
        {"SET", REWRITE_SNAPSHOT, 0, rewrite_snapshot},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (token_is(rewrite_peek(r, 0), kinds[i].word)) {
            r->result->kind = kinds[i].kind;
            r->result->sql_type = kinds[i].sql_type;
            r->result->changes = kinds[i].kind == REWRITE_CHANGE;
            r->is_block = kinds[i].kind == REWRITE_BLOCK;
            return kinds[i].rewrite(r);
        }
    }
    return rewrite_refuse(r, rewrite_peek(r, 0));
}

bool rewrite_read(const char *sql, size_t length, struct rewrite *ret,
                  struct rewrite_refusal *ret_refusal)
{
    struct tokens tokens;
    struct rewriting r = {
        .tokens = &tokens, .is_glued = true, .result = ret, .refusal = ret_refusal};
    const char *fault = tokens_read(sql, length, &tokens, &ret_refusal->position);
    bool ok;

    *ret = (struct rewrite){.kind = REWRITE_QUERY};
    if (fault != NULL) {
        ret_refusal->number = NOT_A_STATEMENT;
        (void)snprintf(ret_refusal->text, sizeof(ret_refusal->text), "invalid SQL statement: %s",
                       fault);
        return false;
    }
    ora_wr_init(&r.out, REWRITE_TEXT_MAX);
    ok = rewrite_statement(&r);
    ora_wr_u8(&r.out, '\0');
    if (ok && r.out.is_bad) {
        ok = rewrite_refuse_as(&r, &tokens.list[0], NOT_A_STATEMENT,
                               "invalid SQL statement: too long");
    }
    tokens_free(&tokens);
    if (!ok) {
        ora_wr_fini(&r.out);
        return false;
    }
    ret->sql = (char *)r.out.data;
    return true;
}

void rewrite_fini(struct rewrite *rewrite)
{
    free(rewrite->sql);
    *rewrite = (struct rewrite){.sql = NULL};
}

#include "app/sql_run.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/text.h"
#include "db/sqlid.h"

/* One execution. */
struct execution {
    struct sql_run *run;
    const char *text;
    struct ora_text parsed;
    char sql_id[SQLID_SIZE]; /* "": it has none */
    uint64_t begun_ns;
    uint64_t rows;
    struct octo_ora_error error;
};

static double ms_since(uint64_t begun_ns)
{
    return (double)(clock_mono_ns() - begun_ns) / 1e6;
}

/* --- what happened, in words --- */

enum { WORD_MAX = 24, PHRASE_MAX = 96 };

/* The next word in small letters; "" at the end, or at something else. */
static const char *next_word(const char *at, char ret[WORD_MAX])
{
    size_t length = 0;

    while (isspace((unsigned char)*at)) {
        at++;
    }
    while (isalpha((unsigned char)*at) && length < WORD_MAX - 1) {
        ret[length++] = (char)tolower((unsigned char)*at++);
    }
    ret[length] = '\0';
    return at;
}

static void capitalise(char *word)
{
    word[0] = (char)toupper((unsigned char)word[0]);
}

/* "Table created", as SQL*Plus says it; of what it has no word for, that it was done. */
static void phrase_of_definition(const char *text, char ret[PHRASE_MAX])
{
    static const char *const passed_over[] = {
        "or",     "replace", "editionable", "noneditionable", "global", "temporary",
        "unique", "public",  NULL};
    static const struct {
        const char *verb;
        const char *done;
    } verbs[] = {{"create", "created"},
                 {"alter", "altered"},
                 {"drop", "dropped"},
                 {"truncate", "truncated"}};
    char verb[WORD_MAX];
    char object[WORD_MAX];

    text = next_word(text, verb);
    do {
        text = next_word(text, object);
    } while (text_word(passed_over, object) != NULL);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].verb, verb) == 0 && object[0] != '\0') {
            capitalise(object);
            (void)snprintf(ret, PHRASE_MAX, "%s %s.", object, verbs[i].done);
            return;
        }
    }
    capitalise(verb);
    (void)snprintf(ret, PHRASE_MAX, "%s done.", verb[0] != '\0' ? verb : "Statement");
}

static void phrase_of_change(const char *text, uint64_t rows, char ret[PHRASE_MAX])
{
    static const struct {
        const char *verb;
        const char *done;
    } verbs[] = {
        {"insert", "created"}, {"update", "updated"}, {"delete", "deleted"}, {"merge", "merged"}};
    char verb[WORD_MAX];
    const char *done = "changed";

    (void)next_word(text, verb);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        done = strcmp(verbs[i].verb, verb) == 0 ? verbs[i].done : done;
    }
    (void)snprintf(ret, PHRASE_MAX, "%" PRIu64 " row%s %s.", rows, rows == 1 ? "" : "s", done);
}

static void phrase_of_query(uint64_t rows, char ret[PHRASE_MAX])
{
    if (rows == 0) {
        (void)snprintf(ret, PHRASE_MAX, "no rows selected.");
    } else {
        (void)snprintf(ret, PHRASE_MAX, "%" PRIu64 " row%s selected.", rows, rows == 1 ? "" : "s");
    }
}

static void phrase_of(const struct execution *execution, char ret[PHRASE_MAX])
{
    switch (execution->parsed.kind) {
    case ORA_TEXT_QUERY:
        phrase_of_query(execution->rows, ret);
        break;
    case ORA_TEXT_CHANGE:
        phrase_of_change(execution->text, execution->rows, ret);
        break;
    case ORA_TEXT_BLOCK:
        (void)snprintf(ret, PHRASE_MAX, "PL/SQL procedure successfully completed.");
        break;
    case ORA_TEXT_OTHER:
        phrase_of_definition(execution->text, ret);
        break;
    }
}

/* With rows on standard output it goes where they do not. */
static FILE *words_to(const struct sql_run *run)
{
    return run->show.format == SQL_TABLE ? run->show.out : stderr;
}

static void tell(const struct sql_run *run, const char *phrase, const char *sql_id, double ms)
{
    FILE *out = words_to(run);

    if (!run->wants_feedback) {
        return;
    }
    (void)fputs(phrase, out);
    if (sql_id[0] != '\0') {
        (void)fprintf(out, "  SQL_ID %s", sql_id);
    }
    if (run->wants_timing) {
        (void)fprintf(out, "  %.3f ms", ms);
    }
    (void)fputs("\n\n", out);
}

/* --- failures --- */

/* The line in which the place is, and a mark below it. */
static void mark(const char *text, size_t position)
{
    const size_t length = strlen(text);
    const size_t at = position < length ? position : 0;
    size_t begin = at;
    size_t end = at;
    int line = 1;

    while (begin > 0 && text[begin - 1] != '\n') {
        begin--;
    }
    while (text[end] != '\0' && text[end] != '\n') {
        end++;
    }
    for (size_t i = 0; i < begin; i++) {
        line += text[i] == '\n' ? 1 : 0;
    }
    (void)fprintf(stderr, "%.*s\n", (int)(end - begin), text + begin);
    for (size_t i = begin; i < at; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            (void)fputc(text[i] == '\t' ? '\t' : ' ', stderr);
        }
    }
    (void)fprintf(stderr, "*\nERROR at line %d:\n", line);
}

static void tell_failure(const struct execution *execution)
{
    const struct octo_ora_error *error = &execution->error;

    (void)fflush(execution->run->show.out);
    if (execution->run->script != NULL) {
        (void)fprintf(stderr, "octo sql: %s:%lu: what ends there has failed\n",
                      execution->run->script, execution->run->script_line);
    }
    if (error->kind == OCTO_ORA_SERVER) {
        mark(execution->text, error->position > 0 ? (size_t)error->position : 0);
    }
    (void)fprintf(stderr, "%s\n", error->text);
    if (execution->sql_id[0] != '\0') {
        (void)fprintf(stderr, "SQL_ID %s\n", execution->sql_id);
    }
    (void)fputc('\n', stderr);
}

static void json_failure(struct json_out *json, const struct octo_ora_error *error)
{
    json_begin_object(json, "error");
    json_put_int(json, "number", error->number);
    json_put_text(json, "text", error->text);
    if (error->kind == OCTO_ORA_SERVER) {
        json_put_int(json, "position", error->position);
    }
    json_end_object(json);
}

/* --- results --- */

static void json_begin(struct sql_run *run, const char *sql_id)
{
    if (run->show.format == SQL_JSON) {
        json_out_init(&run->show.json, &run->show.buf);
        json_begin_object(&run->show.json, NULL);
        if (sql_id[0] != '\0') {
            json_put_text(&run->show.json, "sql_id", sql_id);
        }
    }
}

static void json_end(struct sql_run *run)
{
    if (run->show.format == SQL_JSON) {
        json_end_object(&run->show.json);
        buf_add_char(&run->show.buf, '\n');
        sql_show_flush(&run->show);
    }
}

/* What a block gives by itself. */
static bool show_results(struct execution *execution, struct octo_ora_statement *statement)
{
    struct sql_show *show = &execution->run->show;
    struct octo_ora_statement *cursor = NULL;
    uint64_t rows;
    bool has_any = false;
    bool ok;

    while ((ok = octo_ora_next_result(statement, &cursor, &execution->error)) && cursor != NULL) {
        if (show->format == SQL_JSON) {
            if (!has_any) {
                json_begin_list(&show->json, "results");
            }
            json_begin_object(&show->json, NULL);
        }
        has_any = true;
        ok = sql_show_rows(show, cursor, &rows, &execution->error);
        octo_ora_free(cursor);
        if (show->format == SQL_JSON) {
            json_end_object(&show->json);
        }
        if (!ok) {
            break;
        }
    }
    if (has_any && show->format == SQL_JSON) {
        json_end_list(&show->json);
    }
    return ok;
}

/* The row that a block gives, or each that RETURNING does: the last one stays. */
static bool take_outs(struct execution *execution, struct octo_ora_statement *statement)
{
    bool has_row = octo_ora_column_count(statement) > 0;

    while (has_row) {
        if (!octo_ora_fetch(statement, &has_row, &execution->error) ||
            (has_row && !sql_variables_take(&execution->run->variables, &execution->parsed,
                                            statement, &execution->error))) {
            return false;
        }
    }
    return true;
}

static bool show_all(struct execution *execution, struct octo_ora_statement *statement)
{
    if (execution->parsed.kind == ORA_TEXT_QUERY) {
        return sql_show_rows(&execution->run->show, statement, &execution->rows, &execution->error);
    }
    execution->rows = octo_ora_row_count(statement);
    return take_outs(execution, statement) &&
           (execution->parsed.kind != ORA_TEXT_BLOCK || show_results(execution, statement));
}

/* --- execution --- */

static bool execute(struct execution *execution)
{
    struct sql_run *run = execution->run;
    struct octo_ora_statement *statement = NULL;
    bool ok = octo_ora_prepare(run->session, execution->text, &statement, &execution->error) &&
              sql_variables_bind(&run->variables, &execution->parsed, run->session, statement,
                                 &execution->error) &&
              octo_ora_execute(statement, &execution->error) && show_all(execution, statement);

    octo_ora_free(statement);
    sql_variables_unbind(&run->variables);
    if (ok && run->autocommits && octo_ora_in_transaction(run->session)) {
        ok = octo_ora_commit(run->session, &execution->error);
    }
    return ok;
}

static bool finish(struct execution *execution, bool ok)
{
    struct sql_run *run = execution->run;
    const double ms = ms_since(execution->begun_ns);
    char phrase[PHRASE_MAX];

    run->last_number = ok ? run->last_number : execution->error.number;
    if (run->show.format == SQL_JSON) {
        if (!ok) {
            json_failure(&run->show.json, &execution->error);
        } else if (execution->parsed.kind == ORA_TEXT_QUERY ||
                   execution->parsed.kind == ORA_TEXT_CHANGE) {
            json_put_int(&run->show.json, "row_count", (int64_t)execution->rows);
        }
        json_put_real(&run->show.json, "ms", ms);
        json_end(run);
    }
    if (!ok) {
        tell_failure(execution);
    } else if (run->show.format != SQL_JSON) {
        phrase_of(execution, phrase);
        tell(run, phrase, execution->sql_id, ms);
    }
    (void)fflush(run->show.out);
    return ok;
}

/* COMMIT and ROLLBACK alone are no statements: the driver knows whether they came through. */
static bool is_end(const char *text, const char *what)
{
    char words[3][WORD_MAX];
    const char *at = text;

    for (int i = 0; i < 3; i++) {
        at = next_word(at, words[i]);
    }
    return strcmp(words[0], what) == 0 && (words[1][0] == '\0' || strcmp(words[1], "work") == 0) &&
           words[2][0] == '\0' && *at == '\0';
}

bool sql_run_end(struct sql_run *run, bool commits)
{
    struct execution execution = {.run = run, .text = "", .begun_ns = clock_mono_ns()};
    const bool ok = commits ? octo_ora_commit(run->session, &execution.error)
                            : octo_ora_rollback(run->session, &execution.error);

    json_begin(run, "");
    if (run->show.format == SQL_JSON) {
        json_put_text(&run->show.json, "done", commits ? "commit" : "rollback");
    }
    if (!ok || run->show.format == SQL_JSON) {
        execution.parsed.kind = ORA_TEXT_OTHER;
        return finish(&execution, ok);
    }
    tell(run, commits ? "Commit complete." : "Rollback complete.", "",
         ms_since(execution.begun_ns));
    return true;
}

bool sql_run_statement(struct sql_run *run, const char *text)
{
    struct execution execution = {.run = run, .text = text, .begun_ns = clock_mono_ns()};
    bool ok;

    if (is_end(text, "commit") || is_end(text, "rollback")) {
        return sql_run_end(run, is_end(text, "commit"));
    }
    if (!ora_text_read(text, strlen(text), &execution.parsed)) {
        ora_text_fini(&execution.parsed);
        (void)fputs("octo sql: out of memory\n", stderr);
        return false;
    }
    sqlid_of(text, strlen(text), execution.sql_id);
    json_begin(run, execution.sql_id);
    ok = finish(&execution, execute(&execution));
    ora_text_fini(&execution.parsed);
    return ok;
}

bool sql_run_print(struct sql_run *run, struct sql_variable *variable)
{
    struct execution execution = {.run = run, .text = "", .begun_ns = clock_mono_ns()};
    const bool is_right = variable->type->type == OCTO_ORA_BIND_NUMBER ||
                          variable->type->type == OCTO_ORA_BIND_BINARY_DOUBLE;
    bool ok;

    json_begin(run, "");
    if (variable->cursor != NULL) {
        if (run->show.format == SQL_JSON) {
            json_put_text(&run->show.json, "variable", variable->name);
        }
        ok = sql_show_rows(&run->show, variable->cursor, &execution.rows, &execution.error);
        octo_ora_free(variable->cursor);
        variable->cursor = NULL;
        variable->is_null = true;
        execution.parsed.kind = ORA_TEXT_QUERY;
        return finish(&execution, ok);
    }
    sql_show_value(&run->show, variable->name, variable->value.data, variable->value.length,
                   variable->is_null, is_right);
    json_end(run);
    (void)fputs(run->show.format == SQL_TABLE ? "\n" : "", run->show.out);
    (void)fflush(run->show.out);
    return true;
}

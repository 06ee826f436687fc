/*
 * A script, as tests/oracle/drivers/script.json is one, comes by standard input, and our driver
 * runs it: each step's name and result as a line of JSON. Without a script it connects and takes
 * leave. It sees nothing of the driver but its public header.
 */
#include "tests/oracle/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *address;
static const char *user;
static const char *password;
static const char *wallet_dir; /* NULL: none */
static const char *wallet_password;
static int limit_ms; /* of each call; 0: the driver's own */

void script_stop(const char *what, const struct octo_ora_error *error)
{
    (void)fprintf(stderr, "%s: kind %d, ORA-%05d: %s\n", what, (int)error->kind, error->number,
                  error->text);
    exit(EXIT_FAILURE);
}

static bool connect_as(const char *word, const char *service, struct octo_ora **ret,
                       struct octo_ora_error *error)
{
    char dsn[256];
    const struct octo_ora_options options = {.dsn = dsn,
                                             .user = user,
                                             .password = word,
                                             .wallet_dir = wallet_dir,
                                             .wallet_password = wallet_password,
                                             .connect_ms = limit_ms,
                                             .call_ms = limit_ms};

    (void)snprintf(dsn, sizeof(dsn), "%s/%s", address, service);
    return octo_ora_connect(&options, ret, error);
}

static const char *wanted; /* of the step that runs, where it is a text */

/* What no server has said, and the step does not want, ends the script. */
static json_t *result_of_error(const struct octo_ora_error *error)
{
    static const char *const kinds[] = {"NONE",    "USAGE", "CONNECT", "SERVER",
                                        "TIMEOUT", "LOST",  "UNKNOWN", "MEMORY"};
    const bool is_servers =
        error->number != 0 && (error->kind == OCTO_ORA_SERVER || error->kind == OCTO_ORA_CONNECT);

    if (!is_servers && strcmp(wanted, kinds[error->kind]) != 0) {
        script_stop("step", error);
    }
    return is_servers ? json_sprintf("ORA-%05d", error->number) : json_string(kinds[error->kind]);
}

static const char *text_at(const json_t *step, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(step, key));

    return text == NULL ? otherwise : text;
}

/* --- statements, which are kept: the other drivers keep as many --- */

enum { KEPT_MAX = 20 };

static struct {
    char *sql;
    struct octo_ora_statement *statement;
} kept[KEPT_MAX];
static size_t kept_next;

static void forget(size_t place)
{
    octo_ora_free(kept[place].statement);
    free(kept[place].sql);
    kept[place].statement = NULL;
    kept[place].sql = NULL;
}

static void forget_all(void)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        forget(i);
    }
}

/* NULL, and the error is filled, when it cannot be prepared. */
static struct octo_ora_statement *prepared(struct octo_ora *session, const char *sql,
                                           struct octo_ora_error *error)
{
    const size_t place = kept_next;

    for (size_t i = 0; i < KEPT_MAX; i++) {
        if (kept[i].sql != NULL && strcmp(kept[i].sql, sql) == 0) {
            return kept[i].statement;
        }
    }
    forget(place);
    if (!octo_ora_prepare(session, sql, &kept[place].statement, error)) {
        return NULL;
    }
    kept[place].sql = strdup(sql);
    kept_next = (kept_next + 1) % KEPT_MAX;
    return kept[place].statement;
}

/* --- steps --- */

/* What has come out of binds: of a block a value each, of RETURNING one for each row. */
static json_t *outs_of(const struct script_binds *binds, bool returns, struct octo_ora_error *error)
{
    json_t *outs = json_array();
    bool has_row = false;

    for (size_t i = 0; i < binds->out_count; i++) {
        (void)json_array_append_new(outs, returns ? json_array() : json_null());
    }
    while (octo_ora_fetch(binds->statement, &has_row, error)) {
        if (!has_row) {
            return json_pack("[I,o]",
                             returns ? (json_int_t)octo_ora_row_count(binds->statement) : 0, outs);
        }
        for (size_t i = 0; i < binds->out_count; i++) {
            json_t *value = script_value(binds->statement, binds->outs[i]);

            (void)(returns ? json_array_append_new(json_array_get(outs, i), value)
                           : json_array_set_new(outs, i, value));
        }
    }
    json_decref(outs);
    return result_of_error(error);
}

static json_t *run_sql(struct script_binds *binds, const json_t *step)
{
    const char *kind = text_at(step, "do", "");
    const char *sql = text_at(step, "sql", "");
    struct octo_ora_error error;
    json_t *rows;
    json_t *count;

    script_bind_all(binds, json_object_get(step, "binds"));
    octo_ora_stream_lobs(binds->statement, strcmp(kind, "locators") == 0);
    if (!octo_ora_execute(binds->statement, &error)) {
        return result_of_error(&error);
    }
    if (strcmp(kind, "names") == 0) {
        return script_names(binds->statement);
    }
    if (binds->out_count > 0) {
        return outs_of(binds, strstr(sql, "RETURNING") != NULL, &error);
    }
    if (octo_ora_column_count(binds->statement) == 0) {
        return json_integer(
            strncmp(sql, "BEGIN", 5) == 0 ? 0 : (json_int_t)octo_ora_row_count(binds->statement));
    }
    rows = script_rows(binds->statement, &error);
    if (rows == NULL) {
        return result_of_error(&error);
    }
    if (strcmp(kind, "count") != 0) {
        return rows;
    }
    count = json_integer((json_int_t)json_array_size(rows));
    json_decref(rows);
    return count;
}

static json_t *counts_of(const struct octo_ora_statement *statement, size_t count)
{
    json_t *counts = json_array();

    for (size_t i = 1; i <= count; i++) {
        (void)json_array_append_new(counts,
                                    json_integer((json_int_t)octo_ora_rows_of(statement, i)));
    }
    return counts;
}

static json_t *failures_of(const struct octo_ora_statement *statement)
{
    json_t *failures = json_array();
    struct octo_ora_error error;

    for (size_t i = 1; i <= octo_ora_failed_count(statement); i++) {
        const size_t execution = octo_ora_failed(statement, i, &error);

        (void)json_array_append_new(
            failures, json_pack("[I,o]", (json_int_t)execution - 1, result_of_error(&error)));
    }
    return failures;
}

/* An array, in one call. */
static json_t *run_rows(struct script_binds *binds, const json_t *step)
{
    const json_t *types = json_object_get(step, "types");
    const json_t *rows = json_object_get(step, "rows");
    const char *kind = text_at(step, "do", "");
    const bool goes_on = strcmp(kind, "batch errors") == 0;
    const bool counts = strcmp(kind, "row counts") == 0;
    struct octo_ora_error error;
    json_int_t total;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t j = 0; j < json_array_size(types); j++) {
            script_bind_value(binds, (unsigned)j + 1, json_string_value(json_array_get(types, j)),
                              json_string_value(json_array_get(json_array_get(rows, i), j)), 1);
        }
        if (!octo_ora_add(binds->statement, &error)) {
            script_stop("add", &error);
        }
    }
    if (!octo_ora_execute_added(
            binds->statement, (goes_on ? OCTO_ORA_GO_ON : 0U) | (counts ? OCTO_ORA_COUNT_EACH : 0U),
            &error)) {
        return result_of_error(&error);
    }
    total = (json_int_t)octo_ora_row_count(binds->statement);
    return goes_on  ? json_pack("[I,o]", total, failures_of(binds->statement))
           : counts ? counts_of(binds->statement, json_array_size(rows))
                    : json_integer(total);
}

static json_t *run_numbers(struct script_binds *binds, const json_t *step)
{
    const json_int_t first = json_integer_value(json_object_get(step, "first"));
    const json_int_t count = json_integer_value(json_object_get(step, "count"));
    struct octo_ora_error error;
    char text[40];

    for (json_int_t i = 0; i < count; i++) {
        octo_ora_bind_int(binds->statement, 1, first + i);
        (void)snprintf(text, sizeof(text), "number %" JSON_INTEGER_FORMAT, i);
        octo_ora_bind_text(binds->statement, 2, text, strlen(text));
        if (!octo_ora_add(binds->statement, &error)) {
            script_stop("add", &error);
        }
    }
    return octo_ora_execute_added(binds->statement, 0, &error)
               ? json_integer((json_int_t)octo_ora_row_count(binds->statement))
               : result_of_error(&error);
}

static json_t *run_statement(struct octo_ora *session, const json_t *step)
{
    struct script_binds binds = {.session = session};
    struct octo_ora_error error;
    json_t *result;

    binds.statement = prepared(session, text_at(step, "sql", ""), &error);
    if (binds.statement == NULL) {
        return result_of_error(&error);
    }
    result = json_object_get(step, "rows") != NULL             ? run_rows(&binds, step)
             : strcmp(text_at(step, "do", ""), "numbers") == 0 ? run_numbers(&binds, step)
                                                               : run_sql(&binds, step);
    script_binds_fini(&binds);
    return result;
}

static json_t *set_tags(struct octo_ora *session, const json_t *step)
{
    static const char *const names[] = {"client_identifier", "module", "action", "client_info"};
    const json_t *tags = json_object_get(step, "tags");
    struct octo_ora_error error;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *text = json_string_value(json_object_get(tags, names[i]));

        if (text != NULL && !octo_ora_set_tag(session, (enum octo_ora_tag)i, text, &error)) {
            return result_of_error(&error);
        }
    }
    return json_string("done");
}

static json_t *run_briefly(struct octo_ora *session, const json_t *step)
{
    json_t *result;

    octo_ora_set_call_ms(session, (int)json_integer_value(json_object_get(step, "ms")));
    result = run_statement(session, step);
    octo_ora_set_call_ms(session, limit_ms);
    return result;
}

/* The session before is dead, or another one is still good. */
static json_t *connect_again(struct octo_ora **session, const json_t *step)
{
    struct octo_ora *other;
    struct octo_ora_error error;

    if (!connect_as(text_at(step, "password", password), text_at(step, "service", "svc"), &other,
                    &error)) {
        return result_of_error(&error);
    }
    forget_all();
    octo_ora_close(*session);
    *session = other;
    return json_string("done");
}

static json_t *run_simple(struct octo_ora *session, const char *kind)
{
    struct octo_ora_error error;
    const bool ok = strcmp(kind, "commit") == 0     ? octo_ora_commit(session, &error)
                    : strcmp(kind, "rollback") == 0 ? octo_ora_rollback(session, &error)
                                                    : octo_ora_ping(session, &error);

    return ok ? json_string("done") : result_of_error(&error);
}

static json_t *run_step(struct octo_ora **session, const json_t *step)
{
    const char *kind = text_at(step, "do", "");

    if (strcmp(kind, "version") == 0) {
        const char *version = octo_ora_server_version(*session);
        const char *point = strchr(strchr(version, '.') + 1, '.');

        return json_stringn(version, (size_t)(point - version));
    }
    if (strcmp(kind, "tags") == 0) {
        return set_tags(*session, step);
    }
    if (strcmp(kind, "break") == 0) {
        return run_briefly(*session, step);
    }
    if (strcmp(kind, "connect") == 0) {
        return connect_again(session, step);
    }
    return json_object_get(step, "sql") != NULL ? run_statement(*session, step)
                                                : run_simple(*session, kind);
}

static bool is_without(const json_t *step)
{
    const json_t *without = json_object_get(step, "without");

    for (size_t i = 0; i < json_array_size(without); i++) {
        if (strcmp(json_string_value(json_array_get(without, i)), "ours") == 0) {
            return true;
        }
    }
    return false;
}

static void run_all(struct octo_ora **session, const json_t *steps)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        json_t *line;

        if (is_without(step)) {
            continue;
        }
        wanted = text_at(json_object_get(step, "gives"), "ours", "");
        line = json_pack("[s,o]", text_at(step, "name", ""), run_step(session, step));
        if (json_dumpf(line, stdout, JSON_COMPACT) != 0 || fputc('\n', stdout) == EOF ||
            fflush(stdout) == EOF) {
            exit(EXIT_FAILURE);
        }
        json_decref(line);
    }
}

/* NULL: there is none. */
static json_t *read_script(void)
{
    const int first = getc(stdin);
    json_error_t fault;
    json_t *script;

    if (first == EOF) {
        return NULL;
    }
    (void)ungetc(first, stdin);
    script = json_loadf(stdin, 0, &fault);
    if (script == NULL) {
        (void)fprintf(stderr, "the script, line %d: %s\n", fault.line, fault.text);
        exit(2);
    }
    return script;
}

int main(int argc, char **argv)
{
    struct octo_ora *session = NULL;
    struct octo_ora_error error;
    json_t *script;

    if (argc < 4 || argc > 7) {
        return 2;
    }
    address = argv[1];
    user = argv[2];
    password = argv[3];
    limit_ms = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 0;
    wallet_dir = argc > 5 ? argv[5] : NULL;
    wallet_password = argc > 6 ? argv[6] : NULL;
    script = read_script();
    if (!connect_as(password, "svc", &session, &error)) {
        script_stop("connect", &error);
    }
    run_all(&session, json_object_get(script, "steps"));
    forget_all();
    octo_ora_close(session);
    json_decref(script);
    return EXIT_SUCCESS;
}

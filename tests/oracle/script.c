/*
 * The script of tests/oracle/drivers/script.json as our driver runs it: each step's name and result
 * as a line of JSON. It sees nothing of the driver but its public header.
 */
#include <inttypes.h>
#include <jansson.h>
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_TEXT = 200, SHOWN = 8, BIND_MAX = 4096 };

static const char *address;
static const char *user;
static const char *password;
static const char *wallet_dir; /* NULL: none */
static const char *wallet_password;
static int limit_ms; /* of each call; 0: the driver's own */

static void stop(const char *what, const struct octo_ora_error *error)
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
        stop("step", error);
    }
    return is_servers ? json_sprintf("ORA-%05d", error->number) : json_string(kinds[error->kind]);
}

static const char *text_at(const json_t *step, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(step, key));

    return text == NULL ? otherwise : text;
}

/* --- binds --- */

static void bind_date(struct octo_ora_statement *statement, unsigned place, const char *text)
{
    struct octo_ora_time time = {.year = 0};
    int parts[6];

    if (sscanf(text, "%d-%d-%d %d:%d:%d", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4],
               &parts[5]) != 6) {
        (void)fprintf(stderr, "%s: no date\n", text);
        exit(EXIT_FAILURE);
    }
    time.year = (int16_t)parts[0];
    time.month = (uint8_t)parts[1];
    time.day = (uint8_t)parts[2];
    time.hour = (uint8_t)parts[3];
    time.minute = (uint8_t)parts[4];
    time.second = (uint8_t)parts[5];
    octo_ora_bind_date(statement, place, &time);
}

static void bind_text(struct octo_ora_statement *statement, unsigned place, const char *text,
                      json_int_t times)
{
    char all[BIND_MAX];
    size_t length = 0;

    do {
        length += (size_t)snprintf(all + length, sizeof(all) - length, "%s", text);
    } while (--times > 0 && length < sizeof(all));
    octo_ora_bind_text(statement, place, all, length);
}

static void bind_value(struct octo_ora_statement *statement, unsigned place, const char *type,
                       const char *text, json_int_t times)
{
    if (text == NULL) {
        octo_ora_bind_null(statement, place);
    } else if (strcmp(type, "NUMBER") == 0) {
        octo_ora_bind_number(statement, place, text);
    } else if (strcmp(type, "DATE") == 0) {
        bind_date(statement, place, text);
    } else {
        bind_text(statement, place, text, times);
    }
}

static void bind_one(struct octo_ora_statement *statement, unsigned place, const json_t *bind)
{
    static const char *const types[] = {"NUMBER", "VARCHAR2", "DATE"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const json_t *value = json_object_get(bind, types[i]);

        if (value != NULL) {
            bind_value(statement, place, types[i], json_string_value(value),
                       json_integer_value(json_object_get(bind, "times")));
        }
    }
}

static void bind_all(struct octo_ora_statement *statement, const json_t *binds)
{
    for (size_t i = 0; i < json_array_size(binds); i++) {
        bind_one(statement, (unsigned)i + 1, json_array_get(binds, i));
    }
}

/* --- results --- */

static json_t *characters(const struct octo_ora_text *text)
{
    if (text->length <= LONG_TEXT) {
        return json_stringn(text->at, text->length);
    }
    return json_pack("[I,s%,s%]", (json_int_t)text->length, text->at, (size_t)SHOWN,
                     text->at + text->length - SHOWN, (size_t)SHOWN);
}

static json_t *hexadecimal(const struct octo_ora_text *text)
{
    char digits[2 * LONG_TEXT + 1] = "";

    for (size_t i = 0; i < text->length && i < LONG_TEXT; i++) {
        (void)snprintf(digits + 2 * i, 3, "%02X", (unsigned char)text->at[i]);
    }
    return json_string(digits);
}

static json_t *value_of(const struct octo_ora_statement *statement, unsigned place)
{
    struct octo_ora_text text;
    struct octo_ora_error error;

    if (octo_ora_is_null(statement, place)) {
        return json_null();
    }
    if (!octo_ora_get_text(statement, place, &text, &error)) {
        stop("value", &error);
    }
    return octo_ora_column(statement, place).type == OCTO_ORA_RAW ? hexadecimal(&text)
                                                                  : characters(&text);
}

/* NULL, and the error is filled, when a row cannot be fetched. */
static json_t *rows_of(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    json_t *rows = json_array();
    bool has_row = false;

    while (octo_ora_fetch(statement, &has_row, error)) {
        json_t *row;

        if (!has_row) {
            return rows;
        }
        row = json_array();
        for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
            (void)json_array_append_new(row, value_of(statement, i));
        }
        (void)json_array_append_new(rows, row);
    }
    json_decref(rows);
    return NULL;
}

static json_t *names_of(const struct octo_ora_statement *statement)
{
    json_t *names = json_array();

    for (unsigned i = 1; i <= octo_ora_column_count(statement); i++) {
        (void)json_array_append_new(names, json_string(octo_ora_column(statement, i).name));
    }
    return names;
}

/* --- steps --- */

static json_t *run_sql(struct octo_ora_statement *statement, const json_t *step)
{
    const char *kind = text_at(step, "do", "");
    struct octo_ora_error error;
    json_t *rows;
    json_t *count;

    bind_all(statement, json_object_get(step, "binds"));
    if (!octo_ora_execute(statement, &error)) {
        return result_of_error(&error);
    }
    if (strcmp(kind, "names") == 0) {
        return names_of(statement);
    }
    if (octo_ora_column_count(statement) == 0) {
        const char *sql = text_at(step, "sql", "");

        return json_integer(
            strncmp(sql, "BEGIN", 5) == 0 ? 0 : (json_int_t)octo_ora_row_count(statement));
    }
    rows = rows_of(statement, &error);
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

/* An array is executed row by row, which gives the same; the first that fails ends it, or is noted.
 */
static json_t *run_rows(struct octo_ora_statement *statement, const json_t *step)
{
    const json_t *types = json_object_get(step, "types");
    const json_t *rows = json_object_get(step, "rows");
    const char *kind = text_at(step, "do", "");
    json_t *errors = json_array();
    json_t *counts = json_array();
    struct octo_ora_error error;
    json_int_t total = 0;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        for (size_t j = 0; j < json_array_size(types); j++) {
            bind_value(statement, (unsigned)j + 1, json_string_value(json_array_get(types, j)),
                       json_string_value(json_array_get(json_array_get(rows, i), j)), 1);
        }
        if (octo_ora_execute(statement, &error)) {
            total += (json_int_t)octo_ora_row_count(statement);
            (void)json_array_append_new(counts,
                                        json_integer((json_int_t)octo_ora_row_count(statement)));
        } else if (strcmp(kind, "batch errors") != 0) {
            return result_of_error(&error);
        } else {
            (void)json_array_append_new(errors,
                                        json_pack("[I,o]", (json_int_t)i, result_of_error(&error)));
        }
    }
    return strcmp(kind, "row counts") == 0     ? counts
           : strcmp(kind, "batch errors") == 0 ? json_pack("[I,o]", total, errors)
                                               : json_integer(total);
}

static json_t *run_numbers(struct octo_ora_statement *statement, const json_t *step)
{
    const json_int_t first = json_integer_value(json_object_get(step, "first"));
    const json_int_t count = json_integer_value(json_object_get(step, "count"));
    struct octo_ora_error error;
    json_int_t total = 0;
    char text[40];

    for (json_int_t i = 0; i < count; i++) {
        octo_ora_bind_int(statement, 1, first + i);
        (void)snprintf(text, sizeof(text), "number %" JSON_INTEGER_FORMAT, i);
        octo_ora_bind_text(statement, 2, text, strlen(text));
        if (!octo_ora_execute(statement, &error)) {
            return result_of_error(&error);
        }
        total += (json_int_t)octo_ora_row_count(statement);
    }
    return json_integer(total);
}

static json_t *run_statement(struct octo_ora *session, const json_t *step)
{
    struct octo_ora_statement *statement;
    struct octo_ora_error error;
    json_t *result;

    if (!octo_ora_prepare(session, text_at(step, "sql", ""), &statement, &error)) {
        return result_of_error(&error);
    }
    result = json_object_get(step, "rows") != NULL             ? run_rows(statement, step)
             : strcmp(text_at(step, "do", ""), "numbers") == 0 ? run_numbers(statement, step)
                                                               : run_sql(statement, step);
    octo_ora_free(statement);
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
        stop("connect", &error);
    }
    run_all(&session, json_object_get(script, "steps"));
    octo_ora_close(session);
    json_decref(script);
    return EXIT_SUCCESS;
}

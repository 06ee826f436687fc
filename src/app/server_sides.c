#include "app/server_sides.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum { MINUTE_CHARACTERS = 16 /* "2026-11-30T14:45" */ };

static const struct table_column COLUMNS[] = {
    {"service", "SERVICE", false}, {"sql_id", "SQL_ID", false},   {"name", "NAME", false},
    {"calls", "CALLS", true},      {"executions", "SPANS", true}, {"rows", "ROWS", true},
    {"span_rows", "ROWS", true},   {"server", "IN SERVER", true}, {"spans", "IN SPANS", true},
    {"between", "BETWEEN", true},  {"differs", "DIFFERS", false},
};
static const struct table_concession CONCESSIONS[] = {{"differs", TABLE_IF_EMPTY},
                                                      {"name", 30},
                                                      {"service", 15},
                                                      {"name", 20},
                                                      {"service", 0},
                                                      {"span_rows", 0},
                                                      {"rows", 0},
                                                      {"sql_id", 0}};
static const struct table TABLE = {.columns = COLUMNS,
                                   .column_count = sizeof(COLUMNS) / sizeof(COLUMNS[0]),
                                   .concessions = CONCESSIONS,
                                   .concession_count =
                                       sizeof(CONCESSIONS) / sizeof(CONCESSIONS[0])};

/* Nothing where the side does not know the statement, here and below. */
static void put_count(struct asking *asking, struct buf *rows, const char *key,
                      const struct json *side, const char *member)
{
    int64_t count;

    if (json_int(json_get(side, member), &count)) {
        asking_put(asking, rows, key, arena_printf(&asking->arena, "%lld", (long long)count));
    }
}

static const char *microseconds(struct asking *asking, const struct json *side, const char *member)
{
    int64_t us = 0;

    if (!json_int(json_get(side, member), &us)) {
        return "";
    }
    return arena_printf(&asking->arena, "%.3f ms", (double)us / 1e3);
}

static const char *joined(struct asking *asking, const struct json *texts)
{
    const char *all = "";

    for (size_t i = 0; i < json_length(texts); i++) {
        all = arena_printf(&asking->arena, "%s%s%s", all, i > 0 ? ", " : "",
                           json_text(json_at(texts, i)));
    }
    return all;
}

static void put(struct asking *asking, struct buf *rows, const struct json *of)
{
    const struct json *server = json_get(of, "server");
    const struct json *spans = json_get(of, "spans");

    asking_begin_row(rows);
    asking_put(asking, rows, "service", json_text(json_get(of, "service")));
    asking_put(asking, rows, "sql_id", json_text(json_get(of, "sql_id")));
    asking_put(asking, rows, "name", json_text(json_get(of, "name")));
    put_count(asking, rows, "calls", server, "calls");
    put_count(asking, rows, "executions", spans, "executions");
    put_count(asking, rows, "rows", server, "rows");
    put_count(asking, rows, "span_rows", spans, "rows");
    asking_put(asking, rows, "server", microseconds(asking, server, "total_us"));
    asking_put(asking, rows, "spans", microseconds(asking, spans, "total_us"));
    asking_put(asking, rows, "between", microseconds(asking, of, "between_us"));
    asking_put(asking, rows, "differs", joined(asking, json_get(of, "differs")));
    asking_end_row(rows);
}

static void print_databases(struct asking *asking)
{
    const struct json *databases = json_get(asking->answer, "databases");

    for (size_t i = 0; i < json_length(databases); i++) {
        const struct json *one = json_at(databases, i);
        const char *engine = json_text(json_get(one, "engine"));
        const char *since = json_text(json_get(one, "since"));
        const char *reason = json_text(json_get(one, "reason"));

        (void)printf("%s: ", json_text(json_get(one, "service")));
        if (since != NULL) {
            (void)printf("%s counts since %.10s %.5s UTC", engine, since,
                         since + MINUTE_CHARACTERS - 5);
        }
        (void)printf("%s%s%s\n", since != NULL && reason != NULL ? "; " : "",
                     reason != NULL ? "not compared: " : "", reason != NULL ? reason : "");
    }
}

static bool print_statements(struct asking *asking, struct err *err)
{
    const struct json *statements = json_get(asking->answer, "statements");
    const size_t shown = json_length(statements);
    int64_t total = 0;
    struct buf rows;
    bool ok;

    if (shown == 0) {
        return true;
    }
    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < shown; i++) {
        put(asking, &rows, json_at(statements, i));
    }
    (void)putchar('\n');
    ok = asking_print_rows(&TABLE, &rows, err);
    buf_fini(&rows);
    if (ok && json_int(json_get(asking->answer, "total"), &total) && (size_t)total > shown) {
        (void)printf("%zu of %lld\n", shown, (long long)total);
    }
    return ok;
}

int server_sides_show(struct asking *asking, const char *path)
{
    struct err err = {0};

    if (!asking_ask(asking, path, &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    print_databases(asking);
    return print_statements(asking, &err) ? EXIT_DONE : cli_fail(asking->command, &err);
}

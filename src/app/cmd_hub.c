/*
 * octo hub: who kept the databases busy, as the console knows it, for people and, with --json, as
 * it answers.
 */
#include <stdio.h>
#include <string.h>

#include "app/asking.h"
#include "app/server_sides.h"
#include "app/waterfall.h"

static const struct asking_option FILTERS[] = {
    {"--from", "from"},       {"--to", "to"},         {"--by", "by"},
    {"--service", "service"}, {"--module", "module"}, {"--action", "action"},
    {"--sql-id", "sql_id"},   {"--wait", "wait"},     {"--top", "top"},
};
enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]) };

struct filters {
    const char *values[FILTER_COUNT];
    bool wants_server;
};

/* Over time, and the lists of those with the most. */
static const struct table_column CURVE_COLUMNS[] = {
    {"key", "WHO", false},
    {"sessions", "SESSIONS", true},
    {"curve", "OVER TIME", false},
};
static const struct table_concession CURVE_CONCESSIONS[] = {{"key", 40}, {"key", 24}, {"curve", 0}};
static const struct table CURVES = {
    .columns = CURVE_COLUMNS,
    .column_count = sizeof(CURVE_COLUMNS) / sizeof(CURVE_COLUMNS[0]),
    .concessions = CURVE_CONCESSIONS,
    .concession_count = sizeof(CURVE_CONCESSIONS) / sizeof(CURVE_CONCESSIONS[0])};

static const struct table_column MOST_COLUMNS[] = {
    {"key", "WHO", false},    {"sessions", "SESSIONS", true}, {"executions", "EXECUTIONS", true},
    {"active", "TIME", true}, {"mean", "MEAN", true},         {"longest", "LONGEST", true},
};
static const struct table_concession MOST_CONCESSIONS[] = {
    {"key", 40}, {"longest", 0}, {"executions", 0}, {"key", 24}};
static const struct table MOST = {.columns = MOST_COLUMNS,
                                  .column_count = sizeof(MOST_COLUMNS) / sizeof(MOST_COLUMNS[0]),
                                  .concessions = MOST_CONCESSIONS,
                                  .concession_count =
                                      sizeof(MOST_CONCESSIONS) / sizeof(MOST_CONCESSIONS[0])};

/* Sessions of pools, as their services told. */
static const struct table_column POOL_COLUMNS[] = {
    {"key", "POOL", false}, {"limit", "LIMIT", true},     {"used", "USED", true},
    {"most", "MOST", true}, {"pending", "WAITING", true}, {"curve", "OVER TIME", false},
};
static const struct table_concession POOL_CONCESSIONS[] = {{"key", 40}, {"key", 24}, {"curve", 0}};
static const struct table POOLS = {.columns = POOL_COLUMNS,
                                   .column_count = sizeof(POOL_COLUMNS) / sizeof(POOL_COLUMNS[0]),
                                   .concessions = POOL_CONCESSIONS,
                                   .concession_count =
                                       sizeof(POOL_CONCESSIONS) / sizeof(POOL_CONCESSIONS[0])};

static const char *curve_of(struct asking *asking, const struct json *points)
{
    const size_t count = json_length(points);
    double *values = arena_array(&asking->arena, count + 1, sizeof(*values));

    for (size_t i = 0; i < count; i++) {
        values[i] = asking_real(asking, json_at(points, i));
    }
    return asking_curve(asking, values, count);
}

/* What it is called: a statement by its name too. */
static const char *label_of(struct asking *asking, const struct json *of)
{
    const char *key = json_text(json_get(of, "key"));
    const char *name = json_text(json_get(of, "name"));

    if (key == NULL) {
        return "(none)";
    }
    return name != NULL ? arena_printf(&asking->arena, "%s %s", key, name) : key;
}

static void put_row(struct asking *asking, struct buf *rows, const char *label,
                    const struct json *of)
{
    asking_begin_row(rows);
    asking_put(asking, rows, "key", label);
    asking_put(
        asking, rows, "sessions",
        arena_printf(&asking->arena, "%.4f", asking_real(asking, json_get(of, "active_sessions"))));
    asking_put_count(asking, rows, "executions", of, "executions");
    asking_put_duration(asking, rows, "active", of, "active_ns");
    asking_put_duration(asking, rows, "mean", of, "mean_ns");
    asking_put_duration(asking, rows, "longest", of, "longest_ns");
    asking_put(asking, rows, "curve", curve_of(asking, json_get(of, "points")));
    asking_end_row(rows);
}

static bool print_list(struct asking *asking, const char *title, const char *member,
                       const struct table *table, struct err *err)
{
    const struct json *list = json_get(asking->answer, member);
    struct buf rows;
    bool ok;

    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(list); i++) {
        put_row(asking, &rows, label_of(asking, json_at(list, i)), json_at(list, i));
    }
    (void)printf("\n%s\n", title);
    ok = asking_print_rows(table, &rows, err);
    buf_fini(&rows);
    return ok;
}

static void put_real(struct asking *asking, struct buf *rows, const char *key,
                     const struct json *of, const char *member, int digits)
{
    asking_put(
        asking, rows, key,
        arena_printf(&asking->arena, "%.*f", digits, asking_real(asking, json_get(of, member))));
}

static const char *curve_of_pool(struct asking *asking, const struct json *points)
{
    const size_t count = json_length(points);
    double *values = arena_array(&asking->arena, count + 1, sizeof(*values));

    for (size_t i = 0; i < count; i++) {
        values[i] = asking_real(asking, json_get(json_at(points, i), "used_most"));
    }
    return asking_curve(asking, values, count);
}

static void put_pool(struct asking *asking, struct buf *rows, const struct json *pool)
{
    asking_begin_row(rows);
    asking_put(asking, rows, "key",
               arena_printf(&asking->arena, "%s %s", json_text(json_get(pool, "service")),
                            json_text(json_get(pool, "name"))));
    put_real(asking, rows, "limit", pool, "limit", 0);
    put_real(asking, rows, "used", pool, "used_mean", 2);
    put_real(asking, rows, "most", pool, "used_most", 0);
    put_real(asking, rows, "pending", pool, "pending_most", 0);
    asking_put(asking, rows, "curve", curve_of_pool(asking, json_get(pool, "points")));
    asking_end_row(rows);
}

static bool print_pools(struct asking *asking, struct err *err)
{
    const struct json *pools = json_get(asking->answer, "pools");
    struct buf rows;
    bool ok;

    if (json_length(pools) == 0) {
        return true;
    }
    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(pools); i++) {
        put_pool(asking, &rows, json_at(pools, i));
    }
    (void)printf("\npools, %.0f sessions together at most\n",
                 asking_real(asking, json_get(asking->answer, "pool_limit")));
    ok = asking_print_rows(&POOLS, &rows, err);
    buf_fini(&rows);
    return ok;
}

static bool print_hub(struct asking *asking, struct err *err)
{
    const char *from = json_text(json_get(asking->answer, "from"));
    const char *to = json_text(json_get(asking->answer, "to"));
    const char *by = json_text(json_get(asking->answer, "by"));

    (void)printf("%.10s %.5s to %.10s %.5s UTC: %.4f active sessions on average\n", from, from + 11,
                 to, to + 11, asking_real(asking, json_get(asking->answer, "active_sessions")));
    return print_list(asking, arena_printf(&asking->arena, "by %s", by), "series", &CURVES, err) &&
           print_list(asking, "statements", "statements", &MOST, err) &&
           print_list(asking, "actions", "actions", &MOST, err) &&
           print_list(asking, "waits", "waits", &MOST, err) && print_pools(asking, err);
}

/* A server counts since it began to, of each statement, whoever ran it. */
static bool takes_all(const struct filters *filters)
{
    for (size_t i = 0; i < FILTER_COUNT; i++) {
        const char *option = FILTERS[i].option;

        if (filters->values[i] != NULL && strcmp(option, "--service") != 0 &&
            strcmp(option, "--top") != 0) {
            (void)fprintf(stderr,
                          "octo hub: %s does not go with --server: a server counts since it "
                          "began to, by statement\n",
                          option);
            return false;
        }
    }
    return true;
}

static int show(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    struct err err = {0};

    if (filters->wants_server && !takes_all(filters)) {
        return EXIT_USAGE;
    }
    if (filters->wants_server) {
        return server_sides_show(
            asking, asking_path(asking, "/api/hub/server", FILTERS, FILTER_COUNT, filters->values));
    }
    if (!asking_ask(asking, asking_path(asking, "/api/hub", FILTERS, FILTER_COUNT, filters->values),
                    &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    return print_hub(asking, &err) ? EXIT_DONE : cli_fail(asking->command, &err);
}

int cmd_hub(int argc, char **argv)
{
    struct filters filters = {0};
    struct asking asking;
    const struct cli_flag flags[] = {
        {"--server",
         "what the database servers count of statements, beside what spans tell of them",
         &filters.wants_server},
        {"--json", "print what the console answers", &asking.as_json},
    };
    const struct cli_command command = {
        .name = "hub",
        .arguments = "[--from TIME] [--to TIME] [--by service|module|action|sql_id|wait] "
                     "[--service NAME]\n                [--module NAME] [--action NAME] [--sql-id "
                     "ID] [--wait NAME] [--top N] [--json] [--data DIR]\n       octo hub --server "
                     "[--service NAME] [--top N] [--json] [--data DIR]",
        .text =
            "Shows who kept the databases busy within the last hour, or from one time to "
            "another: sessions that\nwere active on average, over time, and the statements, "
            "ACTIONs and waits with the most of them.\nA session is active while a statement "
            "runs in it (running), or while a unit of work waits: for a\nsession (pool), for "
            "writers before it (queue), for the database's lock (lock), for its commit\n"
            "(commit). octo sessions and octo pools show the sessions of this moment.\n\nWith "
            "--server it is what the servers count since they began to, by statement: calls, "
            "rows and time\nbeside the executions that spans tell of, their rows and their time, "
            "how much longer one takes to\nwho asks than to the server (between), and in what the "
            "two differ.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };

    if (!asking_take("hub", FILTERS, FILTER_COUNT, &argc, argv, filters.values)) {
        return EXIT_USAGE;
    }
    asking_begin(&asking, "hub");
    return asking_run(&asking, &command, argc, argv, show, &filters);
}

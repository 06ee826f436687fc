/*
 * octo statements, octo statement: what the console knows of statements, for people and, with
 * --json, as it answers.
 */
#include <stdio.h>
#include <string.h>

#include "app/asking.h"
#include "app/server_sides.h"
#include "app/waterfall.h"
#include "core/text.h"
#include "db/sqlid.h"

enum { SQL_ID_CHARACTERS = SQLID_SIZE - 1, TIME_CHARACTERS = 16 };

/* "2026-11-30T14:45:00.000000Z" to the minute. */
static const char *minute(struct asking *asking, const char *time)
{
    return time != NULL
               ? arena_printf(&asking->arena, "%.10s %.5s", time, time + TIME_CHARACTERS - 5)
               : "";
}

static void print_window(struct asking *asking)
{
    (void)printf("%s to %s UTC\n", minute(asking, json_text(json_get(asking->answer, "from"))),
                 minute(asking, json_text(json_get(asking->answer, "to"))));
}

static void put_work(struct asking *asking, struct buf *rows, const struct json *of)
{
    asking_put_count(asking, rows, "executions", of, "executions");
    asking_put_count(asking, rows, "failures", of, "failures");
    asking_put_count(asking, rows, "rows", of, "rows");
    asking_put_duration(asking, rows, "active", of, "active_ns");
    asking_put_duration(asking, rows, "mean", of, "mean_ns");
    asking_put_duration(asking, rows, "p95", of, "p95_ns");
    asking_put_duration(asking, rows, "longest", of, "longest_ns");
}

/* ---- octo statements ---- */

static const struct asking_option FILTERS[] = {
    {"--from", "from"},     {"--to", "to"},     {"--service", "service"}, {"--module", "module"},
    {"--action", "action"}, {"--sort", "sort"}, {"--limit", "limit"},     {"--cursor", "cursor"},
};
enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]), ONE_FILTERS = 5 };

struct filters {
    const char *values[FILTER_COUNT];
    const char *sql_id;
    bool wants_plan;
    bool wants_server;
};

static const struct table_column LIST_COLUMNS[] = {
    {"sql_id", "SQL_ID", false},    {"name", "NAME", false}, {"executions", "EXECUTIONS", true},
    {"failures", "FAILURES", true}, {"rows", "ROWS", true},  {"active", "TIME", true},
    {"mean", "MEAN", true},         {"p95", "P95", true},    {"longest", "LONGEST", true},
};
static const struct table_concession LIST_CONCESSIONS[] = {
    {"name", 30}, {"rows", 0}, {"failures", 0}, {"longest", 0}, {"name", 20}, {"mean", 0},
};
static const struct table LIST = {.columns = LIST_COLUMNS,
                                  .column_count = sizeof(LIST_COLUMNS) / sizeof(LIST_COLUMNS[0]),
                                  .concessions = LIST_CONCESSIONS,
                                  .concession_count =
                                      sizeof(LIST_CONCESSIONS) / sizeof(LIST_CONCESSIONS[0])};

static bool print_list(struct asking *asking, struct err *err)
{
    const struct json *statements = json_get(asking->answer, "statements");
    struct buf rows;
    int64_t total = 0;
    bool ok;

    print_window(asking);
    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(statements); i++) {
        const struct json *statement = json_at(statements, i);

        asking_begin_row(&rows);
        asking_put(asking, &rows, "sql_id", json_text(json_get(statement, "sql_id")));
        asking_put(asking, &rows, "name", json_text(json_get(statement, "name")));
        put_work(asking, &rows, statement);
        asking_end_row(&rows);
    }
    ok = asking_print_rows(&LIST, &rows, err);
    buf_fini(&rows);
    (void)json_int(json_get(asking->answer, "total"), &total);
    if (ok && total > (int64_t)json_length(statements)) {
        (void)printf("%zu of %lld\n", json_length(statements), (long long)total);
    }
    return ok;
}

static int show_list(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    struct err err = {0};

    if (!asking_ask(asking,
                    asking_path(asking, "/api/statements", FILTERS, FILTER_COUNT, filters->values),
                    &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    return print_list(asking, &err) ? EXIT_DONE : cli_fail(asking->command, &err);
}

int cmd_statements(int argc, char **argv)
{
    struct filters filters = {.sql_id = NULL};
    struct asking asking;
    const struct cli_flag flags[] = {{"--json", "print what the console answers", &asking.as_json}};
    const struct cli_command command = {
        .name = "statements",
        .arguments = "[--from TIME] [--to TIME] [--service NAME] [--module NAME] [--action NAME]\n"
                     "                       [--sort time|executions|failures|rows|mean|longest] "
                     "[--limit N]\n                       [--cursor TEXT] [--json] [--data DIR]",
        .text = "Lists the statements that ran within the last day, or from one time to another: "
                "those first that\nkept sessions busy for longest, or had most of what --sort "
                "says. octo statement SQL_ID shows one.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };

    if (!asking_take("statements", FILTERS, FILTER_COUNT, &argc, argv, filters.values)) {
        return EXIT_USAGE;
    }
    asking_begin(&asking, "statements");
    return asking_run(&asking, &command, argc, argv, show_list, &filters);
}

/* ---- octo statement ---- */

static const struct table_column CALLER_COLUMNS[] = {
    {"service", "SERVICE", false},  {"module", "MODULE", false},
    {"action", "ACTION", false},    {"executions", "EXECUTIONS", true},
    {"failures", "FAILURES", true}, {"rows", "ROWS", true},
    {"active", "TIME", true},       {"mean", "MEAN", true},
    {"longest", "LONGEST", true},
};
static const struct table_concession CALLER_CONCESSIONS[] = {
    {"module", 0}, {"rows", 0}, {"action", 40}, {"longest", 0}, {"service", 0}, {"action", 24},
};
static const struct table CALLERS = {
    .columns = CALLER_COLUMNS,
    .column_count = sizeof(CALLER_COLUMNS) / sizeof(CALLER_COLUMNS[0]),
    .concessions = CALLER_CONCESSIONS,
    .concession_count = sizeof(CALLER_CONCESSIONS) / sizeof(CALLER_CONCESSIONS[0])};

static const char *duration(struct asking *asking, const struct json *of, const char *member)
{
    char text[DURATION_TEXT_MAX];
    int64_t ns = 0;

    (void)json_int(json_get(of, member), &ns);
    waterfall_duration(ns, !asking_is_utf8(), text);
    return arena_strdup(&asking->arena, text);
}

static long long count_of(const struct json *of, const char *member)
{
    int64_t count = 0;

    (void)json_int(json_get(of, member), &count);
    return (long long)count;
}

/* Line by line: what a terminal could take for a command is left out. */
static void print_text(struct asking *asking, const char *text)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");

        (void)printf("  %s\n", waterfall_plain(&asking->arena,
                                               arena_dup(&asking->arena, text, length), length));
        text += length + (text[length] == '\n');
    }
}

static void print_head(struct asking *asking)
{
    const struct json *answer = asking->answer;
    const char *file = json_text(json_get(answer, "file"));
    const char *text = json_text(json_get(answer, "text"));

    (void)printf("%s  SQL_ID %s  HASH_VALUE %lld%s%s\n\n",
                 waterfall_plain(&asking->arena, json_text(json_get(answer, "name")),
                                 (size_t)asking_columns()),
                 json_text(json_get(answer, "sql_id")), count_of(answer, "hash_value"),
                 file != NULL ? "  " : "", file != NULL ? file : "");
    print_text(asking, text != NULL ? text : "");
    (void)putchar('\n');
    print_window(asking);
    (void)printf("%lld executions, %lld failed, %lld rows; active for %s\n",
                 count_of(answer, "executions"), count_of(answer, "failures"),
                 count_of(answer, "rows"), duration(asking, answer, "active_ns"));
    (void)printf("mean %s, deviation %s; p50 %s, p90 %s, p95 %s, p99 %s, longest %s\n",
                 duration(asking, answer, "mean_ns"), duration(asking, answer, "stddev_ns"),
                 duration(asking, answer, "p50_ns"), duration(asking, answer, "p90_ns"),
                 duration(asking, answer, "p95_ns"), duration(asking, answer, "p99_ns"),
                 duration(asking, answer, "longest_ns"));
}

static void print_curve(struct asking *asking, const char *title, const char *member)
{
    const struct json *series = json_get(asking->answer, "series");
    const size_t count = json_length(series);
    double *values = arena_array(&asking->arena, count + 1, sizeof(*values));

    for (size_t i = 0; i < count; i++) {
        values[i] = (double)count_of(json_at(series, i), member);
    }
    (void)printf("%-11s%s\n", title, asking_curve(asking, values, count));
}

static bool print_callers(struct asking *asking, struct err *err)
{
    const struct json *callers = json_get(asking->answer, "callers");
    struct buf rows;
    bool ok;

    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(callers); i++) {
        const struct json *caller = json_at(callers, i);

        asking_begin_row(&rows);
        asking_put(asking, &rows, "service", json_text(json_get(caller, "service")));
        asking_put(asking, &rows, "module", json_text(json_get(caller, "module")));
        asking_put(asking, &rows, "action", json_text(json_get(caller, "action")));
        put_work(asking, &rows, caller);
        asking_end_row(&rows);
    }
    (void)putchar('\n');
    ok = asking_print_rows(&CALLERS, &rows, err);
    buf_fini(&rows);
    return ok;
}

static const struct table_column EXAMPLE_COLUMNS[] = {
    {"kind", "EXAMPLE", false}, {"duration", "DURATION", true}, {"trace", "TRACE", false}};
static const struct table EXAMPLES = {.columns = EXAMPLE_COLUMNS,
                                      .column_count =
                                          sizeof(EXAMPLE_COLUMNS) / sizeof(EXAMPLE_COLUMNS[0])};

static bool print_examples(struct asking *asking, struct err *err)
{
    static const char *const KINDS[] = {"fast", "typical", "slow", "failed"};
    const struct json *examples = json_get(asking->answer, "examples");
    struct buf rows;
    bool ok;

    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
        const struct json *example = json_get(examples, KINDS[i]);
        const char *trace = json_text(json_get(example, "trace_id"));

        if (trace != NULL) {
            asking_begin_row(&rows);
            asking_put(asking, &rows, "kind", KINDS[i]);
            asking_put_duration(asking, &rows, "duration", example, "duration_ns");
            asking_put(asking, &rows, "trace", trace);
            asking_end_row(&rows);
        }
    }
    (void)putchar('\n');
    ok = asking_print_rows(&EXAMPLES, &rows, err);
    buf_fini(&rows);
    return ok;
}

static int show_plan(struct asking *asking, const char *id)
{
    const struct json *lines;
    const char *reason;
    struct err err = {0};

    if (!asking_ask(asking, arena_printf(&asking->arena, "/api/statements/%s/plan", id), &err)) {
        return cli_fail(asking->command, &err);
    }
    reason = json_text(json_get(asking->answer, "reason"));
    if (asking->as_json) {
        asking_print_json(asking);
    } else if (reason == NULL) {
        (void)printf("%s of the %s, as %s would run it for any values:\n\n",
                     json_text(json_get(asking->answer, "statement")),
                     json_text(json_get(asking->answer, "service")),
                     json_text(json_get(asking->answer, "engine")));
        lines = json_get(asking->answer, "plan");
        for (size_t i = 0; i < json_length(lines); i++) {
            print_text(asking, json_text(json_at(lines, i)));
        }
        if (json_length(lines) == 0) {
            (void)printf("  no steps: it looks nothing up\n");
        }
    } else {
        (void)err_set(&err, ERR_PEER, "no plan: %s", reason);
        return cli_fail(asking->command, &err);
    }
    return EXIT_DONE;
}

static int show_one(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    const char *id = filters->sql_id;
    struct err err = {0};

    if (id == NULL || !sqlid_is_valid(id)) {
        (void)fprintf(stderr, "octo statement: %s\n",
                      id == NULL
                          ? "which? name its SQL_ID: octo statements lists them"
                          : "a SQL_ID has 13 characters of 0123456789abcdfghjkmnpqrstuvwxyz");
        return EXIT_USAGE;
    }
    if (filters->wants_plan) {
        return show_plan(asking, id);
    }
    if (filters->wants_server) {
        return server_sides_show(asking,
                                 arena_printf(&asking->arena, "/api/statements/%s/server", id));
    }
    if (!asking_ask(asking,
                    asking_path(asking, arena_printf(&asking->arena, "/api/statements/%s", id),
                                FILTERS, ONE_FILTERS, filters->values),
                    &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    print_head(asking);
    print_curve(asking, "executions", "executions");
    print_curve(asking, "p95", "p95_ns");
    if (!print_callers(asking, &err) || !print_examples(asking, &err)) {
        return cli_fail(asking->command, &err);
    }
    return EXIT_DONE;
}

int cmd_statement(int argc, char **argv)
{
    struct filters filters = {.sql_id = NULL};
    struct asking asking;
    const struct cli_flag flags[] = {
        {"--plan", "how its database would run it, which is asked and does not run it",
         &filters.wants_plan},
        {"--server", "what its database server counts of it, beside what spans tell",
         &filters.wants_server},
        {"--json", "print what the console answers", &asking.as_json},
    };
    const struct cli_command command = {
        .name = "statement",
        .arguments = "SQL_ID [--from TIME] [--to TIME] [--service NAME] [--module NAME] [--action "
                     "NAME]\n                      [--plan | --server] [--json] [--data DIR]",
        .text = "Shows what a statement did within the last day, or from one time to another: its "
                "text, how often\nit ran and failed, how long it took, over time and for whom, and "
                "the traces of a fast, a\ntypical, a slow and a failed execution.\n\nExit codes: 0 "
                "shown, 1 not known or no console.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .operand = &filters.sql_id,
    };

    if (!asking_take("statement", FILTERS, ONE_FILTERS, &argc, argv, filters.values)) {
        return EXIT_USAGE;
    }
    asking_begin(&asking, "statement");
    return asking_run(&asking, &command, argc, argv, show_one, &filters);
}

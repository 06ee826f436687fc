/*
 * octo match: whether SQL_IDs, tags and traces of statements fit, as the console knows it, for
 * people and, with --json, as it answers.
 */
#include <stdio.h>
#include <string.h>

#include "app/asking.h"

static const struct asking_option FILTERS[] = {
    {"--from", "from"},   {"--to", "to"},         {"--service", "service"},
    {"--limit", "limit"}, {"--cursor", "cursor"},
};
enum { FILTER_COUNT = sizeof(FILTERS) / sizeof(FILTERS[0]) };

struct filters {
    const char *values[FILTER_COUNT];
};

#define TABLE(columns_, concessions_)                                                              \
    {                                                                                              \
        .columns = (columns_), .column_count = sizeof(columns_) / sizeof((columns_)[0]),           \
        .concessions = (concessions_),                                                             \
        .concession_count = sizeof(concessions_) / sizeof((concessions_)[0])                       \
    }

static const struct table_column SERVICE_COLUMNS[] = {
    {"service", "SERVICE", false}, {"spans", "STATEMENTS", true}, {"sql_id", "SQL_ID", true},
    {"tags", "TAGS", true},        {"trace", "TRACE", true},      {"whole", "ALL THREE", true},
};
static const struct table_concession SERVICE_CONCESSIONS[] = {{"service", 24}};
static const struct table SERVICES_TABLE = TABLE(SERVICE_COLUMNS, SERVICE_CONCESSIONS);

static const struct table_column CLOCK_COLUMNS[] = {
    {"service", "CLOCK OF", false},        {"caller", "IS AHEAD OF", false}, {"ahead", "BY", true},
    {"uncertainty", "GIVE OR TAKE", true}, {"questions", "QUESTIONS", true},
};
static const struct table_concession CLOCK_CONCESSIONS[] = {{"questions", 0}};
static const struct table CLOCKS_TABLE = TABLE(CLOCK_COLUMNS, CLOCK_CONCESSIONS);

static const struct table_column MISMATCH_COLUMNS[] = {
    {"kind", "WHAT", false},   {"service", "SERVICE", false}, {"sql_id", "SQL_ID", false},
    {"name", "NAME", false},   {"count", "COUNT", true},      {"said", "SAID", false},
    {"trace", "TRACE", false},
};
static const struct table_concession MISMATCH_CONCESSIONS[] = {
    {"name", 24}, {"service", 0}, {"trace", 0}, {"said", 24}, {"name", 0}};
static const struct table MISMATCHES_TABLE = TABLE(MISMATCH_COLUMNS, MISMATCH_CONCESSIONS);

static int64_t count_of(const struct json *of, const char *member)
{
    int64_t count = 0;

    (void)json_int(json_get(of, member), &count);
    return count;
}

/* 100 % are all of them: what is missing is never rounded away. */
static const char *share_of(struct asking *asking, const struct json *of, const char *member)
{
    enum { ALL = 10000 }; /* hundredths of a percent */
    const int64_t all = count_of(of, "spans");
    const int64_t part = all > 0 ? (int64_t)((double)count_of(of, member) / (double)all * ALL) : 0;

    if (all == 0) {
        return "";
    }
    return count_of(of, member) == all ? "100 %"
                                       : arena_printf(&asking->arena, "%lld.%02lld %%",
                                                      (long long)part / 100, (long long)part % 100);
}

static bool print_rows(struct asking *asking, const char *title, const char *member,
                       const struct table *table,
                       void (*put)(struct asking *asking, struct buf *rows, const struct json *of),
                       struct err *err)
{
    const struct json *list = json_get(asking->answer, member);
    struct buf rows;
    bool ok;

    if (json_length(list) == 0) {
        return true;
    }
    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(list); i++) {
        asking_begin_row(&rows);
        put(asking, &rows, json_at(list, i));
        asking_end_row(&rows);
    }
    (void)printf("%s\n", title);
    ok = asking_print_rows(table, &rows, err);
    buf_fini(&rows);
    return ok;
}

static void put_service(struct asking *asking, struct buf *rows, const struct json *of)
{
    asking_put(asking, rows, "service", json_text(json_get(of, "service")));
    asking_put_count(asking, rows, "spans", of, "spans");
    asking_put(asking, rows, "sql_id", share_of(asking, of, "with_sql_id"));
    asking_put(asking, rows, "tags", share_of(asking, of, "with_tags"));
    asking_put(asking, rows, "trace", share_of(asking, of, "with_trace"));
    asking_put(asking, rows, "whole", share_of(asking, of, "whole"));
}

static void put_clock(struct asking *asking, struct buf *rows, const struct json *of)
{
    asking_put(asking, rows, "service", json_text(json_get(of, "service")));
    asking_put(asking, rows, "caller", json_text(json_get(of, "caller")));
    asking_put(asking, rows, "ahead",
               arena_printf(&asking->arena, "%.6f s", (double)count_of(of, "ahead_ns") / 1e9));
    asking_put_duration(asking, rows, "uncertainty", of, "uncertainty_ns");
    asking_put_count(asking, rows, "questions", of, "questions");
}

static void put_mismatch(struct asking *asking, struct buf *rows, const struct json *of)
{
    static const char *const TEXTS[][2] = {{"kind", "kind"},     {"service", "service"},
                                           {"sql_id", "sql_id"}, {"name", "name"},
                                           {"said", "said"},     {"trace", "trace_id"}};

    for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        asking_put(asking, rows, TEXTS[i][0], json_text(json_get(of, TEXTS[i][1])));
    }
    asking_put_count(asking, rows, "count", of, "count");
}

/* Each once: they come kind by kind. */
static void print_reasons(struct asking *asking)
{
    const struct json *list = json_get(asking->answer, "mismatches");
    const char *before = "";

    for (size_t i = 0; i < json_length(list); i++) {
        const char *kind = json_text(json_get(json_at(list, i), "kind"));

        if (strcmp(kind, before) != 0) {
            (void)printf("%s%s: %s\n", *before == '\0' ? "\n" : "", kind,
                         json_text(json_get(json_at(list, i), "reason")));
        }
        before = kind;
    }
}

/* Why what spans tell of was not compared with what a server counts. */
static void print_sides(const struct json *answer)
{
    const struct json *sides = json_get(answer, "databases");

    for (size_t i = 0; i < json_length(sides); i++) {
        const char *reason = json_text(json_get(json_at(sides, i), "reason"));

        if (reason != NULL) {
            (void)printf("%s%s: not compared with what its server counts: %s\n", i == 0 ? "\n" : "",
                         json_text(json_get(json_at(sides, i), "service")), reason);
        }
    }
}

static bool print_match(struct asking *asking, struct err *err)
{
    const struct json *answer = asking->answer;
    const char *from = json_text(json_get(answer, "from"));
    const char *to = json_text(json_get(answer, "to"));
    const int64_t shown = (int64_t)json_length(json_get(answer, "mismatches"));

    (void)printf("%.10s %.5s to %.10s %.5s UTC: %lld statements told of, %s\n", from, from + 11, to,
                 to + 11, (long long)count_of(json_get(answer, "all"), "spans"),
                 count_of(answer, "total") == 0 ? "all as they should be" : "not all fit");
    if (!print_rows(asking, "", "services", &SERVICES_TABLE, put_service, err) ||
        !print_rows(asking, "", "clocks", &CLOCKS_TABLE, put_clock, err) ||
        !print_rows(asking, "", "mismatches", &MISMATCHES_TABLE, put_mismatch, err)) {
        return false;
    }
    print_sides(answer);
    if (count_of(answer, "total") > shown) {
        (void)printf("%lld of %lld\n", (long long)shown, (long long)count_of(answer, "total"));
    }
    print_reasons(asking);
    return true;
}

static int show(struct asking *asking, void *arg)
{
    const struct filters *filters = arg;
    struct err err = {0};

    if (!asking_ask(asking,
                    asking_path(asking, "/api/match", FILTERS, FILTER_COUNT, filters->values),
                    &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    return print_match(asking, &err) ? EXIT_DONE : cli_fail(asking->command, &err);
}

int cmd_match(int argc, char **argv)
{
    struct filters filters = {0};
    struct asking asking;
    const struct cli_flag flags[] = {{"--json", "print what the console answers", &asking.as_json}};
    const struct cli_command command = {
        .name = "match",
        .arguments = "[--from TIME] [--to TIME] [--service NAME] [--limit N] [--cursor TEXT] "
                     "[--json] [--data DIR]",
        .text =
            "Shows whether what leads from a request to its statements fits, within the last "
            "hour or from one\ntime to another: how many of the statements that spans tell of "
            "have the SQL_ID of their text, the\ntags of their session (MODULE, ACTION, and the "
            "trace as CLIENT_IDENTIFIER) and their place in a\ntrace; what does not fit, with "
            "the likely reason and a trace to look at; and how far the clocks of\nservices that "
            "ask each other are apart. The last ten seconds, where traces are under way, are "
            "left\nout. octo audit is another thing: who changed what.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };

    if (!asking_take("match", FILTERS, FILTER_COUNT, &argc, argv, filters.values)) {
        return EXIT_USAGE;
    }
    asking_begin(&asking, "match");
    return asking_run(&asking, &command, argc, argv, show, &filters);
}

/*
 * octo retention: what the console keeps of whom and since when, and what it removed for want of
 * room, for people and, with --json, as it answers.
 */
#include <stdio.h>

#include "app/asking.h"

static const struct table_column COLUMNS[] = {
    {"service", "SERVICE", false},
    {"since", "SINCE (UTC)", false},
    {"spans", "SPANS", true},
    {"log_records", "LOG RECORDS", true},
    {"bytes", "MIB", true},
    {"dropped_spans", "SPANS GONE", true},
    {"dropped_logs", "LOGS GONE", true},
    {"dropped_bytes", "MIB GONE", true},
    {"dropped_until", "UNTIL", false},
};
static const struct table_concession CONCESSIONS[] = {
    {"dropped_spans", TABLE_IF_EMPTY},
    {"dropped_logs", TABLE_IF_EMPTY},
    {"dropped_bytes", TABLE_IF_EMPTY},
    {"dropped_until", TABLE_IF_EMPTY},
    {"service", 24},
    {"log_records", 0},
    {"dropped_logs", 0},
    {"dropped_bytes", 0},
};
static const struct table TABLE = {.columns = COLUMNS,
                                   .column_count = sizeof(COLUMNS) / sizeof(COLUMNS[0]),
                                   .concessions = CONCESSIONS,
                                   .concession_count =
                                       sizeof(CONCESSIONS) / sizeof(CONCESSIONS[0])};

static double mib_of(struct asking *asking, const struct json *of, const char *member)
{
    enum { MIB = 1 << 20 };

    return asking_real(asking, json_get(of, member)) / MIB;
}

/* "2026-11-30 11:00"; "" where there is none. */
static const char *time_of(struct asking *asking, const struct json *of, const char *member)
{
    const char *text = json_text(json_get(of, member));

    return text == NULL ? "" : arena_printf(&asking->arena, "%.10s %.5s", text, text + 11);
}

static void put_sender(struct asking *asking, struct buf *rows, const struct json *of)
{
    asking_begin_row(rows);
    asking_put(asking, rows, "service", json_text(json_get(of, "service")));
    asking_put(asking, rows, "since", time_of(asking, of, "since"));
    asking_put_count(asking, rows, "spans", of, "spans");
    asking_put_count(asking, rows, "log_records", of, "log_records");
    asking_put(asking, rows, "bytes",
               arena_printf(&asking->arena, "%.1f", mib_of(asking, of, "bytes")));
    if (json_text(json_get(of, "dropped_until")) != NULL) {
        asking_put_count(asking, rows, "dropped_spans", of, "dropped_spans");
        asking_put_count(asking, rows, "dropped_logs", of, "dropped_log_records");
        asking_put(asking, rows, "dropped_bytes",
                   arena_printf(&asking->arena, "%.1f", mib_of(asking, of, "dropped_bytes")));
    }
    asking_put(asking, rows, "dropped_until", time_of(asking, of, "dropped_until"));
    asking_end_row(rows);
}

static bool print_retention(struct asking *asking, struct err *err)
{
    const struct json *senders = json_get(asking->answer, "senders");
    struct buf rows;
    bool ok = true;

    buf_init(&rows, ASKING_OUTPUT_MAX);
    for (size_t i = 0; i < json_length(senders); i++) {
        put_sender(asking, &rows, json_at(senders, i));
    }
    (void)printf(
        "%.1f MiB of %.0f, for %.0f days at most%s%s\n", mib_of(asking, asking->answer, "bytes"),
        mib_of(asking, asking->answer, "keep_bytes"),
        asking_real(asking, json_get(asking->answer, "keep_days")),
        json_length(senders) > 0 ? ", since " : "", time_of(asking, asking->answer, "since"));
    ok = json_length(senders) == 0 || asking_print_rows(&TABLE, &rows, err);
    buf_fini(&rows);
    return ok;
}

static int show(struct asking *asking, void *arg)
{
    struct err err = {0};

    (void)arg;
    if (!asking_ask(asking, "/api/retention", &err)) {
        return cli_fail(asking->command, &err);
    }
    if (asking->as_json) {
        asking_print_json(asking);
        return EXIT_DONE;
    }
    return print_retention(asking, &err) ? EXIT_DONE : cli_fail(asking->command, &err);
}

int cmd_retention(int argc, char **argv)
{
    struct asking asking;
    const struct cli_flag flags[] = {{"--json", "print what the console answers", &asking.as_json}};
    const struct cli_command command = {
        .name = "retention",
        .arguments = "[--json] [--data DIR]",
        .text = "Shows what the console keeps of each service's spans and log records, since when, "
                "and how much that\nis. Where all together take more than CONSOLE_KEEP_MB, the "
                "oldest go of those services that have\nmore than their share, and of nobody "
                "else: how many are gone, up to when, is shown beside.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
    };

    asking_begin(&asking, "retention");
    return asking_run(&asking, &command, argc, argv, show, NULL);
}

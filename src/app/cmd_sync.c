/*
 * octo sync: one run of the order synchronisation in this process, with the CRM's database opened
 * beside the running service.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/running.h"
#include "core/clock.h"
#include "core/text.h"
#include "crm/crm.h"
#include "http/json_out.h"

enum { BAR_WIDTH = 30, OUTPUT_MAX = 65536 };

struct progress {
    bool is_terminal;
    bool is_silent;
    int64_t seen;
};

static void draw_bar(int64_t seen, int64_t total)
{
    int64_t filled = total > 0 ? seen * BAR_WIDTH / total : 0;

    filled = filled > BAR_WIDTH ? BAR_WIDTH : filled;
    (void)fprintf(stderr, "\r[%.*s%*s] ", (int)filled, "##############################",
                  (int)(BAR_WIDTH - filled), "");
}

static void show_progress(void *arg, int64_t seen, int64_t total)
{
    struct progress *progress = arg;

    progress->seen = seen;
    if (progress->is_silent) {
        return;
    }
    if (progress->is_terminal) {
        draw_bar(seen, total);
    }
    (void)fprintf(stderr, "%" PRId64, seen);
    if (total >= 0) {
        (void)fprintf(stderr, " of %" PRId64, total);
    }
    (void)fputs(progress->is_terminal ? " orders " : " orders\n", stderr);
}

static void put_report(struct json_out *json, const struct sync_report *report)
{
    json_begin_object(json, NULL);
    json_put_text(json, "status", report->status);
    json_put_text(json, "reason", report->reason);
    json_put_int(json, "pages", report->pages);
    json_put_int(json, "created", report->created);
    json_put_int(json, "updated", report->updated);
    json_put_int(json, "unchanged", report->unchanged);
    json_put_int(json, "failed", report->failed);
    json_put_time_or_null(json, "watermark", report->watermark_is_null, report->watermark_us);
    json_put_text(json, "correlation_id", report->correlation_id);
    json_end_object(json);
}

static void print_json(const struct sync_report *report)
{
    struct json_out json;
    struct buf buf;

    buf_init(&buf, OUTPUT_MAX);
    json_out_init(&json, &buf);
    put_report(&json, report);
    (void)printf("%s\n", buf.data);
    buf_fini(&buf);
}

static void print_summary(const struct sync_report *report, double seconds)
{
    char watermark[UTC_TEXT_MAX] = "none";

    if (!report->watermark_is_null) {
        (void)utc_format(report->watermark_us, watermark);
    }
    (void)printf("%s%s%s\n", report->status, report->reason != NULL ? ": " : "",
                 report->reason != NULL ? report->reason : "");
    (void)printf("%" PRId64 " created, %" PRId64 " updated, %" PRId64 " unchanged, %" PRId64
                 " failed in %.1f s\nwatermark %s, correlation id %s\n",
                 report->created, report->updated, report->unchanged, report->failed, seconds,
                 watermark, report->correlation_id);
}

/* Opened, it would be made, with a password that nobody is told. */
static bool is_made(const struct settings *settings, struct arena *arena, struct err *err)
{
    const char *path = settings_database(services[CRM], settings, arena);

    return settings_are_of_server(settings) || access(path, F_OK) == 0 ||
           err_set(err, ERR_NOT_FOUND,
                   "there is no %s: octo up makes it, --data says where else it is", path);
}

static int run(const struct settings *settings, bool full, bool as_json)
{
    struct progress progress = {.is_terminal = isatty(STDERR_FILENO) == 1, .is_silent = as_json};
    struct sync_report report = {0};
    struct crm *crm = NULL;
    struct err err = {0};
    uint64_t start_ns = clock_mono_ns();
    bool is_done;

    if (!crm_open(settings, &crm, &err)) {
        return cli_fail("sync", &err);
    }
    is_done = crm_sync(crm, full, show_progress, &progress, &report, &err);
    if (progress.is_terminal && !progress.is_silent && progress.seen > 0) {
        (void)fputc('\n', stderr);
    }
    if (!is_done) {
        (void)cli_fail("sync", &err);
        if (err.code == ERR_PEER) {
            (void)fprintf(stderr,
                          "octo sync: the shop was asked at %s: octo up starts it, --data or "
                          "--shop-port say where else it runs\n",
                          settings->peer_url);
        }
    } else if (as_json) {
        print_json(&report);
    } else {
        print_summary(&report, (double)(clock_mono_ns() - start_ns) / 1e9);
    }
    is_done = is_done && report.failed == 0 && strcmp(report.status, "partial") != 0 &&
              strcmp(report.status, "busy") != 0;
    crm_close(crm);
    return is_done ? EXIT_DONE : EXIT_FAILED;
}

int cmd_sync(int argc, char **argv)
{
    bool full = false;
    bool as_json = false;
    const struct cli_flag flags[] = {
        {"--full", "read all orders again, not only what has changed", &full},
        {"--json", "print the result as JSON", &as_json},
    };
    const struct cli_command command = {
        .name = "sync",
        .arguments = "[--data DIR] [--full] [--json]",
        .text = "Fetches new and changed orders from the running shop into the CRM's database, "
                "once. It may\nbe stopped at any point: the next run finishes the work.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .starts = {[CRM] = true},
    };
    const bool is_named = running_is_named(services[SHOP], argc, argv);
    struct running shops[RUNNING_MOST];
    struct settings *settings[SERVICES];
    struct arena arena;
    struct err err = {0};
    int code = EXIT_DONE;

    arena_init(&arena);
    if (cli_start(&command, &arena, argc, argv, settings, &code) != CLI_GO) {
        arena_fini(&arena);
        return code;
    }
    if (!is_made(settings[CRM], &arena, &err)) {
        arena_fini(&arena);
        return cli_fail("sync", &err);
    }
    cli_log_less(settings);
    /* Several of them serve the same orders. */
    if (!is_named && running_find(services[SHOP], settings[CRM]->data_dir, shops) > 0) {
        settings[CRM]->peer_url = running_url(&arena, &shops[0]);
    }
    code = run(settings[CRM], full, as_json);
    arena_fini(&arena);
    return code;
}

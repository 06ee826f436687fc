/*
 * octo audit: the audit trails month by month, straight in the databases of the services, whether
 * they run or not: lists them, writes one out as JSON lines, drops the oldest.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "core/clock.h"
#include "core/text.h"
#include "http/json_out.h"
#include "service/account.h"
#include "service/audit_periods.h"
#include "service/disk.h"
#include "sql_core.h"

enum {
    WORK_MS = 3600 * 1000,
    ROWS_AT_ONCE = 1000,
    LEAF_BYTES = ROWS_AT_ONCE * 16384,
};
#define MIB INT64_C(1048576)
#define DAY_US (CLOCK_US_PER_S * 24 * 3600)
static const int64_t SHRINK_MOST = 256 * MIB; /* a second or two, while which services wait */
static const char MODULE[] = "octo-audit";

/* What the command line asks for, and of which service at the moment. */
struct asked {
    const char *month;   /* NULL: none is named */
    const char *service; /* NULL: both */
    bool may_be_running; /* the month that is not over may go too */
    int64_t begin_us;
    int64_t end_us;
};

struct subject {
    const struct asked *asked;
    const char *name;
    const struct settings *settings;
    struct arena *arena;
    struct account_database database;
};

typedef bool action(struct subject *subject, struct err *err);

static void init_ctx(struct subject *subject, struct ctx *ctx)
{
    ctx_init_background(ctx, subject->arena, NULL, MODULE, "BG octo audit", WORK_MS);
}

/* --- list --- */

static bool list_read(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct subject *subject = arg;
    struct sql_audit_months_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)ctx;
    if (!sql_audit_months_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_audit_months_next(cursor, &row, err)) == DB_ROW) {
        char first[UTC_TEXT_MAX];
        char last[UTC_TEXT_MAX];

        (void)utc_format(row.first_at_us, first);
        (void)utc_format(row.last_at_us, last);
        (void)printf("%-8s  %-7s  %10" PRId64 "  %s  %s\n", subject->name, row.month, row.entries,
                     first, last);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool list(struct subject *subject, struct err *err)
{
    struct ctx ctx;

    init_ctx(subject, &ctx);
    return db_read(&ctx, subject->database.pool, list_read, subject, err);
}

/* --- export --- */

struct leaf {
    const struct subject *subject;
    struct buf *buf;
    int64_t last_id; /* of the rows that are written */
    int64_t count;   /* of those of the last one */
};

static void put_row(struct json_out *out, const char *service,
                    const struct sql_audit_export_row *row)
{
    json_begin_object(out, NULL);
    json_put_text(out, "service", service);
    json_put_int(out, "id", row->id);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_text(out, "action", row->action);
    json_put_id(out, "user_id", row->user_id_is_null, row->user_id);
    json_put_text(out, "username", row->username);
    json_put_text(out, "resource_name", row->resource_name);
    json_put_text(out, "details", row->details);
    json_put_text(out, "http_method", row->http_method);
    json_put_text(out, "route", row->route);
    json_put_id(out, "http_status", row->http_status_is_null, row->http_status);
    json_put_id(out, "duration_us", row->duration_us_is_null, row->duration_us);
    json_put_text(out, "ip_address", row->ip_address);
    json_put_text(out, "user_agent", row->user_agent);
    json_put_text(out, "trace_id", row->trace_id);
    json_end_object(out);
}

static bool leaf_read(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct leaf *leaf = arg;
    const struct asked *asked = leaf->subject->asked;
    struct sql_audit_export_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)ctx;
    leaf->count = 0;
    buf_clear(leaf->buf);
    if (!sql_audit_export_open(session, leaf->last_id, asked->begin_us, asked->end_us, ROWS_AT_ONCE,
                               &cursor, err)) {
        return false;
    }
    while ((step = sql_audit_export_next(cursor, &row, err)) == DB_ROW) {
        struct json_out out;

        json_out_init(&out, leaf->buf);
        put_row(&out, leaf->subject->name, &row);
        buf_add_text(leaf->buf, "\n");
        leaf->last_id = row.id;
        leaf->count++;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* In parts, so that no snapshot is held for long. */
static bool export_leaves(struct subject *subject, struct leaf *leaf, struct err *err)
{
    struct ctx ctx;

    init_ctx(subject, &ctx);
    do {
        if (!db_read(&ctx, subject->database.pool, leaf_read, leaf, err)) {
            return false;
        }
        if (leaf->buf->bad ||
            fwrite(leaf->buf->data, 1, leaf->buf->length, stdout) != leaf->buf->length) {
            return err_set(err, ERR_IO, "the export cannot be written: what is there is not whole");
        }
    } while (leaf->count == ROWS_AT_ONCE);
    return fflush(stdout) == 0 ||
           err_set(err, ERR_IO, "the export cannot be written: what is there is not whole");
}

static bool export(struct subject *subject, struct err *err)
{
    struct buf buf;
    struct leaf leaf = {.subject = subject, .buf = &buf};
    bool is_done;

    buf_init(&buf, LEAF_BYTES);
    is_done = export_leaves(subject, &leaf, err);
    buf_fini(&buf);
    return is_done;
}

/* --- drop --- */

/* What is free inside the file goes back to the disk, where that takes no long time. */
static bool give_back(struct subject *subject, struct err *err)
{
    struct sql_db_file_row file = {.held = 0};
    struct db_session *session = NULL;
    struct ctx ctx;
    bool is_known;

    init_ctx(subject, &ctx);
    is_known = db_checkout(&ctx, subject->database.pool, &session, err) &&
               sql_db_file(session, &file, err) == DB_ROW;
    db_checkin(session);
    if (!is_known || file.free == 0) {
        return is_known;
    }
    if (file.held > SHRINK_MOST) {
        (void)printf("%s: %lld MiB inside the file are free and are used before it grows\n",
                     subject->name, (long long)(file.free / MIB));
        return true;
    }
    return db_shrink(subject->database.db, ctx.deadline_ns, err);
}

static bool drop(struct subject *subject, struct err *err)
{
    const struct audit_drop order = {.until_us = subject->asked->end_us,
                                     .data_dir = subject->settings->data_dir};
    int64_t rows = 0;
    struct ctx ctx;
    bool is_done;

    init_ctx(subject, &ctx);
    is_done = audit_drop(&ctx, subject->database.pool, &order, &rows, err);
    (void)printf("%s: %" PRId64 " rows dropped\n", subject->name, rows);
    return is_done && give_back(subject, err);
}

/* Only once all is done is there as much room as there will be. */
static void make_reserve(const struct settings *settings)
{
    struct err err = {0};

    if (!settings_are_of_server(settings) &&
        !disk_reserve_make(settings->data_dir, settings->disk_reserve_mb * MIB, &err)) {
        (void)fprintf(stderr,
                      "octo audit: no reserve any more (%s): the services make it when there is "
                      "room\n",
                      err.text);
    }
}

/* --- the command --- */

static bool open_database(struct subject *subject, size_t at, struct err *err)
{
    if (account_database_open(services[at], subject->settings, MODULE, subject->arena,
                              &subject->database, err)) {
        return true;
    }
    /* Even to open it something has to be stored where no service runs. */
    return err->code == ERR_CANNOT_STORE && disk_reserve_give(subject->settings->data_dir) &&
           account_database_open(services[at], subject->settings, MODULE, subject->arena,
                                 &subject->database, err);
}

static bool do_one(const struct asked *asked, size_t at, action *do_action,
                   const struct settings *settings, struct arena *arena)
{
    struct subject subject = {
        .asked = asked, .name = services[at]->name, .settings = settings, .arena = arena};
    struct err err = {0};
    bool is_done;

    if (!open_database(&subject, at, &err)) {
        (void)fprintf(stderr, "octo audit: %s: %s\n", subject.name, err.text);
        return false;
    }
    is_done = do_action(&subject, &err);
    account_database_close(&subject.database);
    if (!is_done) {
        (void)fprintf(stderr, "octo audit: %s: %s\n", subject.name, err.text);
    }
    return is_done;
}

static int run(const struct asked *asked, action *do_action,
               struct settings *const settings[SERVICES], struct arena *arena)
{
    bool is_done = true;

    for (size_t i = 0; i < WITH_DATABASE; i++) {
        if (asked->service == NULL || strcmp(asked->service, services[i]->name) == 0) {
            is_done = do_one(asked, i, do_action, settings[i], arena) && is_done;
        }
    }
    if (do_action == drop) {
        make_reserve(settings[SHOP]);
    }
    return is_done ? EXIT_DONE : EXIT_FAILED;
}

/* The months that are over, and older than the trail is kept. */
static bool choose_by_age(struct asked *asked, const struct settings *settings)
{
    char month[AUDIT_MONTH_MAX];

    if (settings->audit_retention_days == 0) {
        (void)fprintf(stderr,
                      "octo audit: AUDIT_RETENTION_DAYS is 0, the trail is kept for good: name "
                      "the month up to which it is to be dropped\n");
        return false;
    }
    audit_month_of(clock_utc_us() - settings->audit_retention_days * DAY_US, month);
    /* What is from before its month is older as a whole. */
    return audit_month_parse(month, &asked->end_us, &asked->begin_us);
}

static bool choose(struct asked *asked, bool is_drop, const struct settings *settings)
{
    const int64_t now_us = clock_utc_us();

    if (asked->month == NULL && is_drop) {
        return choose_by_age(asked, settings);
    }
    if (asked->month == NULL ||
        !audit_month_parse(asked->month, &asked->begin_us, &asked->end_us)) {
        (void)fprintf(stderr, "octo audit: which month? As octo audit list shows it: 2026-11\n");
        return false;
    }
    if (is_drop && asked->begin_us > now_us) {
        (void)fprintf(stderr, "octo audit: %s has not begun\n", asked->month);
        return false;
    }
    if (is_drop && asked->end_us > now_us && !asked->may_be_running) {
        (void)fprintf(stderr,
                      "octo audit: %s is not over: --running drops what there is of it too\n",
                      asked->month);
        return false;
    }
    return true;
}

/* The word behind the command's name, which is taken out of the line. NULL: there is none. */
static action *take_action(int *argc, char **argv)
{
    static const struct {
        const char *name;
        action *act;
    } ACTIONS[] = {{"list", list}, {"export", export}, {"drop", drop}};

    for (size_t i = 0; i < sizeof(ACTIONS) / sizeof(ACTIONS[0]) && *argc > 1; i++) {
        if (strcmp(argv[1], ACTIONS[i].name) == 0) {
            memmove(&argv[1], &argv[2], (size_t)(*argc - 1) * sizeof(argv[0]));
            (*argc)--;
            return ACTIONS[i].act;
        }
    }
    return NULL;
}

static bool is_service(const char *name)
{
    for (size_t i = 0; i < WITH_DATABASE; i++) {
        if (strcmp(name, services[i]->name) == 0) {
            return true;
        }
    }
    return false;
}

static int start(const struct cli_command *command, struct asked *asked, action *do_action,
                 struct arena *arena, int argc, char **argv)
{
    struct settings *settings[SERVICES];
    int code = EXIT_DONE;

    if (cli_start(command, arena, argc, argv, settings, &code) != CLI_GO) {
        return code;
    }
    if (do_action == NULL) {
        (void)fprintf(stderr, "octo audit: list, export or drop?\nusage: octo audit %s\n",
                      command->arguments);
        return EXIT_USAGE;
    }
    if (do_action != list && !choose(asked, do_action == drop, settings[SHOP])) {
        return EXIT_USAGE;
    }
    cli_log_less(settings);
    return run(asked, do_action, settings, arena);
}

int cmd_audit(int argc, char **argv)
{
    struct asked asked = {.month = NULL};
    const struct cli_flag flags[] = {
        {"--running", "drop what there is of a month that is not over", &asked.may_be_running},
    };
    const struct cli_command command = {
        .name = "audit",
        .arguments = "list | export MONTH | drop [MONTH] [--running] [--service shop|crm] [--data "
                     "DIR]",
        .text = "list shows which months the audit trails hold. export writes a month (2026-11, by "
                "UTC) to\nstandard output, a JSON object a line. drop removes a month and all that "
                "is older, or without\none the months that are wholly older than "
                "AUDIT_RETENTION_DAYS; that it did is in the trail. It\nworks on a full disk too, "
                "and gives the room back. The services may be running; of both that is\ndone, or "
                "of the one that --service names.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .operand = &asked.month,
    };
    action *const do_action = take_action(&argc, argv);
    struct arena arena;
    int code;

    if (!cli_take_value("audit", "--service", &argc, argv, &asked.service)) {
        return EXIT_USAGE;
    }
    if (asked.service != NULL && !is_service(asked.service)) {
        (void)fprintf(stderr, "octo audit: --service is shop or crm\n");
        return EXIT_USAGE;
    }
    arena_init(&arena);
    code = start(&command, &asked, do_action, &arena, argc, argv);
    arena_fini(&arena);
    return code;
}

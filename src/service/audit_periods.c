#include "service/audit_periods.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"
#include "service/disk.h"
#include "sql_core.h"

enum {
    MAKE_MS = 3600 * 1000,
    UNIT_MS = 10000,
    ROWS_AT_ONCE = 2000, /* two megabytes of the database's log, and some hundredths of a second */
    PAUSE_MS = 5,        /* for other writers */
    MONTHS = 12,
};
static const char COMMAND_NAME[] = "octo audit drop"; /* who did it, in the trail */

/* --- months --- */

static bool begin_of(int64_t year, int64_t month, int64_t *ret_us)
{
    char text[UTC_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "%04d-%02d-01T00:00:00Z", (int)year, (int)month);
    return utc_parse(text, ret_us);
}

static bool is_number(const char *text, size_t length)
{
    return strspn(text, "0123456789") >= length;
}

bool audit_month_parse(const char *month, int64_t *ret_begin_us, int64_t *ret_end_us)
{
    int64_t year;
    int64_t number;

    if (strlen(month) != AUDIT_MONTH_MAX - 1 || !is_number(month, 4) || month[4] != '-' ||
        !is_number(month + 5, 2)) {
        return false;
    }
    year = strtol(month, NULL, 10);
    number = strtol(month + 5, NULL, 10);
    return begin_of(year, number, ret_begin_us) &&
           begin_of(year + number / MONTHS, number % MONTHS + 1, ret_end_us);
}

void audit_month_of(int64_t us, char out[AUDIT_MONTH_MAX])
{
    char text[UTC_TEXT_MAX];

    (void)utc_format(us, text);
    memcpy(out, text, AUDIT_MONTH_MAX - 1);
    out[AUDIT_MONTH_MAX - 1] = '\0';
}

/* --- making periods --- */

static bool make(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_audit_make_periods_row row;

    (void)ctx;
    (void)arg;
    return sql_audit_make_periods(session, &row, err) == DB_ROW ||
           err_wrap(err, "make the audit trail's periods");
}

bool audit_periods_make(struct ctx *ctx, struct db_pool *pool, struct err *err)
{
    return db_is_embedded(db_of(pool)) || db_write(ctx, pool, make, NULL, err);
}

struct audit_periods {
    struct writer_job job;
    struct db_pool *pool;
    uint64_t due_ns;
};

static uint64_t periods_due(void *arg)
{
    return ((const struct audit_periods *)arg)->due_ns;
}

static void periods_run(void *arg, bool is_last)
{
    struct audit_periods *periods = arg;
    struct err err = {0};

    if (!is_last) {
        (void)writer_unit(&periods->job, periods->pool, UNIT_MS, make, NULL,
                          "no period for the audit trail", &err);
        periods->due_ns = clock_after_ms(MAKE_MS);
    }
}

struct audit_periods *audit_periods_new(struct writer *writer, struct db_pool *pool)
{
    struct audit_periods *periods;

    if (db_is_embedded(db_of(pool))) {
        return NULL;
    }
    periods = mem_alloc(sizeof(*periods));
    periods->pool = pool;
    periods->due_ns = clock_after_ms(MAKE_MS);
    periods->job = (struct writer_job){
        .name = "BG audit-periods", .due = periods_due, .run = periods_run, .arg = periods};
    writer_add(writer, &periods->job);
    return periods;
}

void audit_periods_free(struct audit_periods *periods)
{
    free(periods);
}

/* --- dropping --- */

struct step {
    const struct audit_drop *drop;
    int64_t last_id;    /* the youngest row that may go */
    int64_t rows;       /* that went before this step */
    int64_t rows_now;   /* by this step */
    bool takes_reserve; /* there is no room for the step else */
    bool is_over;
};

static bool tell(struct ctx *ctx, struct db_session *session, const struct step *step,
                 const char *action, struct err *err)
{
    char until[UTC_TEXT_MAX];
    const char *details;

    (void)utc_format(step->drop->until_us, until);
    details = arena_printf(ctx->arena, "{\"until\":\"%s\",\"rows\":%" PRId64 "}", until,
                           step->rows + step->rows_now);
    return sql_audit_insert(session, NULL, NULL, action, "audit", details, "", COMMAND_NAME, NULL,
                            NULL, NULL, NULL, ctx->trace.trace_id, db_now(session), err);
}

/* The reserve's room is given back while nobody else can write, so that it is there for this. */
static void take_reserve(const struct step *step)
{
    if (step->takes_reserve) {
        (void)disk_reserve_give(step->drop->data_dir);
    }
}

static bool begin_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct step *step = arg;
    struct sql_audit_last_row last;

    take_reserve(step);
    if (sql_audit_last(session, &last, err) != DB_ROW) {
        return false;
    }
    step->last_id = last.id;
    return tell(ctx, session, step, "audit.drop_begun", err);
}

static bool drop_file_rows(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct step *step = arg;
    int64_t rows = 0;

    take_reserve(step);
    if (!sql_audit_drop_open(session, step->drop->until_us, err) ||
        !sql_audit_drop_rows_count(session, step->drop->until_us, step->last_id, ROWS_AT_ONCE,
                                   &rows, err) ||
        !sql_audit_drop_close(session, err)) {
        return false;
    }
    step->rows_now = rows;
    step->is_over = rows == 0;
    return !step->is_over || tell(ctx, session, step, "audit.dropped", err);
}

static bool drop_tables(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct step *step = arg;
    struct sql_audit_drop_periods_row row;

    if (!sql_audit_drop_open(session, step->drop->until_us, err) ||
        sql_audit_drop_periods(session, step->drop->until_us, &row, err) != DB_ROW ||
        !sql_audit_drop_close(session, err)) {
        return false;
    }
    step->rows_now = row.entries;
    return tell(ctx, session, step, "audit.dropped", err);
}

/* Where there is no room even to make room, once more with the reserve. */
static bool do_step(struct ctx *ctx, struct db_pool *pool, db_work *work, struct step *step,
                    struct err *err)
{
    bool is_done;

    step->rows_now = 0;
    is_done = db_write(ctx, pool, work, step, err);
    if (!is_done && err->code == ERR_CANNOT_STORE && !step->takes_reserve) {
        step->takes_reserve = true;
        is_done = db_write(ctx, pool, work, step, err);
    }
    step->rows += is_done ? step->rows_now : 0;
    return is_done;
}

static bool drop_from_file(struct ctx *ctx, struct db_pool *pool, struct step *step,
                           struct err *err)
{
    if (!do_step(ctx, pool, begin_file, step, err)) {
        return false;
    }
    while (!step->is_over) {
        if (!do_step(ctx, pool, drop_file_rows, step, err)) {
            return false;
        }
        clock_sleep_until(clock_after_ms(PAUSE_MS));
    }
    return true;
}

bool audit_drop(struct ctx *ctx, struct db_pool *pool, const struct audit_drop *drop,
                int64_t *ret_rows, struct err *err)
{
    struct step step = {.drop = drop};
    const bool is_done = db_is_embedded(db_of(pool)) ? drop_from_file(ctx, pool, &step, err)
                                                     : do_step(ctx, pool, drop_tables, &step, err);

    *ret_rows = step.rows;
    return is_done || err_wrap(err, "drop from the audit trail");
}

#include "store/rollup.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "sql_store.h"

enum {
    PIECE_SPANS = 20000, /* that are summed up in one transaction, at most */
    PAUSE_MS = 1000,
    WORK_MS = 60000,
    SWEEP_EVERY = 600, /* pauses: ten minutes */
};

struct rollup {
    struct segments *segments;
    struct sums *sums;
    const char *module;
    struct mutex lock; /* guards what follows */
    struct cond changed;
    bool is_busy; /* somebody sums up */
    bool is_stopping;
    struct thread keeper;
};

/* ---- a piece of a file ---- */

struct reading {
    int64_t hour;
    struct sums *sums;
    int64_t made;
    int64_t newest;
    struct sums_piece piece;
    struct tally tally;
    struct sums_words *words;
};

static struct tally_work work_of(const struct sql_activity_row *row)
{
    return (struct tally_work){
        .subject = {.service = row->service,
                    .module = row->module_is_null ? 0 : row->module,
                    .action = row->action_is_null ? 0 : row->action,
                    .statement = row->statement_is_null ? 0 : row->statement,
                    .wait = row->wait_is_null ? 0 : row->wait},
        .start_ns = row->start_ns,
        .duration_ns = row->duration_ns,
        .rows = row->row_count,
        .has_failed = row->status == SPAN_STATUS_ERROR,
        .trace_high = row->trace_high,
        .trace_low = row->trace_low,
        .span_id = row->span_id,
    };
}

static bool tally_piece(struct reading *reading, struct db_session *session, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_activity_row row;
    enum db_step step = DB_FAILED;

    if (sql_activity_open(session, reading->piece.after, reading->piece.until, ROLLUP_LONGEST_NS,
                          &cursor, err)) {
        while ((step = sql_activity_next(cursor, &row, err)) == DB_ROW) {
            const struct tally_work work = work_of(&row);

            tally_add(&reading->tally, &work);
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool read_words(struct arena *arena, struct reading *reading, struct db_session *session,
                       struct err *err)
{
    const size_t count = reading->tally.subjects.count;

    reading->words = arena_array(arena, count + 1, sizeof(*reading->words));
    for (size_t i = 0; i < count; i++) {
        const struct tally_subject *subject = tally_subject_at(&reading->tally, i);
        struct sql_activity_words_row row;

        if (sql_activity_words(session, subject->service, subject->module, subject->action,
                               subject->statement, subject->wait, &row, err) != DB_ROW) {
            return false;
        }
        reading->words[i] = (struct sums_words){.service = row.service,
                                                .module = row.module,
                                                .action = row.action,
                                                .wait = row.wait,
                                                .sql_id = row.sql_id,
                                                .statement = row.statement,
                                                .sql_text = row.sql_text};
    }
    return true;
}

static bool read_made(struct ctx *ctx, struct reading *reading, struct segment *segment,
                      struct err *err)
{
    struct db_session *session = NULL;
    struct sql_file_made_row row;
    enum db_step step;

    if (!db_checkout(ctx, segment_pool(segment), &session, err)) {
        return false;
    }
    step = sql_file_made(session, &row, err);
    db_checkin(session);
    if (step == DB_ROW) {
        reading->made = row.id;
        reading->newest = row.newest_is_null ? 0 : row.newest;
    }
    return step == DB_ROW || (step == DB_NO_ROW && err_set(err, ERR_DAMAGED, "it has no number"));
}

static bool read_piece(struct ctx *ctx, struct reading *reading, struct segment *segment,
                       struct err *err)
{
    struct db_session *session = NULL;
    bool ok = db_checkout(ctx, segment_pool(segment), &session, err) &&
              tally_piece(reading, session, err) && read_words(ctx->arena, reading, session, err);

    db_checkin(session);
    return ok;
}

/* ---- a file ---- */

/* What goes wrong while the file is read is the file's; *ret_is_sums: it is not. */
static bool sum_up(struct ctx *ctx, struct reading *reading, struct segment *segment,
                   bool *ret_is_sums, struct err *err)
{
    int64_t at = 0;
    bool ok = read_made(ctx, reading, segment, err);

    if (!ok) {
        return false;
    }
    *ret_is_sums = true;
    ok = sums_find(ctx, reading->sums, reading->hour, reading->made, &at, err);
    while (ok && at < reading->newest) {
        const int64_t until =
            reading->newest - at > PIECE_SPANS ? at + PIECE_SPANS : reading->newest;

        reading->piece = (struct sums_piece){
            .hour = reading->hour, .made = reading->made, .after = at, .until = until};
        tally_init(&reading->tally);
        *ret_is_sums = false;
        ok = read_piece(ctx, reading, segment, err);
        if (ok) {
            *ret_is_sums = true;
            ok =
                sums_add(ctx, reading->sums, &reading->piece, &reading->tally, reading->words, err);
        }
        tally_fini(&reading->tally);
        at = until;
    }
    return ok;
}

/* A file that is damaged is set aside, and has no more to say. */
static bool sum_up_hour(struct ctx *ctx, struct rollup *rollup, int64_t hour, struct err *err)
{
    struct reading reading = {.hour = hour, .sums = rollup->sums};
    struct segments_use use;
    bool is_sums = false;
    bool ok;

    if (!segments_take(ctx, rollup->segments, hour, SEGMENTS_FIND, &use, err)) {
        return false;
    }
    if (use.segment == NULL) {
        return true;
    }
    ok = sum_up(ctx, &reading, use.segment, &is_sums, err);
    segments_give(rollup->segments, &use, ok || is_sums ? NULL : err);
    return ok || (!is_sums && err->code == ERR_DAMAGED);
}

/* ---- all of them ---- */

static bool sum_up_all(struct ctx *ctx, struct rollup *rollup, struct err *err)
{
    int64_t hour;

    while (segments_next_news(rollup->segments, &hour)) {
        if (!sum_up_hour(ctx, rollup, hour, err)) {
            segments_put_news(rollup->segments, hour);
            return false;
        }
    }
    return true;
}

/* One at a time. */
static bool begin(struct ctx *ctx, struct rollup *rollup, struct err *err)
{
    bool may = true;

    mutex_lock(&rollup->lock);
    while (rollup->is_busy && may) {
        may = cond_wait_until(&rollup->changed, &rollup->lock, ctx->deadline_ns);
    }
    if (!rollup->is_busy) {
        rollup->is_busy = may = true;
    }
    mutex_unlock(&rollup->lock);
    return may || err_set(err, ERR_DEADLINE, "spans are still being summed up");
}

static void end(struct rollup *rollup)
{
    mutex_lock(&rollup->lock);
    rollup->is_busy = false;
    cond_broadcast(&rollup->changed);
    mutex_unlock(&rollup->lock);
}

bool rollup_catch_up(struct ctx *ctx, struct rollup *rollup, struct err *err)
{
    bool ok;

    if (!begin(ctx, rollup, err)) {
        return false;
    }
    ok = sum_up_all(ctx, rollup, err);
    end(rollup);
    return ok;
}

/* ---- by itself ---- */

static void keep_once(struct rollup *rollup, bool sweeps)
{
    struct err err = {0};
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, rollup->module, "BG sums", WORK_MS);
    if (!rollup_catch_up(&ctx, rollup, &err) || (sweeps && !sums_sweep(&ctx, rollup->sums, &err)) ||
        !sums_fit(&ctx, rollup->sums, &err)) {
        log_line(LOG_WARNING, NULL, "spans not summed up", "error=\"%s\"", err.text);
    }
    arena_fini(&arena);
}

static bool pause_or_stop(struct rollup *rollup)
{
    const uint64_t until_ns = clock_after_ms(PAUSE_MS);
    bool is_stopping;

    mutex_lock(&rollup->lock);
    while (!rollup->is_stopping && cond_wait_until(&rollup->changed, &rollup->lock, until_ns)) {
    }
    is_stopping = rollup->is_stopping;
    mutex_unlock(&rollup->lock);
    return is_stopping;
}

static void keep(void *arg)
{
    struct rollup *rollup = arg;
    unsigned pauses = 0;

    do {
        keep_once(rollup, pauses++ % SWEEP_EVERY == 0);
    } while (!pause_or_stop(rollup));
}

struct rollup *rollup_start(struct segments *segments, struct sums *sums, const char *module)
{
    struct rollup *rollup = mem_alloc(sizeof(*rollup));

    rollup->segments = segments;
    rollup->sums = sums;
    rollup->module = module;
    mutex_init(&rollup->lock);
    cond_init(&rollup->changed);
    thread_start(&rollup->keeper, "store-sums", keep, rollup);
    return rollup;
}

void rollup_stop(struct rollup *rollup)
{
    if (rollup == NULL) {
        return;
    }
    mutex_lock(&rollup->lock);
    rollup->is_stopping = true;
    cond_broadcast(&rollup->changed);
    mutex_unlock(&rollup->lock);
    thread_join(&rollup->keeper);
    cond_fini(&rollup->changed);
    mutex_fini(&rollup->lock);
    free(rollup);
}

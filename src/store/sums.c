#include "store/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "db/migrate.h"
#include "sql_sums.h"
#include "sql_sums_catalogue.h"
#include "store/companions.h"

enum {
    READERS = 4,
    READERS_MORE = 12,
    READERS_WAIT_MS = 5000,
    PATH_ROOM = 512,
    LISTED = 65536,         /* subjects that may be removed at a time */
    FORGOTTEN_AT_ONCE = 64, /* of them, by one unit */
    ROOM_SHARE = 8,         /* where the file is full, so much of it is made free together */
};

#define FILE_NAME "/sums.db"

struct sums {
    struct sums_options options;
    char path[PATH_ROOM];
    struct db *db;
    struct db_pool *pool;
};

/* ---- opening ---- */

static bool open_file(struct ctx *ctx, struct sums *sums, struct err *err)
{
    const struct db_options database = {.service = "sums",
                                        .module = sums->options.module,
                                        .location = sums->path,
                                        .catalogue = &sql_sums_catalogue,
                                        .busy_timeout_ms = sums->options.busy_timeout_ms};
    const struct db_pool_options pool = {.name = "sums",
                                         .size = READERS,
                                         .overflow = READERS_MORE,
                                         .checkout_timeout_ms = READERS_WAIT_MS};
    struct migrate_report report;

    return db_open(&database, &sums->db, err) && db_pool_new(sums->db, &pool, &sums->pool, err) &&
           db_migrate(ctx, sums->pool, sql_sums_scripts, sql_sums_script_count, false, &report,
                      err);
}

bool sums_open(struct ctx *ctx, const struct sums_options *options, struct sums **ret,
               struct err *err)
{
    struct sums *sums = mem_alloc(sizeof(*sums));
    bool ok;

    sums->options = *options;
    (void)snprintf(sums->path, sizeof(sums->path), "%s" FILE_NAME, options->directory);
    ok = open_file(ctx, sums, err);
    if (!ok && err->code == ERR_DAMAGED) {
        db_close(sums->db);
        sums->db = NULL;
        companions_set_aside(sums->path, "sums are made anew of the spans that there are");
        err_clear(err);
        ok = open_file(ctx, sums, err);
    }
    if (!ok) {
        (void)err_wrap(err, "%s", sums->path);
        sums_close(sums);
        return false;
    }
    *ret = sums;
    return true;
}

void sums_close(struct sums *sums)
{
    if (sums != NULL) {
        db_close(sums->db);
        free(sums);
    }
}

struct db_pool *sums_pool(struct sums *sums)
{
    return sums->pool;
}

static int64_t now_s(void)
{
    return clock_utc_us() / CLOCK_US_PER_S;
}

int64_t sums_minutes_since_s(const struct sums *sums)
{
    return now_s() - sums->options.keep_minutes_days * TALLY_DAY_S;
}

/* ---- what is summed up ---- */

bool sums_find(struct ctx *ctx, struct sums *sums, int64_t hour, int64_t made, int64_t *ret_span,
               struct err *err)
{
    struct db_session *session = NULL;
    struct sql_summed_find_row row = {.span = 0};
    enum db_step step;

    if (!db_checkout(ctx, sums->pool, &session, err)) {
        return false;
    }
    step = sql_summed_find(session, hour, made, &row, err);
    db_checkin(session);
    *ret_span = row.span;
    return step != DB_FAILED;
}

/* ---- adding ---- */

struct addition {
    const struct sums_piece *piece;
    const struct tally *tally;
    const struct sums_words *words;
    int64_t *subjects; /* their numbers in the file */
};

static bool add_subjects(struct addition *addition, struct db_session *session, struct err *err)
{
    for (size_t i = 0; i < addition->tally->subjects.count; i++) {
        const struct sums_words *words = &addition->words[i];
        struct sql_subject_add_row row;

        if (sql_subject_add(session, words->service, words->module, words->action, words->sql_id,
                            words->statement, words->wait, &row, err) != DB_ROW ||
            (words->sql_id[0] != '\0' &&
             !sql_text_add(session, words->sql_id, words->sql_text, err))) {
            return false;
        }
        addition->subjects[i] = row.id;
    }
    return true;
}

static bool add_sums(const struct addition *addition, struct db_session *session, struct err *err)
{
    for (size_t i = 0; i < addition->tally->sums.count; i++) {
        const struct tally_sum *sum = tally_sum_at(addition->tally, i);

        if (!sql_sum_add(session, sum->length_s, addition->subjects[sum->subject], sum->start_s,
                         sum->executions, sum->failures, sum->rows, sum->total_ns, sum->squares,
                         sum->longest_ns, sum->active_ns, err)) {
            return false;
        }
    }
    return true;
}

static bool add_steps(const struct addition *addition, struct db_session *session, struct err *err)
{
    for (size_t i = 0; i < addition->tally->steps.count; i++) {
        const struct tally_step *step = tally_step_at(addition->tally, i);

        if (!sql_step_add(session, step->length_s, addition->subjects[step->subject], step->start_s,
                          step->step, step->executions, err)) {
            return false;
        }
    }
    return true;
}

static bool put_examples(const struct addition *addition, struct db_session *session,
                         struct err *err)
{
    for (size_t i = 0; i < addition->tally->examples.count; i++) {
        const struct tally_example *example = tally_example_at(addition->tally, i);

        if (!sql_example_put(session, addition->subjects[example->subject], example->start_s,
                             example->is_failed, example->step, example->trace_high,
                             example->trace_low, example->span_id, example->start_ns,
                             example->duration_ns, err)) {
            return false;
        }
    }
    return true;
}

static bool add(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct addition *addition = arg;
    const struct sums_piece *piece = addition->piece;
    int64_t changed = 0;

    (void)ctx;
    if (!sql_summed_advance_count(session, piece->hour, piece->made, piece->after, piece->until,
                                  &changed, err)) {
        return false;
    }
    if (changed == 0) {
        return err_set(err, ERR_CONFLICT, "these spans are summed up already");
    }
    return add_subjects(addition, session, err) && add_sums(addition, session, err) &&
           add_steps(addition, session, err) && put_examples(addition, session, err);
}

bool sums_add(struct ctx *ctx, struct sums *sums, const struct sums_piece *piece,
              const struct tally *tally, const struct sums_words *words, struct err *err)
{
    struct addition addition = {
        .piece = piece,
        .tally = tally,
        .words = words,
        .subjects = arena_array(ctx->arena, tally->subjects.count + 1, sizeof(int64_t)),
    };

    return db_write(ctx, sums->pool, add, &addition, err);
}

/* ---- what goes ---- */

static bool sweep(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct sums *sums = arg;
    const int64_t minutes_s = sums_minutes_since_s(sums);
    const int64_t hours_s = now_s() - sums->options.keep_days * TALLY_DAY_S;

    (void)ctx;
    for (size_t i = 0; i < TALLY_LENGTHS; i++) {
        const int64_t before_s = TALLY_LENGTHS_S[i] == TALLY_MINUTE_S ? minutes_s : hours_s;

        if (!sql_sums_sweep(session, TALLY_LENGTHS_S[i], before_s, err) ||
            !sql_steps_sweep(session, TALLY_LENGTHS_S[i], before_s, err)) {
            return false;
        }
    }
    return sql_examples_sweep(session, minutes_s, err) &&
           sql_summed_sweep(session, hours_s / TALLY_HOUR_S, err) &&
           sql_dropped_sweep(session, minutes_s / TALLY_HOUR_S, err) &&
           sql_subjects_sweep(session, err) && sql_texts_sweep(session, err);
}

bool sums_sweep(struct ctx *ctx, struct sums *sums, struct err *err)
{
    return db_write(ctx, sums->pool, sweep, sums, err);
}

/* ---- what was removed of files ---- */

struct dropping {
    const struct sums_dropped *list;
    size_t count;
    const struct sums_piece *piece;
};

static bool note_dropped(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct dropping *dropping = arg;
    const struct sums_piece *piece = dropping->piece;

    (void)ctx;
    for (size_t i = 0; i < dropping->count; i++) {
        const struct sums_dropped *one = &dropping->list[i];

        if (!sql_dropped_add(session, one->service, one->hour, one->spans, one->log_records,
                             one->bytes, err)) {
            return false;
        }
    }
    return piece == NULL ||
           sql_summed_advance(session, piece->hour, piece->made, piece->after, piece->until, err);
}

bool sums_note_dropped(struct ctx *ctx, struct sums *sums, const struct sums_dropped *list,
                       size_t count, const struct sums_piece *piece, struct err *err)
{
    struct dropping dropping = {.list = list, .count = count, .piece = piece};

    return db_write(ctx, sums->pool, note_dropped, &dropping, err);
}

struct dropped_list {
    struct sums_dropped *list;
    size_t count;
    size_t room;
};

static bool list_dropped(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct dropped_list *all = arg;
    struct sql_dropped_list_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    all->count = 0;
    if (!sql_dropped_list_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_dropped_list_next(cursor, &row, err)) == DB_ROW) {
        if (all->count == all->room) {
            struct sums_dropped *more;

            all->room = 2 * all->room + 16;
            more = arena_array(ctx->arena, all->room, sizeof(*more));
            if (all->count > 0) {
                memcpy(more, all->list, all->count * sizeof(*more));
            }
            all->list = more;
        }
        all->list[all->count++] =
            (struct sums_dropped){.service = arena_strdup(ctx->arena, row.service),
                                  .hour = row.hour,
                                  .spans = row.spans,
                                  .log_records = row.log_records,
                                  .bytes = row.bytes};
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

bool sums_dropped(struct ctx *ctx, struct sums *sums, struct sums_dropped **ret, size_t *ret_count,
                  struct err *err)
{
    struct dropped_list all = {.count = 0};

    if (!db_read(ctx, sums->pool, list_dropped, &all, err)) {
        return false;
    }
    *ret = all.list;
    *ret_count = all.count;
    return true;
}

/* ---- what does not fit ---- */

struct fitting {
    int64_t used;
    int64_t *subjects; /* by when they were counted last */
    size_t count;
    size_t forgotten;
};

static bool measure(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct fitting *fitting = arg;
    struct sql_sums_bytes_in_use_row row;

    (void)ctx;
    if (sql_sums_bytes_in_use(session, &row, err) != DB_ROW) {
        return false;
    }
    fitting->used = row.used;
    return true;
}

static bool list_subjects(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct fitting *fitting = arg;
    struct sql_subjects_longest_ago_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    fitting->subjects = arena_array(ctx->arena, LISTED, sizeof(*fitting->subjects));
    fitting->count = 0;
    if (sql_subjects_longest_ago_open(session, LISTED, &cursor, err)) {
        while ((step = sql_subjects_longest_ago_next(cursor, &row, err)) == DB_ROW) {
            fitting->subjects[fitting->count++] = row.subject;
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool forget(struct db_session *session, int64_t subject, struct err *err)
{
    return sql_sums_forget(session, subject, err) && sql_steps_forget(session, subject, err) &&
           sql_examples_forget(session, subject, err) && sql_text_forget(session, subject, err) &&
           sql_subject_forget(session, subject, err);
}

static bool forget_some(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct fitting *fitting = arg;
    size_t end = fitting->forgotten + FORGOTTEN_AT_ONCE;

    end = end < fitting->count ? end : fitting->count;
    for (size_t i = fitting->forgotten; i < end; i++) {
        if (!forget(session, fitting->subjects[i], err)) {
            return false;
        }
    }
    return measure(ctx, session, fitting, err);
}

bool sums_fit(struct ctx *ctx, struct sums *sums, struct err *err)
{
    const int64_t keep_bytes = sums->options.keep_bytes;
    struct fitting fitting = {.used = 0};

    if (!db_read(ctx, sums->pool, measure, &fitting, err)) {
        return false;
    }
    if (fitting.used <= keep_bytes) {
        return true;
    }
    if (!db_read(ctx, sums->pool, list_subjects, &fitting, err)) {
        return false;
    }
    while (fitting.forgotten < fitting.count &&
           fitting.used > keep_bytes - keep_bytes / ROOM_SHARE) {
        if (!db_write(ctx, sums->pool, forget_some, &fitting, err)) {
            return false;
        }
        fitting.forgotten += FORGOTTEN_AT_ONCE;
    }
    log_line(LOG_WARNING, NULL, "sums pushed out", "most=%lld bytes=%lld", (long long)keep_bytes,
             (long long)fitting.used);
    return true;
}

#include "store/retention.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "sql_store.h"
#include "store/rewrite.h"
#include "store/shares.h"
#include "store/vocabulary.h"

enum {
    SWEEP_MS = 60000,
    WORK_MS = 600000, /* a file of some millions of spans is written anew in a minute */
    ALONE_MS = 5000,  /* the longest wait until nobody else uses a file */
    LIST_MAX = 64 << 20,
};

struct retention {
    struct retention_options options;
    atomic_bool is_stopping; /* changed with the lock */
    struct mutex lock;
    struct cond wakes;
    struct thread keeper;
};

/* ---- who has what ---- */

/* What one service has in one file. */
struct holding {
    int64_t id; /* in the file */
    size_t sender;
    int64_t spans;
    int64_t log_records;
    int64_t bytes;
};

struct file {
    int64_t hour;
    int64_t bytes;
    struct holding *holdings;
    size_t count;
};

struct holdings {
    struct arena *arena;
    struct file *files; /* the newest first */
    size_t file_count;
    int64_t bytes;
    struct vocabulary senders; /* names, of which sender 0 is number 1 */
    struct file *reading;
};

static size_t sender_of(struct holdings *all, const char *service)
{
    const char *const parts[TERM_PARTS_MOST] = {service};

    return vocabulary_add(&all->senders, TERM_WORD, parts) - 1;
}

static const char *name_of(const struct holdings *all, size_t sender)
{
    return vocabulary_term(&all->senders, (uint32_t)sender + 1)->parts[0];
}

/* The file's bytes are its senders', by what they say of theirs. */
static void share_out(struct file *file)
{
    int64_t total = 0;

    for (size_t i = 0; i < file->count; i++) {
        total += file->holdings[i].bytes;
    }
    for (size_t i = 0; i < file->count && total > 0; i++) {
        struct holding *one = &file->holdings[i];

        one->bytes = (int64_t)((double)one->bytes / (double)total * (double)file->bytes);
    }
}

static bool read_file(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct holdings *all = arg;
    struct file *file = all->reading;
    struct sql_senders_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;
    size_t room = 0;

    (void)ctx;
    file->count = 0;
    if (!sql_senders_open(session, &cursor, err)) {
        return false;
    }
    while ((step = sql_senders_next(cursor, &row, err)) == DB_ROW) {
        file->holdings =
            arena_room(all->arena, file->holdings, file->count, &room, sizeof(*file->holdings));
        file->holdings[file->count++] = (struct holding){.id = row.id,
                                                         .sender = sender_of(all, row.service),
                                                         .spans = row.spans,
                                                         .log_records = row.log_records,
                                                         .bytes = row.bytes};
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static void measure(struct ctx *ctx, struct segments *segments, struct holdings *ret)
{
    int64_t *hours;

    *ret = (struct holdings){.arena = ctx->arena};
    vocabulary_init(&ret->senders, ctx->arena);
    ret->file_count = segments_list(segments, ctx->arena, &hours);
    ret->files = arena_array(ctx->arena, ret->file_count + 1, sizeof(*ret->files));
    for (size_t i = 0; i < ret->file_count; i++) {
        ret->files[i] =
            (struct file){.hour = hours[i], .bytes = segments_bytes(segments, hours[i])};
        ret->bytes += ret->files[i].bytes;
    }
}

static bool read_holdings(struct ctx *ctx, struct segments *segments, struct holdings *all,
                          struct err *err)
{
    for (size_t i = 0; i < all->file_count; i++) {
        all->reading = &all->files[i];
        if (!segments_read(ctx, segments, all->reading->hour, read_file, all, err)) {
            return false;
        }
        share_out(all->reading);
    }
    return true;
}

/* ---- what goes ---- */

/* Of one file: which of its holdings. */
struct leaving {
    struct retention *retention;
    const struct holdings *all;
    const struct file *file;
    struct sums_dropped *dropped; /* of each that goes */
    size_t count;
    struct buf without; /* their numbers, a list of JSON */
    struct ctx *ctx;
    struct segments_use use;
    struct rewrite rewrite;
};

static void leave(struct leaving *leaving, const struct holding *holding)
{
    leaving->dropped[leaving->count] =
        (struct sums_dropped){.service = name_of(leaving->all, holding->sender),
                              .hour = leaving->file->hour,
                              .spans = holding->spans,
                              .log_records = holding->log_records,
                              .bytes = holding->bytes};
    buf_add_char(&leaving->without, leaving->count++ > 0 ? ',' : '[');
    buf_add_int(&leaving->without, holding->id);
}

static bool remove_file(struct ctx *ctx, const struct leaving *leaving, struct err *err)
{
    const struct retention *retention = leaving->retention;

    if (!sums_note_dropped(ctx, retention->options.sums, leaving->dropped, leaving->count, NULL,
                           err)) {
        return false;
    }
    segments_remove(retention->options.segments, leaving->file->hour);
    return true;
}

static bool read_made(struct ctx *ctx, struct segment *segment, struct sql_file_made_row *ret,
                      struct err *err)
{
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(ctx, segment_pool(segment), &session, err)) {
        return false;
    }
    step = sql_file_made(session, ret, err);
    db_checkin(session);
    return step == DB_ROW || (step == DB_NO_ROW && err_set(err, ERR_DAMAGED, "it has no number"));
}

/* Nobody else uses the file: what came meanwhile follows, and the sums learn that the new file is
 * summed up as far as it goes, which the old one has to be. */
static bool finish(void *arg, struct err *err)
{
    struct leaving *leaving = arg;
    struct ctx *ctx = leaving->ctx;
    struct sums *sums = leaving->retention->options.sums;
    struct sql_file_made_row old;
    struct sql_file_made_row new;
    int64_t summed_up = 0;
    bool ok = rewrite_go_on(ctx, &leaving->rewrite, err) &&
              read_made(ctx, leaving->rewrite.from, &old, err) &&
              read_made(ctx, leaving->rewrite.to, &new, err) &&
              sums_find(ctx, sums, leaving->file->hour, old.id, &summed_up, err);

    if (ok && !old.newest_is_null && summed_up != old.newest) {
        return err_set(err, ERR_DEADLINE, "not all of it is summed up");
    }
    segment_close(leaving->rewrite.to);
    leaving->rewrite.to = NULL;
    return ok &&
           sums_note_dropped(ctx, sums, leaving->dropped, leaving->count,
                             &(struct sums_piece){.hour = leaving->file->hour,
                                                  .made = new.id,
                                                  .until = new.newest_is_null ? 0 : new.newest},
                             err);
}

static bool write_anew(struct ctx *ctx, struct leaving *leaving, struct err *err)
{
    struct segments *segments = leaving->retention->options.segments;
    const struct segment_options options = {
        .path = segments_spare_path(segments, ctx->arena, leaving->file->hour)};
    bool ok;

    segments_drop_spare(segments, leaving->file->hour);
    buf_add_char(&leaving->without, ']');
    leaving->rewrite = (struct rewrite){.from = leaving->use.segment,
                                        .without = leaving->without.data,
                                        .is_stopping = &leaving->retention->is_stopping};
    ok = segment_open(ctx, &options, &leaving->rewrite.to, err) &&
         rewrite_go_on(ctx, &leaving->rewrite, err) &&
         segments_replace(segments, &leaving->use, clock_after_ms(ALONE_MS), finish, leaving, err);
    segment_close(leaving->rewrite.to);
    if (!ok) {
        segments_drop_spare(segments, leaving->file->hour);
    }
    return ok;
}

static bool rewrite_file(struct ctx *ctx, struct leaving *leaving, struct err *err)
{
    struct segments *segments = leaving->retention->options.segments;
    bool ok;

    if (!segments_take(ctx, segments, leaving->file->hour, SEGMENTS_FIND, &leaving->use, err)) {
        return false;
    }
    if (leaving->use.segment == NULL) {
        return true;
    }
    ok = write_anew(ctx, leaving, err);
    segments_give(segments, &leaving->use, ok ? NULL : err);
    return ok;
}

/* parts: of this file. */
static bool drop(struct ctx *ctx, struct retention *retention, const struct holdings *all,
                 const struct file *file, const struct share_part *parts, struct err *err)
{
    struct leaving leaving = {
        .retention = retention,
        .all = all,
        .file = file,
        .dropped = arena_array(ctx->arena, file->count + 1, sizeof(*leaving.dropped)),
        .ctx = ctx};
    bool ok;

    buf_init(&leaving.without, LIST_MAX);
    for (size_t i = 0; i < file->count; i++) {
        if (parts[i].goes) {
            leave(&leaving, &file->holdings[i]);
        }
    }
    ok = leaving.count == file->count ? remove_file(ctx, &leaving, err)
                                      : rewrite_file(ctx, &leaving, err);
    buf_fini(&leaving.without);
    return ok;
}

static struct share_part *parts_of(struct arena *arena, const struct holdings *all,
                                   size_t *ret_count)
{
    struct share_part *parts;
    size_t count = 0;

    for (size_t i = 0; i < all->file_count; i++) {
        count += all->files[i].count;
    }
    parts = arena_array(arena, count + 1, sizeof(*parts));
    count = 0;
    for (size_t i = all->file_count; i-- > 0;) {
        for (size_t k = 0; k < all->files[i].count; k++) {
            parts[count++] = (struct share_part){.file = i,
                                                 .sender = all->files[i].holdings[k].sender,
                                                 .bytes = all->files[i].holdings[k].bytes,
                                                 .stays = i == 0};
        }
    }
    *ret_count = count;
    return parts;
}

/* A file that cannot be written anew now stops no other. */
static bool make_room(struct ctx *ctx, struct retention *retention, struct holdings *all,
                      size_t *ret_count, struct err *err)
{
    struct share_part *parts;
    size_t part_count;
    int64_t *uses;
    bool ok = read_holdings(ctx, retention->options.segments, all, err);

    if (!ok) {
        return false;
    }
    parts = parts_of(ctx->arena, all, &part_count);
    uses = arena_array(ctx->arena, all->senders.count + 1, sizeof(*uses));
    (void)shares_choose(parts, part_count, uses, all->senders.count, retention->options.keep_bytes);
    for (size_t first = 0; first < part_count;) {
        const struct file *file = &all->files[parts[first].file];
        bool goes = false;

        for (size_t i = first; i < first + file->count; i++) {
            goes |= parts[i].goes;
        }
        if (goes) {
            const bool is_dropped = drop(ctx, retention, all, file, &parts[first], err);

            *ret_count += is_dropped;
            ok = ok && is_dropped;
        }
        first += file->count;
    }
    return ok;
}

bool retention_sweep(struct ctx *ctx, struct retention *retention, size_t *ret_count,
                     struct err *err)
{
    size_t dropped = 0;
    size_t removed = segments_sweep(retention->options.segments);
    struct holdings all;
    bool ok = true;

    measure(ctx, retention->options.segments, &all);
    if (all.bytes > retention->options.keep_bytes) {
        ok = make_room(ctx, retention, &all, &dropped, err);
    }
    if (dropped > 0) {
        log_line(LOG_INFO, NULL, "spans removed for want of room", "files=%zu", dropped);
    }
    if (ret_count != NULL) {
        *ret_count = removed + dropped;
    }
    return ok || err_wrap(err, "make room for spans");
}

/* ---- by itself ---- */

static void keep_once(struct retention *retention)
{
    struct err err = {0};
    struct arena arena;
    struct ctx ctx;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, retention->options.module, "BG retention", WORK_MS);
    if (!retention_sweep(&ctx, retention, NULL, &err)) {
        log_line(err.code == ERR_DEADLINE ? LOG_INFO : LOG_WARNING, NULL, "spans not removed",
                 "error=\"%s\"", err.text);
    }
    arena_fini(&arena);
}

static bool pause_or_stop(struct retention *retention)
{
    const uint64_t until_ns = clock_after_ms(SWEEP_MS);

    mutex_lock(&retention->lock);
    while (!atomic_load(&retention->is_stopping) &&
           cond_wait_until(&retention->wakes, &retention->lock, until_ns)) {
    }
    mutex_unlock(&retention->lock);
    return atomic_load(&retention->is_stopping);
}

static void keep(void *arg)
{
    struct retention *retention = arg;

    do {
        keep_once(retention);
    } while (!pause_or_stop(retention));
}

struct retention *retention_new(const struct retention_options *options)
{
    struct retention *retention = mem_alloc(sizeof(*retention));

    retention->options = *options;
    mutex_init(&retention->lock);
    cond_init(&retention->wakes);
    return retention;
}

void retention_start(struct retention *retention)
{
    thread_start(&retention->keeper, "store-keeper", keep, retention);
}

void retention_free(struct retention *retention)
{
    if (retention == NULL) {
        return;
    }
    mutex_lock(&retention->lock);
    atomic_store(&retention->is_stopping, true);
    cond_signal(&retention->wakes);
    mutex_unlock(&retention->lock);
    thread_join(&retention->keeper);
    cond_fini(&retention->wakes);
    mutex_fini(&retention->lock);
    free(retention);
}

/* ---- what is told of it ---- */

static int by_bytes(const void *a, const void *b)
{
    const struct retention_sender *one = a;
    const struct retention_sender *other = b;

    return one->bytes != other->bytes ? (one->bytes < other->bytes ? 1 : -1)
                                      : strcmp(one->service, other->service);
}

static void tell_kept(const struct holdings *all, struct retention_view *view)
{
    for (size_t i = 0; i < all->file_count; i++) {
        const struct file *file = &all->files[i];

        for (size_t k = 0; k < file->count; k++) {
            struct retention_sender *sender = &view->senders[file->holdings[k].sender];

            sender->since_hour = file->hour; /* the newest come first */
            sender->spans += file->holdings[k].spans;
            sender->log_records += file->holdings[k].log_records;
            sender->bytes += file->holdings[k].bytes;
        }
    }
}

bool retention_tell(struct ctx *ctx, struct retention *retention, struct retention_view *ret,
                    struct err *err)
{
    const struct retention_options *options = &retention->options;
    struct sums_dropped *dropped;
    size_t dropped_count = 0;
    struct holdings all;

    measure(ctx, options->segments, &all);
    if (!read_holdings(ctx, options->segments, &all, err) ||
        !sums_dropped(ctx, options->sums, &dropped, &dropped_count, err)) {
        return false;
    }
    for (size_t i = 0; i < dropped_count; i++) {
        (void)sender_of(&all, dropped[i].service);
    }
    *ret = (struct retention_view){
        .keep_days = options->keep_days,
        .keep_bytes = options->keep_bytes,
        .bytes = all.bytes,
        .since_hour = all.file_count > 0 ? all.files[all.file_count - 1].hour : 0,
        .senders = arena_array(ctx->arena, all.senders.count + 1, sizeof(*ret->senders)),
        .count = all.senders.count};
    for (size_t i = 0; i < all.senders.count; i++) {
        ret->senders[i].service = name_of(&all, i);
    }
    tell_kept(&all, ret);
    for (size_t i = 0; i < dropped_count; i++) {
        struct retention_sender *sender = &ret->senders[sender_of(&all, dropped[i].service)];

        sender->dropped_spans = dropped[i].spans;
        sender->dropped_log_records = dropped[i].log_records;
        sender->dropped_bytes = dropped[i].bytes;
        sender->dropped_hour = dropped[i].hour;
    }
    qsort(ret->senders, ret->count, sizeof(*ret->senders), by_bytes);
    return true;
}

#include "service/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "core/thread.h"
#include "service/audit_sums.h"
#include "service/stored.h"
#include "sql_core.h"

enum {
    RECORDS_MAX = 32768,
    TEXT_EACH = 256,       /* bytes of text that a record has on average, generously */
    TEXT_LONGEST = 2048,   /* sum of the columns below */
    GROUP_ROWS = 256,      /* a transaction: about two milliseconds, so that buyers need not wait */
    GROUP_ROWS_MAX = 1024, /* when the queue fills up */
    GROUP_MS = 200,        /* oldest a row gets before it is written */
    SUM_MS = 60000,        /* and a sum */
    HOUR = 60,             /* minutes: longer than any request takes */
    RETRY_MS = 250,
    UNIT_MS = 10000,
    STOP_TRIES = 20, /* of the last rows, when the process is about to end */
};

/* The texts of a record, in the order in which they are packed, and the bytes each may have. */
enum { TEXT_ACTION, TEXT_USERNAME, TEXT_RESOURCE, TEXT_DETAILS, TEXT_IP, TEXT_AGENT, TEXT_COUNT };
static const size_t TEXT_BYTES[TEXT_COUNT] = {
    [TEXT_ACTION] = AUDIT_ACTION_BYTES,
    [TEXT_USERNAME] = AUDIT_USERNAME_BYTES,
    [TEXT_RESOURCE] = AUDIT_RESOURCE_BYTES,
    [TEXT_DETAILS] = 1000,
    [TEXT_IP] = AUDIT_IP_BYTES,
    [TEXT_AGENT] = AUDIT_AGENT_BYTES,
};

struct record {
    int64_t user_id;
    int64_t status;
    int64_t duration_us;
    int64_t created_us;
    const char *method;
    const char *route;
    size_t text_at; /* TEXT_COUNT texts, each with its NUL; an empty one stands for none */
    char trace_id[TRACE_ID_HEX + 1];
};

/* Requests fill one half while the writer empties the other. Pages that were never filled take no
 * memory. */
struct half {
    struct record *records;
    size_t count;
    char *text;
    size_t text_used;
};

struct audit {
    struct audit_options options;
    struct writer_job job;
    size_t text_limit; /* above this and RECORDS_MAX, requests are refused */
    size_t text_size;  /* with what those take that are under way then */
    size_t records_size;
    struct counter *written;
    struct counter *lost;
    struct counter *refused;
    struct counter *summed;
    struct half halves[2];

    struct mutex lock;
    struct half *filling;   /* lock */
    size_t being_written;   /* lock: records of the other half that are not yet stored */
    uint64_t first_ns;      /* lock: when the first record of `filling` came */
    struct audit_sums sums; /* lock */
    uint64_t sums_ns;       /* lock: when they are to be written */
    int64_t minute;         /* lock: since 1970, in which strangers' rows are counted */
    int64_t rows_left;      /* lock: that strangers may still have in it */

    /* The writer's own. */
    struct half *writing; /* NULL: nothing is taken */
    size_t at;            /* the first of its records that is not stored */
    size_t alone_until; /* up to here one after the other: there is one that the database refuses */
    uint64_t retry_ns;  /* until then nothing is tried */
};

/* ---- taking records ---- */

struct packed {
    const char *texts[TEXT_COUNT];
    size_t lengths[TEXT_COUNT];
    size_t total;
};

static void pack(const struct audit_entry *entry, struct packed *ret)
{
    const char *const texts[TEXT_COUNT] = {entry->action,  entry->username, entry->resource,
                                           entry->details, entry->ip,       entry->user_agent};

    ret->total = TEXT_COUNT; /* the NULs */
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        size_t length = texts[i] != NULL ? strnlen(texts[i], TEXT_BYTES[i] + 1) : 0;

        ret->texts[i] = texts[i];
        ret->lengths[i] =
            length <= TEXT_BYTES[i] ? length : utf8_cut(texts[i], length, TEXT_BYTES[i]);
        ret->total += ret->lengths[i];
    }
}

static void append_locked(struct audit *audit, const struct audit_entry *entry,
                          const struct packed *packed) REQUIRES(audit->lock)
{
    struct half *half = audit->filling;
    struct record *record = &half->records[half->count++];
    char *at = half->text + half->text_used;

    record->user_id = entry->user_id;
    record->status = entry->status;
    record->duration_us = entry->duration_us;
    record->created_us = entry->created_us;
    record->method = entry->method;
    record->route = entry->route;
    record->text_at = half->text_used;
    (void)memccpy(record->trace_id, entry->trace_id, '\0', sizeof(record->trace_id));
    record->trace_id[TRACE_ID_HEX] = '\0';
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (packed->lengths[i] > 0) {
            memcpy(at, packed->texts[i], packed->lengths[i]);
        }
        at[packed->lengths[i]] = '\0';
        at += packed->lengths[i] + 1;
    }
    half->text_used += packed->total;
}

/* Has the stranger's request a row of its own? A refusal has none, nor has anything while the disk
 * is nearly full; else there is one while there are some left of this minute's. */
static bool takes_row_locked(struct audit *audit, const struct audit_entry *entry)
    REQUIRES(audit->lock)
{
    const int64_t minute = entry->created_us / (60 * CLOCK_US_PER_S);

    if ((entry->status >= 400 && entry->status < 500) ||
        atomic_load_explicit(&audit->options.service->is_nearly_full, memory_order_relaxed)) {
        return false;
    }
    /* A request of the minute before may end in this one; a clock that was put back is another. */
    if (minute > audit->minute || minute < audit->minute - HOUR) {
        audit->minute = minute;
        audit->rows_left = audit->options.stranger_rows;
    }
    if (audit->rows_left == 0) {
        return false;
    }
    audit->rows_left--;
    return true;
}

/* True: the first one, for which the writer has to be woken. */
static bool sum_locked(struct audit *audit, const struct audit_entry *entry) REQUIRES(audit->lock)
{
    const struct audit_sum_key key = {.method = entry->method,
                                      .route = entry->route,
                                      .status = entry->status,
                                      .ip = entry->ip,
                                      .created_us = entry->created_us,
                                      .trace_id = entry->trace_id};
    const bool is_first = audit_sums_are_empty(&audit->sums);

    audit_sums_add(&audit->sums, &key);
    if (is_first) {
        audit->sums_ns = clock_after_ms(SUM_MS);
    }
    return is_first;
}

/* True: the writer has to be woken, who sleeps until there is something, and then until there is a
 * group. */
static bool queue_locked(struct audit *audit, const struct audit_entry *entry,
                         const struct packed *packed, bool *ret_has_room) REQUIRES(audit->lock)
{
    *ret_has_room = audit->filling->count < audit->records_size &&
                    audit->filling->text_used + packed->total <= audit->text_size;
    if (!*ret_has_room) {
        return false;
    }
    append_locked(audit, entry, packed);
    if (audit->filling->count == 1) {
        audit->first_ns = clock_mono_ns();
    }
    return audit->filling->count == 1 || audit->filling->count == GROUP_ROWS;
}

void audit_add(struct audit *audit, const struct audit_entry *entry)
{
    struct packed packed;
    bool has_room = true;
    bool is_summed;
    bool is_due;

    pack(entry, &packed);
    mutex_lock(&audit->lock);
    is_summed = entry->is_strangers && !takes_row_locked(audit, entry);
    is_due = is_summed ? sum_locked(audit, entry) : queue_locked(audit, entry, &packed, &has_room);
    mutex_unlock(&audit->lock);
    if (is_summed) {
        counter_add(audit->summed, 1);
    }
    if (is_due) {
        writer_ring(&audit->job);
    }
    if (!has_room) { /* cannot be while no more requests are under way than was said */
        counter_add(audit->lost, 1);
        log_line(LOG_ERROR, entry->trace_id, "audit row lost", "route=%s", entry->route);
    }
}

static bool has_room_locked(const struct audit *audit) REQUIRES(audit->lock)
{
    return audit->filling->count < RECORDS_MAX && audit->filling->text_used < audit->text_limit;
}

bool audit_has_room(struct audit *audit)
{
    bool has_room;

    mutex_lock(&audit->lock);
    has_room = has_room_locked(audit);
    mutex_unlock(&audit->lock);
    return has_room;
}

/* ---- writing ---- */

struct group {
    const struct half *half;
    const struct record *records;
    size_t count;
};

static struct sql_audit_insert_args args_of(struct arena *arena, const struct half *half,
                                            const struct record *record)
{
    const char *texts[TEXT_COUNT];
    const char *at = half->text + record->text_at;

    for (size_t i = 0; i < TEXT_COUNT; i++) {
        texts[i] = *at != '\0' ? at : NULL;
        at += strlen(at) + 1;
    }
    if (texts[TEXT_ACTION] == NULL) {
        const char *action = arena_printf(arena, "%s %s", record->method, record->route);

        texts[TEXT_ACTION] = text_cut(arena, action, TEXT_BYTES[TEXT_ACTION]);
    }
    return sql_audit_insert_args(
        record->user_id != 0 ? &record->user_id : NULL, texts[TEXT_USERNAME], texts[TEXT_ACTION],
        texts[TEXT_RESOURCE], texts[TEXT_DETAILS], record->method, record->route,
        record->status != 0 ? &record->status : NULL,
        record->duration_us >= 0 ? &record->duration_us : NULL, texts[TEXT_IP], texts[TEXT_AGENT],
        record->trace_id, record->created_us);
}

static bool insert_group(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct group *group = arg;
    struct sql_audit_insert_args *rows = arena_array(ctx->arena, group->count, sizeof(*rows));

    for (size_t i = 0; i < group->count; i++) {
        rows[i] = args_of(ctx->arena, group->half, &group->records[i]);
    }
    return sql_audit_insert_batch(session, rows, group->count, NULL, err);
}

static bool write_group(struct audit *audit, struct group *group, struct err *err)
{
    const bool is_written =
        writer_unit(&audit->job, audit->options.pool, UNIT_MS, insert_group, group, NULL, err);

    stored_note(audit->options.service, is_written, err);
    return is_written;
}

/* The next `count` records are stored or given up. */
static void pass(struct audit *audit, size_t count)
{
    audit->at += count;
    mutex_lock(&audit->lock);
    audit->being_written -= count;
    mutex_unlock(&audit->lock);
}

static void give_up(struct audit *audit, size_t count, const struct err *err)
{
    counter_add(audit->lost, count);
    log_err(LOG_ERROR, audit->writing->records[audit->at].trace_id, "audit rows cannot be stored",
            err);
    pass(audit, count);
}

/* Is it the row that is wrong, so that trying again does not help? The database says so, or already
 * we ourselves, of a value that may not be bound. All else, a fault of the database or of its
 * tables, may be mended, and then the row is not lost. */
static bool is_rows_fault(const struct err *err)
{
    return err->code == ERR_INTERNAL ||
           (err_http_status(err->code) < 500 && !err_is_retryable(err->code));
}

/* One transaction. A group that is refused is tried again row by row, so that the one row that is
 * wrong is lost and no other. False: nothing can be stored now. */
static bool write_next(struct audit *audit, struct err *err)
{
    const struct half *half = audit->writing;
    const size_t left = half->count - audit->at;
    const size_t most = half->count > RECORDS_MAX / 4 ? GROUP_ROWS_MAX : GROUP_ROWS;
    struct group group = {half, &half->records[audit->at], left < most ? left : most};

    if (audit->at < audit->alone_until) {
        group.count = 1;
    }
    if (write_group(audit, &group, err)) {
        counter_add(audit->written, group.count);
        pass(audit, group.count);
    } else if (!is_rows_fault(err)) {
        return false;
    } else if (group.count > 1) {
        audit->alone_until = audit->at + group.count;
    } else {
        give_up(audit, 1, err);
    }
    return true;
}

/* Stores what is left of the half that was taken. False: the rest must wait. */
static bool write_half(struct audit *audit, struct err *err)
{
    while (audit->at < audit->writing->count) {
        if (!write_next(audit, err)) {
            log_err(LOG_WARNING, audit->writing->records[audit->at].trace_id,
                    "audit write failed, trying again", err);
            return false;
        }
    }
    return true;
}

/* Has the writer something to write: what it could not store before, or else what has come? */
static bool take_half(struct audit *audit)
{
    if (audit->writing != NULL) {
        return true;
    }
    mutex_lock(&audit->lock);
    if (audit->filling->count > 0) {
        audit->writing = audit->filling;
        audit->being_written = audit->writing->count;
        audit->filling =
            audit->writing == &audit->halves[0] ? &audit->halves[1] : &audit->halves[0];
    }
    mutex_unlock(&audit->lock);
    audit->at = 0;
    audit->alone_until = 0;
    return audit->writing != NULL;
}

static void empty_half(struct audit *audit)
{
    audit->writing->count = 0;
    audit->writing->text_used = 0;
    audit->writing = NULL;
    audit->retry_ns = 0;
}

/* A row of the trail says how many requests it stands for, and since when they came. */
static void queue_sum_locked(struct audit *audit, const struct audit_sum *sum, int64_t now_us)
    REQUIRES(audit->lock)
{
    char since[UTC_TEXT_MAX];
    char details[UTC_TEXT_MAX + 64];
    struct audit_entry entry = {.status = sum->status,
                                .duration_us = -1,
                                .created_us = now_us,
                                .method = sum->method,
                                .route = sum->route,
                                .action = sum->method[0] == '\0' ? sum->route : NULL,
                                .details = details,
                                .trace_id = sum->trace_id,
                                .ip = sum->from};
    struct packed packed;
    bool has_room;

    (void)utc_format(sum->first_us, since);
    (void)snprintf(details, sizeof(details), "{\"requests\":%" PRId64 ",\"since\":\"%s\"}",
                   sum->requests, since);
    pack(&entry, &packed);
    (void)queue_locked(audit, &entry, &packed, &has_room);
}

/* What was summed up becomes rows like all others. Where there is no room for them they wait, and
 * count on. */
static void queue_sums(struct audit *audit)
{
    const int64_t now_us = clock_utc_us();
    const struct audit_sum *sum;

    mutex_lock(&audit->lock);
    if (has_room_locked(audit)) {
        for (size_t i = 0; (sum = audit_sums_at(&audit->sums, i)) != NULL; i++) {
            queue_sum_locked(audit, sum, now_us);
        }
        audit_sums_clear(&audit->sums);
    } else {
        audit->sums_ns = clock_after_ms(RETRY_MS);
    }
    mutex_unlock(&audit->lock);
}

/* Both halves, with the patience of a process that ends. */
static void write_halves(struct audit *audit)
{
    unsigned tries = 0;
    struct err err = {0};

    while (take_half(audit)) {
        if (write_half(audit, &err)) {
            empty_half(audit);
        } else if (++tries < STOP_TRIES) {
            clock_sleep_until(clock_after_ms(RETRY_MS));
        } else {
            give_up(audit, audit->writing->count - audit->at, &err);
            empty_half(audit);
        }
    }
}

/* Sums last: there is room for them then. */
static void write_all(struct audit *audit)
{
    write_halves(audit);
    queue_sums(audit);
    write_halves(audit);
}

/* ---- as a job of the writer ---- */

/* When a group is full, or the oldest row has waited long enough. */
static uint64_t audit_due(void *arg)
{
    struct audit *audit = arg;
    uint64_t due_ns = CLOCK_NEVER;

    if (audit->writing != NULL) {
        return audit->retry_ns;
    }
    mutex_lock(&audit->lock);
    if (audit->filling->count >= GROUP_ROWS) {
        due_ns = 0;
    } else if (audit->filling->count > 0) {
        due_ns = audit->first_ns + GROUP_MS * CLOCK_NS_PER_MS;
    }
    if (!audit_sums_are_empty(&audit->sums) && audit->sums_ns < due_ns) {
        due_ns = audit->sums_ns;
    }
    mutex_unlock(&audit->lock);
    return due_ns;
}

/* Where nothing else waits they are what the job runs for. */
static bool sums_are_due(struct audit *audit)
{
    bool are_due;

    mutex_lock(&audit->lock);
    are_due = !audit_sums_are_empty(&audit->sums) &&
              (audit->filling->count == 0 || clock_has_passed(audit->sums_ns));
    mutex_unlock(&audit->lock);
    return are_due;
}

static void audit_run(void *arg, bool is_last)
{
    struct audit *audit = arg;
    struct err err = {0};

    if (is_last) {
        write_all(audit);
        return;
    }
    if (audit->writing == NULL && sums_are_due(audit)) {
        queue_sums(audit);
    }
    if (take_half(audit)) {
        if (write_half(audit, &err)) {
            empty_half(audit);
        } else {
            audit->retry_ns = clock_after_ms(RETRY_MS);
        }
    }
}

/* ---- life ---- */

static double read_length(void *arg)
{
    struct audit *audit = arg;
    size_t length;

    mutex_lock(&audit->lock);
    length = audit->filling->count + audit->being_written;
    mutex_unlock(&audit->lock);
    return (double)length;
}

struct audit *audit_new(struct writer *writer, const struct audit_options *options)
{
    struct audit *audit = mem_alloc(sizeof(*audit));
    struct metrics *metrics = options->service->metrics;
    const size_t reserve = options->in_flight_max + SUMS_MAX;

    audit->options = *options;
    audit->records_size = RECORDS_MAX + reserve;
    audit->text_limit = (size_t)RECORDS_MAX * TEXT_EACH;
    audit->text_size = audit->text_limit + reserve * TEXT_LONGEST;
    for (size_t i = 0; i < 2; i++) {
        audit->halves[i].records =
            mem_alloc(audit->records_size * sizeof(*audit->halves[i].records));
        audit->halves[i].text = mem_alloc(audit->text_size);
    }
    audit->filling = &audit->halves[0];
    mutex_init(&audit->lock);
    audit->written =
        metrics_counter(metrics, &(struct metric){.name = "audit_rows",
                                                  .unit = "{row}",
                                                  .help = "Audit rows written by the queue."});
    audit->lost = metrics_counter(metrics, &(struct metric){.name = "audit_rows_lost",
                                                            .unit = "{row}",
                                                            .help = "Audit rows that were lost."});
    audit->refused = metrics_counter(
        metrics,
        &(struct metric){.name = "audit_refused",
                         .unit = "{request}",
                         .help = "Requests that were refused because the queue was full."});
    audit->summed = metrics_counter(
        metrics, &(struct metric){.name = "audit_summed",
                                  .unit = "{request}",
                                  .help = "Anonymous requests that were summed up."});
    metrics_gauge(metrics,
                  &(struct metric){.name = "audit_queue_length",
                                   .unit = "{row}",
                                   .help = "Audit rows that wait."},
                  read_length, audit);
    audit->job =
        (struct writer_job){.name = "BG audit", .due = audit_due, .run = audit_run, .arg = audit};
    writer_add(writer, &audit->job);
    return audit;
}

void audit_free(struct audit *audit)
{
    if (audit == NULL) {
        return;
    }
    metrics_forget(audit->options.service->metrics, audit);
    for (size_t i = 0; i < 2; i++) {
        free(audit->halves[i].records);
        free(audit->halves[i].text);
    }
    mutex_fini(&audit->lock);
    free(audit);
}

/* ---- requests ---- */

struct request_note *request_note(struct request *rq)
{
    if (rq->service_data == NULL) {
        rq->service_data = arena_alloc(rq->ctx.arena, sizeof(struct request_note));
    }
    return rq->service_data;
}

void audit_note(struct request *rq, const char *action, const char *resource, const char *details)
{
    struct request_note *note = request_note(rq);

    note->action = action;
    note->resource = resource;
    note->details = details;
}

struct audit_entry audit_entry_of(const struct request *rq)
{
    static const char *const METHODS[HTTP_METHOD_COUNT] = {
        [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"};
    const struct request_note *note = rq->service_data;
    struct audit_entry entry = {.user_id = rq->ctx.caller.user_id,
                                .username = rq->ctx.caller.username,
                                .method = METHODS[rq->method],
                                .route = rq->route != NULL ? rq->route->template : "(no route)",
                                .trace_id = rq->ctx.trace.trace_id,
                                .ip = rq->ctx.client_ip,
                                .user_agent = rq->ctx.user_agent,
                                .is_strangers = rq->ctx.caller.role == 0};

    if (note != NULL) {
        entry.action = note->action;
        entry.resource = note->resource;
        entry.details = note->details;
    }
    return entry;
}

bool audit_admit(void *service_state, struct err *err)
{
    struct service *service = service_state;

    return service->audit == NULL || audit_has_room(service->audit) ||
           err_set(err, ERR_UNAVAILABLE, "audit trail is full");
}

void audit_finished(struct request *rq, const struct reply *rp, uint64_t duration_us,
                    const struct err *err)
{
    struct audit *audit = service_of(rq)->audit;
    const struct request_note *note = rq->service_data;
    struct audit_entry entry;

    if (audit == NULL || (note != NULL && note->is_audited) ||
        (rq->route != NULL && (rq->route->flags & ROUTE_NOT_AUDITED) != 0)) {
        return;
    }
    /* Refused for want of room: the refusals are counted, they have none either. */
    if (err != NULL && err->code == ERR_UNAVAILABLE && !audit_has_room(audit)) {
        counter_add(audit->refused, 1);
        return;
    }
    entry = audit_entry_of(rq);
    entry.status = err != NULL ? err_http_status(err->code) : rp->status;
    entry.duration_us = (int64_t)duration_us;
    entry.created_us = clock_utc_us() - entry.duration_us;
    audit_add(audit, &entry);
}

#include "service/audit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "core/thread.h"
#include "service/ready.h"
#include "service/security.h"
#include "sql_core.h"
#include "trace/span.h"

enum {
    RECORDS_MAX = 32768,
    TEXT_EACH = 256,       /* bytes of text that a record has on average, generously */
    TEXT_LONGEST = 2048,   /* sum of the columns below */
    GROUP_ROWS = 256,      /* a transaction: about two milliseconds, so that buyers need not wait */
    GROUP_ROWS_MAX = 1024, /* when the queue fills up */
    GROUP_MS = 200,        /* oldest a row gets before it is written */
    RETRY_MS = 250,
    SWEEP_MS = 60000,
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
    size_t records_limit; /* above these, requests are refused */
    size_t text_limit;
    size_t text_size;
    struct counter *written;
    struct counter *lost;
    struct counter *refused;
    struct thread writer;
    struct half halves[2];

    struct mutex lock;
    struct cond wake;
    struct half *filling; /* lock */
    size_t being_written; /* lock: records of the other half that are not yet stored */
    uint64_t first_ns;    /* lock: when the first record of `filling` came */
    bool is_woken;        /* lock */
    bool is_stopping;     /* lock */

    struct arena arena; /* the writer's own, as is what follows */
    uint64_t sweep_ns;
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

void audit_add(struct audit *audit, const struct audit_entry *entry)
{
    struct packed packed;
    bool has_room;

    pack(entry, &packed);
    mutex_lock(&audit->lock);
    has_room = audit->filling->count < RECORDS_MAX &&
               audit->filling->text_used + packed.total <= audit->text_size;
    if (has_room) {
        append_locked(audit, entry, &packed);
        if (audit->filling->count == 1) {
            audit->first_ns = clock_mono_ns();
        }
        /* The writer sleeps until there is something, and then until there is a group. */
        if (audit->filling->count == 1 || audit->filling->count == GROUP_ROWS) {
            cond_signal(&audit->wake);
        }
    }
    mutex_unlock(&audit->lock);
    if (!has_room) { /* cannot be while no more requests are under way than was said */
        counter_add(audit->lost, 1);
        log_line(LOG_ERROR, entry->trace_id, "audit row lost", "route=%s", entry->route);
    }
}

bool audit_has_room(struct audit *audit)
{
    bool has_room;

    mutex_lock(&audit->lock);
    has_room = audit->filling->count < audit->records_limit &&
               audit->filling->text_used < audit->text_limit;
    mutex_unlock(&audit->lock);
    return has_room;
}

void audit_wake(struct audit *audit)
{
    mutex_lock(&audit->lock);
    audit->is_woken = true;
    cond_signal(&audit->wake);
    mutex_unlock(&audit->lock);
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

        texts[TEXT_ACTION] =
            arena_dup(arena, action, utf8_cut(action, strlen(action), TEXT_BYTES[TEXT_ACTION]));
    }
    return sql_audit_insert_args(
        record->user_id != 0 ? &record->user_id : NULL, texts[TEXT_USERNAME], texts[TEXT_ACTION],
        texts[TEXT_RESOURCE], texts[TEXT_DETAILS], record->method, record->route,
        record->status != 0 ? &record->status : NULL, &record->duration_us, texts[TEXT_IP],
        texts[TEXT_AGENT], record->trace_id, record->created_us);
}

static bool insert_group(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    const struct group *group = arg;
    struct sql_audit_insert_args *rows = arena_array(ctx->arena, group->count, sizeof(*rows));

    for (size_t i = 0; i < group->count; i++) {
        rows[i] = args_of(ctx->arena, group->half, &group->records[i]);
    }
    return sql_audit_insert_batch(db, rows, group->count, NULL, err);
}

static bool write_group(struct audit *audit, struct group *group, struct err *err)
{
    struct service *service = audit->options.service;
    struct ctx ctx;
    struct span *root;
    bool is_written;

    ctx_init_background(&ctx, &audit->arena, service->tracer, service->traits->module, "BG audit",
                        UNIT_MS);
    root = span_begin(&ctx, ctx.action, SPAN_INTERNAL);
    is_written = db_write(&ctx, audit->options.pool, insert_group, group, err);
    if (!is_written) {
        span_fail(root, err);
    }
    span_end(&ctx, root);
    arena_reset(&audit->arena);
    ready_note(service, is_written, err);
    if (is_written) {
        counter_add(audit->written, group->count);
        mutex_lock(&audit->lock);
        audit->being_written -= group->count;
        mutex_unlock(&audit->lock);
    }
    return is_written;
}

/* Waits a little before the next try; false when the process ends and has tried long enough. */
static bool may_retry(struct audit *audit, unsigned *tries)
{
    uint64_t until_ns = clock_after_ms(RETRY_MS);
    bool is_stopping;

    mutex_lock(&audit->lock);
    while (cond_wait_until(&audit->wake, &audit->lock, until_ns)) {
    }
    is_stopping = audit->is_stopping;
    mutex_unlock(&audit->lock);
    *tries += is_stopping ? 1 : 0;
    return *tries < STOP_TRIES;
}

static void give_up(struct audit *audit, const struct record *record, size_t count,
                    const struct err *err)
{
    counter_add(audit->lost, count);
    log_err(LOG_ERROR, record->trace_id, "audit rows cannot be stored", err);
    mutex_lock(&audit->lock);
    audit->being_written -= count;
    mutex_unlock(&audit->lock);
}

/* Is it the row that is wrong, so that trying again does not help? */
static bool is_rows_fault(const struct err *err)
{
    return err->code == ERR_CHECK || err->code == ERR_FOREIGN_KEY || err->code == ERR_UNIQUE;
}

static void write_half(struct audit *audit, const struct half *half)
{
    size_t at = 0;
    size_t most = half->count > RECORDS_MAX / 4 ? GROUP_ROWS_MAX : GROUP_ROWS;
    unsigned tries = 0;

    while (at < half->count) {
        size_t left = half->count - at;
        struct group group = {half, &half->records[at], left < most ? left : most};
        struct err err = {0};

        if (write_group(audit, &group, &err)) {
            at += group.count;
        } else if (is_rows_fault(&err) && group.count > 1) {
            most = 1; /* find the one and store the others */
        } else if (is_rows_fault(&err)) {
            give_up(audit, group.records, 1, &err);
            at++;
        } else {
            log_err(LOG_WARNING, group.records->trace_id, "audit write failed, trying again", &err);
            if (!may_retry(audit, &tries)) {
                give_up(audit, group.records, left, &err);
                return;
            }
        }
    }
}

static bool sweep_rows(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_session_sweep(db, err) && sql_idempotency_sweep(db, err) &&
           sql_idempotency_shorten(db, KEY_LIFE_S, err) &&
           sql_login_failure_sweep(db, LOGIN_WINDOW_S, err);
}

/* Removes what has run out: sessions, idempotency keys, failed sign-ins. */
static void sweep(struct audit *audit)
{
    struct service *service = audit->options.service;
    struct ctx ctx;
    struct span *root;
    struct err err = {0};

    if (!clock_has_passed(audit->sweep_ns)) {
        return;
    }
    audit->sweep_ns = clock_after_ms(SWEEP_MS);
    ctx_init_background(&ctx, &audit->arena, service->tracer, service->traits->module, "BG sweep",
                        UNIT_MS);
    root = span_begin(&ctx, ctx.action, SPAN_INTERNAL);
    if (!db_write(&ctx, audit->options.pool, sweep_rows, NULL, &err)) {
        span_fail(root, &err);
        log_err(LOG_WARNING, ctx.trace.trace_id, "sweep failed", &err);
    }
    span_end(&ctx, root);
    arena_reset(&audit->arena);
}

/* Until a group is full, the oldest row has waited long enough, or somebody wakes the writer. */
static void wait_for_work_locked(struct audit *audit) REQUIRES(audit->lock)
{
    bool is_in_time = true;

    while (is_in_time && !audit->is_stopping && !audit->is_woken &&
           audit->filling->count < GROUP_ROWS) {
        uint64_t until_ns = audit->filling->count > 0 ? audit->first_ns + GROUP_MS * CLOCK_NS_PER_MS
                                                      : audit->sweep_ns;

        is_in_time = cond_wait_until(&audit->wake, &audit->lock, until_ns);
    }
    audit->is_woken = false;
}

static void run_writer(void *arg)
{
    struct audit *audit = arg;
    bool is_stopping = false;

    while (!is_stopping) {
        struct half *half;

        mutex_lock(&audit->lock);
        wait_for_work_locked(audit);
        half = audit->filling;
        audit->filling = half == &audit->halves[0] ? &audit->halves[1] : &audit->halves[0];
        audit->being_written = half->count;
        is_stopping = audit->is_stopping;
        mutex_unlock(&audit->lock);

        write_half(audit, half);
        half->count = 0;
        half->text_used = 0;
        security_flush(audit->options.service->security);
        if (!is_stopping) {
            sweep(audit);
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

struct audit *audit_new(const struct audit_options *options)
{
    struct audit *audit = mem_alloc(sizeof(*audit));
    struct metrics *metrics = options->service->metrics;
    size_t reserve = options->in_flight_max;

    assert(reserve < RECORDS_MAX / 2);
    audit->options = *options;
    audit->records_limit = RECORDS_MAX - reserve;
    audit->text_limit = (size_t)RECORDS_MAX * TEXT_EACH;
    audit->text_size = audit->text_limit + reserve * TEXT_LONGEST;
    for (size_t i = 0; i < 2; i++) {
        audit->halves[i].records = mem_alloc(RECORDS_MAX * sizeof(*audit->halves[i].records));
        audit->halves[i].text = mem_alloc(audit->text_size);
    }
    audit->filling = &audit->halves[0];
    mutex_init(&audit->lock);
    cond_init(&audit->wake);
    arena_init(&audit->arena);
    audit->sweep_ns = clock_after_ms(SWEEP_MS);
    audit->written = metrics_counter(metrics, "audit_rows", "", "Audit rows written by the queue.");
    audit->lost = metrics_counter(metrics, "audit_rows_lost", "", "Audit rows that were lost.");
    audit->refused = metrics_counter(metrics, "audit_refused", "",
                                     "Requests that were refused because the queue was full.");
    metrics_gauge(metrics, "audit_queue_length", "", "Audit rows that wait.", read_length, audit);
    thread_start(&audit->writer, "audit", run_writer, audit);
    return audit;
}

void audit_free(struct audit *audit)
{
    if (audit == NULL) {
        return;
    }
    mutex_lock(&audit->lock);
    audit->is_stopping = true;
    cond_signal(&audit->wake);
    mutex_unlock(&audit->lock);
    thread_join(&audit->writer);
    for (size_t i = 0; i < 2; i++) {
        free(audit->halves[i].records);
        free(audit->halves[i].text);
    }
    arena_fini(&audit->arena);
    cond_fini(&audit->wake);
    mutex_fini(&audit->lock);
    free(audit);
}

/* ---- requests ---- */

struct note {
    const char *action;
    const char *resource;
    const char *details;
};

void audit_note(struct request *rq, const char *action, const char *resource, const char *details)
{
    struct note *note = rq->service_data;

    if (note == NULL) {
        note = arena_alloc(rq->ctx.arena, sizeof(*note));
        rq->service_data = note;
    }
    *note = (struct note){action, resource, details};
}

struct audit_entry audit_entry_of(const struct request *rq)
{
    static const char *const METHODS[HTTP_METHOD_COUNT] = {
        [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"};
    const struct note *note = rq->service_data;
    struct audit_entry entry = {.user_id = rq->ctx.caller.user_id,
                                .username = rq->ctx.caller.username,
                                .method = METHODS[rq->method],
                                .route = rq->route != NULL ? rq->route->template : "(no route)",
                                .trace_id = rq->ctx.trace.trace_id,
                                .ip = rq->ctx.client_ip,
                                .user_agent = rq->ctx.user_agent};

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
    struct audit_entry entry;

    if (audit == NULL || rq->is_audited ||
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

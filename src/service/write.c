#include "service/write.h"

#include <string.h>

#include "core/digest.h"
#include "core/text.h"
#include "http/negotiate.h"
#include "service/audit.h"
#include "service/auth.h"
#include "service/service.h"
#include "service/stored.h"
#include "sql_core.h"

/* One call of service_write. The request and the reply belong to its thread, which waits while the
 * unit of work runs. */
struct write_job {
    struct request *rq;
    struct reply *rp;
    db_work *work;
    void *arg;
    const char *key; /* NULL: the request has none */
    const char *scope;
    bool is_replay; /* the reply is what its first request got */
    char hash[DIGEST_SHA256_HEX_MAX];
};

/* What the digest begins with: nothing, or the services' key where a body has a password, which
 * somebody who reads the table could else guess at by digests that cost nothing. */
static size_t secret_size(const struct request *rq)
{
    return (rq->route->flags & ROUTE_SIGNS_IN) != 0 ? DIGEST_SHA256_SIZE : 0;
}

/* The same request sent again has the same path, query and body. NULs part them, and a query begins
 * with its mark, as no JSON does. */
static void hash_request(const struct request *rq, char out[DIGEST_SHA256_HEX_MAX])
{
    const size_t secret = secret_size(rq);
    const size_t path_size = strlen(rq->path) + 1;
    const size_t query_size = rq->query_length > 0 ? 1 + rq->query_length + 1 : 0;
    const size_t size = secret + path_size + query_size + rq->body_length;
    char *all = arena_alloc(rq->ctx.arena, size);
    char *at = all;

    if (secret > 0) {
        memcpy(at, auth_secret(service_of(rq)), secret);
        at += secret;
    }
    memcpy(at, rq->path, path_size);
    at += path_size;
    if (query_size > 0) {
        at[0] = '?';
        memcpy(at + 1, rq->query, rq->query_length);
        at[query_size - 1] = '\0';
        at += query_size;
    }
    if (rq->body_length > 0) {
        memcpy(at, rq->body_text, rq->body_length);
    }
    digest_sha256_hex(all, size, out);
    explicit_bzero(all, secret);
}

/* Where nobody is known, only who sends the very same request may have its answer; for all others
 * the key is still free. */
static const char *owner_of(const struct request *rq, const char *hash)
{
    const struct request_note *note = rq->service_data;

    if (rq->ctx.caller.username != NULL) {
        return rq->ctx.caller.username;
    }
    return note != NULL && note->key_owner != NULL
               ? note->key_owner
               : arena_printf(rq->ctx.arena, "request:%s", hash);
}

static bool prepare(struct write_job *job, struct err *err)
{
    struct request *rq = job->rq;

    job->key = request_field(rq, FIELD_IDEMPOTENCY_KEY);
    if (job->key == NULL) {
        return true;
    }
    if (!is_request_token(job->key, IDEMPOTENCY_KEY_MOST) ||
        strlen(job->key) < IDEMPOTENCY_KEY_LEAST) {
        return err_field(err, ERR_INVALID, field_name(FIELD_IDEMPOTENCY_KEY),
                         "must be %d to %d letters, digits, dots, underscores, colons or hyphens",
                         IDEMPOTENCY_KEY_LEAST, IDEMPOTENCY_KEY_MOST);
    }
    hash_request(rq, job->hash);
    job->scope = arena_printf(rq->ctx.arena, "%s %s", owner_of(rq, job->hash), rq->ctx.action);
    return true;
}

static bool replay(struct write_job *job, const struct sql_idempotency_load_row *row,
                   struct err *err)
{
    if (strcmp(row->request_hash, job->hash) != 0) {
        return err_field(err, ERR_INVALID, field_name(FIELD_IDEMPOTENCY_KEY),
                         "already used for another request");
    }
    if (row->status_code_is_null) {
        return err_field(err, ERR_CONFLICT, field_name(FIELD_IDEMPOTENCY_KEY),
                         "its first request is still under way");
    }
    reply_empty(job->rp);
    job->rp->status = (int)row->status_code;
    job->rp->content_type = row->content_type;
    buf_add_text(&job->rp->body, row->body);
    job->is_replay = true;
    return true;
}

/* Takes the key, or replays what it stands for and sets *ret_is_done. */
static bool claim_key(struct ctx *ctx, struct db_session *session, struct write_job *job,
                      bool *ret_is_done, struct err *err)
{
    struct sql_idempotency_load_row row;
    int64_t claimed;

    (void)ctx;
    *ret_is_done = false;
    if (!sql_idempotency_claim_count(session, job->scope, job->key, job->hash, KEY_LIFE_S, &claimed,
                                     err)) {
        return false;
    }
    if (claimed > 0) {
        return true;
    }
    switch (sql_idempotency_load(session, job->scope, job->key, &row, err)) {
    case DB_FAILED:
        return false;
    case DB_NO_ROW: /* swept between the two statements: the next run takes it */
        return err_set(err, ERR_SERIALIZATION, "the key has just been removed");
    case DB_ROW:
        break;
    }
    if (row.is_expired) {
        return sql_idempotency_renew(session, job->scope, job->key, job->hash, KEY_LIFE_S, err);
    }
    *ret_is_done = true;
    return replay(job, &row, err);
}

/* What has happened is found by its trace: such rows have no status (see the table's index). */
static bool add_audit_row(struct db_session *session, struct write_job *job, struct err *err)
{
    struct audit_entry entry = audit_entry_of(job->rq);
    const char *action = entry.action != NULL ? entry.action : job->rq->ctx.action;
    struct arena *arena = job->rq->ctx.arena;

    return sql_audit_insert(
        session, entry.user_id != 0 ? &entry.user_id : NULL,
        text_cut(arena, entry.username, AUDIT_USERNAME_BYTES),
        text_cut(arena, action, AUDIT_ACTION_BYTES),
        text_cut(arena, entry.resource, AUDIT_RESOURCE_BYTES), entry.details, entry.method,
        entry.route, NULL, NULL, text_cut(arena, entry.ip, AUDIT_IP_BYTES),
        text_cut(arena, entry.user_agent, AUDIT_AGENT_BYTES), entry.trace_id, db_now(session), err);
}

static bool run_job(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct write_job *job = arg;
    struct reply *rp = job->rp;
    bool is_done = false;

    job->is_replay = false;
    if (job->key != NULL && !claim_key(ctx, session, job, &is_done, err)) {
        return false;
    }
    if (is_done) {
        return true;
    }
    reply_empty(rp); /* the unit may run more than once */
    if (!job->work(ctx, session, job->arg, err) || !add_audit_row(session, job, err)) {
        return false;
    }
    return job->key == NULL ||
           sql_idempotency_keep(session, job->scope, job->key, rp->status,
                                rp->body.data != NULL ? rp->body.data : "", rp->content_type, err);
}

void service_key_owner(struct request *rq, const char *owner)
{
    request_note(rq)->key_owner = owner;
}

static void tell_replay(const struct write_job *job)
{
    request_note(job->rq)->was_replayed = true;
    reply_header(job->rp, "Idempotency-Replayed", "true");
}

bool service_replay(struct request *rq, struct reply *rp, struct db_pool *pool, bool *ret_is_done,
                    struct err *err)
{
    struct write_job job = {.rq = rq, .rp = rp};
    struct sql_idempotency_load_row row;
    struct db_session *session = NULL;
    enum db_step step;

    *ret_is_done = false;
    if (!prepare(&job, err)) {
        return false;
    }
    if (job.key == NULL) {
        return true;
    }
    if (!db_checkout(&rq->ctx, pool, &session, err)) {
        return false;
    }
    step = sql_idempotency_load(session, job.scope, job.key, &row, err);
    db_checkin(session);
    if (step != DB_ROW || row.is_expired) {
        return step != DB_FAILED;
    }
    if (!replay(&job, &row, err)) {
        return false;
    }
    tell_replay(&job);
    *ret_is_done = true;
    return true;
}

bool service_write(struct request *rq, struct reply *rp, struct db_pool *pool, db_work *work,
                   void *arg, struct err *err)
{
    struct write_job job = {.rq = rq, .rp = rp, .work = work, .arg = arg};

    if (!prepare(&job, err)) {
        return false;
    }
    if (!db_write(&rq->ctx, pool, run_job, &job, err)) {
        if (!ctx_has_left(&rq->ctx)) {
            stored_note(service_of(rq), false, err);
        }
        return false;
    }
    if (job.is_replay) {
        tell_replay(&job);
        return true;
    }
    request_note(rq)->is_audited = true;
    stored_note(service_of(rq), true, NULL);
    return true;
}

bool service_was_replayed(const struct request *rq)
{
    const struct request_note *note = rq->service_data;

    return note != NULL && note->was_replayed;
}

/*
 * The pipeline of a PostgreSQL connection: what is sent, what is awaited, what the server knows.
 * Nothing here blocks but pg_settle and pg_finish_outside, and these end by their deadline: then
 * the server is asked to cancel, and a connection that does not answer that either is given up.
 */
#include <errno.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"

#include "db/postgres/postgres_priv.h"

enum {
    CANCEL_GRACE_MS = 1000, /* how long a cancelled statement may take to end */
    QUEUE_ROOM_FIRST = 16,
};

bool pg_lost(struct db_conn *conn, struct err *err)
{
    conn->is_lost = true;
    return pg_lost_err(err, conn->host,
                       conn->last_words[0] != '\0' ? conn->last_words : PQerrorMessage(conn->pg));
}

/* For the record, once. */
static void tell(struct sent *sent, enum db_answer answer, const struct err *err)
{
    db_execution_answered(sent->asker.execution, answer, err);
    sent->asker.execution = NULL;
}

/* What is not answered by now never will be. */
static void executions_end(struct db_conn *conn)
{
    for (size_t i = conn->queue_at; i < conn->queue_end; i++) {
        struct sent *sent = &conn->queue[i];

        tell(sent,
             conn->is_ended               ? DB_ANSWER_SKIPPED
             : sent->kind == SENT_PREPARE ? DB_ANSWER_READY
                                          : DB_ANSWER_NONE,
             NULL);
    }
}

void pg_forget(struct db_conn *conn)
{
    executions_end(conn);
    while (conn->all_prepared != NULL) {
        struct prepared *prepared = conn->all_prepared;

        conn->all_prepared = prepared->next;
        free(prepared);
    }
    statement_cache_fini(&conn->prepared);
    free(conn->queue);
    PQclear(conn->counted.rows);
}

/* --- what the server knows --- */

static struct prepared *namesake_find(const struct db_conn *conn, const char *name)
{
    struct prepared *known = conn->all_prepared;

    while (known != NULL && strcmp(known->statement->name, name) != 0) {
        known = known->next;
    }
    return known;
}

/* Several catalogues hold the core statements: the same name and text is the same statement. */
static struct prepared *prepared_new(struct db_conn *conn, const struct db_statement *statement,
                                     struct err *err)
{
    const char *text = statement->variants[DB_POSTGRES].text;
    struct prepared *prepared = namesake_find(conn, statement->name);

    if (text == NULL) {
        (void)err_set(err, ERR_INTERNAL, "no text for PostgreSQL");
        return NULL;
    }
    if (prepared != NULL && strcmp(prepared->statement->variants[DB_POSTGRES].text, text) != 0) {
        (void)err_set(err, ERR_INTERNAL, "another statement has the same name");
        return NULL;
    }
    if (prepared == NULL) {
        prepared = mem_alloc(sizeof(*prepared));
        prepared->statement = statement;
        prepared->next = conn->all_prepared;
        conn->all_prepared = prepared;
    }
    statement_cache_add(&conn->prepared, statement, prepared);
    return prepared;
}

static struct prepared *prepared_find(struct db_conn *conn, const struct db_statement *statement,
                                      struct err *err)
{
    struct prepared *prepared = statement_cache_find(&conn->prepared, statement);

    return prepared != NULL ? prepared : prepared_new(conn, statement, err);
}

/* --- sending --- */

static void queue_push(struct db_conn *conn, enum sent_kind kind, struct prepared *prepared,
                       struct pg_asker asker)
{
    if (conn->queue_end == conn->queue_room) {
        conn->queue_room = conn->queue_room > 0 ? conn->queue_room * 2 : QUEUE_ROOM_FIRST;
        conn->queue = mem_realloc(conn->queue, conn->queue_room * sizeof(*conn->queue));
    }
    conn->queue[conn->queue_end++] =
        (struct sent){.kind = kind, .prepared = prepared, .asker = asker};
    conn->is_segment_open = kind != SENT_SYNC;
    db_execution_sent(asker.execution);
}

static bool prepare(struct db_conn *conn, struct prepared *prepared, struct pg_asker asker,
                    struct err *err)
{
    const struct db_statement *statement = prepared->statement;
    unsigned types[PG_PARAMS_MAX];

    for (size_t i = 0; i < statement->param_count; i++) {
        types[i] = pg_param_type(statement, i);
    }
    if (PQsendPrepare(conn->pg, statement->name, statement->variants[DB_POSTGRES].text,
                      statement->param_count, types) == 0) {
        return pg_lost(conn, err);
    }
    queue_push(conn, SENT_PREPARE, prepared, asker);
    prepared->state = PREPARED_SENT;
    prepared->segment = conn->segment;
    return true;
}

/* Whether the server knows it may have been decided in a segment that is not read yet. */
static bool is_doubtful(const struct db_conn *conn, const struct prepared *prepared)
{
    return prepared->state == PREPARED_SENT && prepared->segment != conn->segment;
}

bool pg_clear_doubt(struct db_conn *conn, const struct db_statement *statement, struct err *err)
{
    const struct prepared *prepared = prepared_find(conn, statement, err);

    return prepared != NULL &&
           (!is_doubtful(conn, prepared) || pg_settle(conn, conn->deadline_ns, err));
}

static bool send_encoded(struct db_conn *conn, struct prepared *prepared,
                         const struct pg_encoded *encoded, struct pg_asker asker, struct err *err)
{
    const struct db_statement *statement = prepared->statement;

    if (conn->is_lost) {
        return pg_lost(conn, err);
    }
    if (is_doubtful(conn, prepared) && !pg_settle(conn, conn->deadline_ns, err)) {
        return false;
    }
    if (prepared->state == PREPARED_NOT && !prepare(conn, prepared, asker, err)) {
        return false;
    }
    if (PQsendQueryPrepared(conn->pg, statement->name, statement->variants[DB_POSTGRES].bind_count,
                            encoded->values, encoded->lengths, encoded->formats, 1) == 0) {
        return pg_lost(conn, err);
    }
    queue_push(conn, SENT_EXECUTE, prepared, asker);
    return true;
}

bool pg_send(struct db_conn *conn, const struct db_statement *statement,
             const struct db_value *values, struct pg_asker asker, struct err *err)
{
    struct prepared *prepared = prepared_find(conn, statement, err);
    struct pg_encoded encoded;

    return prepared != NULL && pg_encode(statement, values, &encoded, err) &&
           send_encoded(conn, prepared, &encoded, asker, err);
}

bool pg_send_batch(struct db_conn *conn, const struct db_statement *statement,
                   const struct db_value *values, size_t rows, struct pg_asker asker,
                   struct err *err)
{
    struct prepared *prepared = prepared_find(conn, statement, err);
    struct pg_encoded encoded;
    struct buf arrays = {.data = NULL};
    bool ok = prepared != NULL &&
              pg_encode_batch(statement, values, rows, &arrays, &encoded, err) &&
              send_encoded(conn, prepared, &encoded, asker, err);

    buf_fini(&arrays);
    return ok;
}

bool pg_sync(struct db_conn *conn, struct err *err)
{
    if (conn->is_lost || PQpipelineSync(conn->pg) == 0) {
        return pg_lost(conn, err);
    }
    queue_push(conn, SENT_SYNC, NULL, (struct pg_asker){.answer = NULL});
    conn->segment++;
    conn->are_tags_sent &= conn->in_transaction; /* a sync ends a transaction nobody began */
    return true;
}

void pg_silence(struct db_conn *conn)
{
    for (size_t i = conn->queue_at; i < conn->queue_end; i++) {
        conn->queue[i].is_silent = true;
        conn->queue[i].asker.answer = NULL;
        db_execution_left(conn->queue[i].asker.execution);
    }
    conn->deferred = 0;
}

/* --- waiting --- */

/* Reads what has come. libpq asks for 8 KB at least at a time; servers from 17 on send records of
 * 16 KB, and of what is decrypted and left no poll would tell. */
static bool consume(struct db_conn *conn)
{
    const SSL *tls = PQsslStruct(conn->pg, "OpenSSL");
    bool ok;

    do {
        ok = PQconsumeInput(conn->pg) != 0;
    } while (ok && tls != NULL && SSL_pending(tls) > 0);
    return ok;
}

/* Is there something to consume, the end of the connection too? */
static bool has_come(const struct db_conn *conn)
{
    char first;

    return recv(PQsocket(conn->pg), &first, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EINTR);
}

/* One wait on one connection; it has three ends: an answer, the deadline, the bell. */
struct wait {
    uint64_t deadline_ns;
    struct canceller *canceller; /* NULL until the statement is cancelled */
};

/* A request to cancel that is still under way could hit whatever comes next. */
static void wait_end(struct db_conn *conn, const struct wait *wait)
{
    if (wait->canceller != NULL && !pg_cancel_finish(wait->canceller, wait->deadline_ns)) {
        conn->is_lost = true;
    }
}

/* The statement was to end by now, or is cancelled. */
static bool wait_on_after_cancel(struct db_conn *conn, struct wait *wait, bool is_late,
                                 struct err *err)
{
    if (wait->canceller != NULL && is_late) {
        conn->is_lost = true;
        return err_set(err, ERR_DEADLINE, "%s does not answer, the connection is given up",
                       conn->host);
    }
    if (wait->canceller == NULL) {
        wait->canceller = pg_cancel_start(conn);
        wait->deadline_ns = clock_after_ms(CANCEL_GRACE_MS);
    }
    return true;
}

static bool wait_more(struct db_conn *conn, struct wait *wait, struct err *err)
{
    const short events = PQflush(conn->pg) > 0 ? POLLIN | POLLOUT : POLLIN;

    switch (bell_wait(&conn->bell, PQsocket(conn->pg), events, wait->deadline_ns)) {
    case BELL_SOCKET:
        return consume(conn) || PQisBusy(conn->pg) == 0 || pg_lost(conn, err);
    case BELL_RUNG:
        return wait_on_after_cancel(conn, wait, false, err);
    case BELL_LATE:
        return wait_on_after_cancel(conn, wait, true, err);
    case BELL_NOTHING:
        break;
    }
    return true;
}

/* --- answers --- */

/* What a statement failed with. Its plan or the statement itself may not be what this session
 * prepared: a new one prepares anew. */
static void failure_of(const struct db_conn *conn, const struct sent *sent, const PGresult *result,
                       struct err *err)
{
    pg_result_err(err, conn, result);
    if (sent->kind == SENT_EXECUTE && strcmp(err->sqlstate, "0A000") == 0) {
        err->code = ERR_CONNECTION_LOST;
    }
}

static void take_last_words(struct db_conn *conn, const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (severity != NULL && strcmp(severity, "FATAL") == 0) {
        conn->is_ended = true;
        snprintf(conn->last_words, sizeof(conn->last_words), "%s",
                 PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    }
}

/* The end of a session comes as an answer to the first statement that has none, also when the
 * server had not begun with it; what stands behind it is not run. */
static void tell_failure(struct db_conn *conn, struct sent *sent, const PGresult *result,
                         const struct err *why)
{
    const bool was_ended = conn->is_ended;

    take_last_words(conn, result);
    if (was_ended || PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
        tell(sent, DB_ANSWER_SKIPPED, NULL);
    } else if (conn->is_ended || why->sqlstate[0] == '\0') {
        tell(sent, DB_ANSWER_NONE, why);
    } else {
        tell(sent, DB_ANSWER_FAILED, why);
    }
}

static void answer_failed(struct db_conn *conn, const struct sent *sent, const struct err *why,
                          bool *ok, struct err *err)
{
    const bool is_end = conn->is_ended || why->sqlstate[0] == '\0'; /* of the session: nobody's */

    /* Skipped ones follow one that failed, which is the one to tell. */
    if (sent->is_silent || !*ok) {
        return;
    }
    *ok = false;
    conn->has_failed = true;
    *err = *why;
    /* What fails between the last answer and the sync has no statement. */
    if (sent->prepared != NULL &&
        (sent->asker.answer == NULL || sent->asker.answer != conn->awaited)) {
        if (!is_end) {
            err_wrap(err, "%s", sent->prepared->statement->name);
            err->is_named = true;
        }
        err->is_companions = true;
    }
}

static void failure_take(struct db_conn *conn, struct sent *sent, const PGresult *result, bool *ok,
                         struct err *err)
{
    struct err why = {.code = ERR_NONE};

    failure_of(conn, sent, result, &why);
    tell_failure(conn, sent, result, &why);
    answer_failed(conn, sent, &why, ok, err);
}

static int64_t rows_of(PGresult *result)
{
    int64_t count = 0;

    (void)text_to_int64(PQcmdTuples(result), &count);
    return count;
}

/* For the record. */
static void count_rows(const struct sent *sent, PGresult *result)
{
    if (sent->kind == SENT_EXECUTE && sent->asker.execution != NULL) {
        db_execution_counted(sent->asker.execution, rows_of(result));
    }
}

static void rows_take(struct pg_answer *answer, PGresult *result)
{
    answer->changes += rows_of(result);
    answer->is_here = true;
    PQclear(answer->rows);
    answer->rows = result;
}

static void answer_take(struct db_conn *conn, struct sent *sent, PGresult *result, bool *ok,
                        struct err *err)
{
    ExecStatusType status = PQresultStatus(result);
    bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    if (sent->kind == SENT_PREPARE) {
        sent->prepared->state = is_good ? PREPARED_DONE : PREPARED_NOT;
    }
    if (!is_good && status != PGRES_PIPELINE_SYNC) {
        failure_take(conn, sent, result, ok, err);
    } else {
        count_rows(sent, result);
        tell(sent, sent->kind == SENT_EXECUTE ? DB_ANSWER_RAN : DB_ANSWER_READY, NULL);
    }
    if (is_good && sent->kind == SENT_EXECUTE && sent->asker.answer != NULL) {
        rows_take(sent->asker.answer, result);
    } else {
        PQclear(result);
    }
}

/* Takes what can be taken without waiting. A message ends with a NULL result, a sync is one. False
 * when the connection is lost. */
static bool answers_take(struct db_conn *conn, bool *ok, struct err *err)
{
    while (conn->queue_at < conn->queue_end && PQisBusy(conn->pg) == 0) {
        struct sent *sent = &conn->queue[conn->queue_at];
        PGresult *result = PQgetResult(conn->pg);

        if (result != NULL) {
            answer_take(conn, sent, result, ok, err);
        }
        if (PQstatus(conn->pg) == CONNECTION_BAD) {
            conn->is_lost = true;
            return (*ok || err->code != ERR_CONNECTION_LOST) && pg_lost(conn, err);
        }
        if (result == NULL || sent->kind == SENT_SYNC) {
            conn->queue_at++;
        }
    }
    if (conn->queue_at == conn->queue_end) {
        conn->queue_at = conn->queue_end = 0;
        conn->deferred = 0;
    }
    return true;
}

/* One round trip. */
static bool settle(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    struct wait wait = {.deadline_ns = deadline_ns};
    bool ok = true;
    bool goes_on;

    if (conn->is_lost) {
        return pg_lost(conn, err);
    }
    if (conn->queue_at == conn->queue_end) {
        return true;
    }
    bell_silence(&conn->bell); /* meant for what ran before */
    conn->deadline_ns = deadline_ns;
    if (conn->is_segment_open && !pg_sync(conn, err)) {
        return false;
    }
    conn->round_trips++;
    do {
        goes_on = answers_take(conn, &ok, err);
    } while (goes_on && conn->queue_at < conn->queue_end &&
             (goes_on = wait_more(conn, &wait, err)));
    wait_end(conn, &wait);
    return ok && goes_on;
}

bool pg_settle(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    conn->awaited = NULL;
    if (settle(conn, deadline_ns, err)) {
        return true;
    }
    err->is_companions = true;
    return false;
}

bool pg_await(struct db_conn *conn, const struct pg_answer *answer, uint64_t deadline_ns,
              struct err *err)
{
    conn->awaited = answer;
    if (answer->is_here) {
        return true;
    }
    if (!settle(conn, deadline_ns, err)) {
        if (answer->is_here && (conn->is_lost || conn->is_ended)) {
            err->is_companions = true; /* it is lost with what came behind */
        }
        return false;
    }
    return answer->is_here || err_set(err, ERR_UNAVAILABLE, "undone before it was read");
}

void pg_drop(struct db_conn *conn, struct pg_answer *answer)
{
    for (size_t i = conn->queue_at; i < conn->queue_end; i++) {
        if (conn->queue[i].asker.answer == answer) {
            conn->queue[i].asker.answer = NULL;
        }
    }
    PQclear(answer->rows);
    *answer = (struct pg_answer){.rows = NULL};
}

bool pg_look(struct db_conn *conn, struct err *err)
{
    bool ok = true;

    /* The second look sees the end of a connection whose last words the first one read. */
    for (int i = 0; i < 2 && !conn->is_lost && has_come(conn); i++) {
        if (!consume(conn)) {
            return pg_lost(conn, err);
        }
        if (!answers_take(conn, &ok, err)) {
            return false;
        }
    }
    return !conn->is_lost || pg_lost(conn, err);
}

void pg_drain(struct db_conn *conn)
{
    struct err ignored;
    bool ok = true;

    while (!conn->is_lost && conn->queue_at < conn->queue_end && has_come(conn)) {
        if (!consume(conn) || !answers_take(conn, &ok, &ignored)) {
            break;
        }
    }
}

/* --- pipelines --- */

enum db_batch_state pg_pipeline_send(struct db_conn *conn)
{
    struct err ignored;

    conn->awaited = NULL;
    if (conn->is_segment_open && !pg_sync(conn, &ignored)) {
        return DB_BATCH_LOST;
    }
    if (conn->queue_at == conn->queue_end) {
        return DB_BATCH_ANSWERED; /* of all that was asked nothing could be sent */
    }
    return PQflush(conn->pg) > 0 ? DB_BATCH_SENDING : DB_BATCH_SENT;
}

/* Answers are kept whatever becomes of the others; only a connection that ended is told. */
enum db_batch_state pg_pipeline_receive(struct db_conn *conn)
{
    struct err err = {.code = ERR_NONE};
    bool ok = true;
    int unsent;

    if (conn->queue_at == conn->queue_end) {
        return conn->is_lost ? DB_BATCH_LOST : DB_BATCH_ANSWERED;
    }
    unsent = PQflush(conn->pg);
    if (unsent < 0 || !consume(conn) || !answers_take(conn, &ok, &err) ||
        err.code == ERR_CONNECTION_LOST) {
        conn->is_lost = true;
        return DB_BATCH_LOST;
    }
    if (conn->queue_at == conn->queue_end) {
        return DB_BATCH_ANSWERED;
    }
    return unsent > 0 ? DB_BATCH_SENDING : DB_BATCH_SENT;
}

/* --- outside of the pipeline --- */

bool pg_leave_pipeline(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    return pg_settle(conn, deadline_ns, err) &&
           (PQexitPipelineMode(conn->pg) != 0 || pg_lost(conn, err));
}

bool pg_finish_outside(struct db_conn *conn, bool is_sent, uint64_t deadline_ns,
                       pg_on_result *on_result, void *arg, struct err *err)
{
    struct wait wait = {.deadline_ns = deadline_ns};
    PGresult *result;
    bool ok = true;

    if (!is_sent) {
        return pg_lost(conn, err);
    }
    conn->round_trips++;
    do {
        while (PQisBusy(conn->pg) != 0 && wait_more(conn, &wait, err)) {
        }
        if (conn->is_lost) {
            break;
        }
        result = PQgetResult(conn->pg);
        if (ok && result != NULL && PQresultStatus(result) == PGRES_FATAL_ERROR) {
            ok = pg_result_err(err, conn, result);
        } else if (result != NULL && on_result != NULL) {
            on_result(arg, result);
        }
        PQclear(result);
    } while (result != NULL && PQstatus(conn->pg) == CONNECTION_OK);
    wait_end(conn, &wait);
    if (conn->is_lost) {
        return false;
    }
    if (PQenterPipelineMode(conn->pg) == 0) {
        return ok ? pg_lost(conn, err) : false;
    }
    return ok;
}

bool pg_script(struct db_conn *conn, const char *text, uint64_t deadline_ns, struct err *err)
{
    return pg_leave_pipeline(conn, deadline_ns, err) &&
           pg_finish_outside(conn, PQsendQuery(conn->pg, text) != 0, deadline_ns, NULL, NULL, err);
}

/* A backend for tests, see fake_backend.h. */
#include "tests/support/fake_backend.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/thread.h"

struct db_conn {
    struct db_conn *inner; /* NULL when the fake stands alone */
    struct db_tags tags;
    int64_t number;
    unsigned savepoints; /* open ones */

    int descriptor;    /* of one with pipelines; else 0 */
    bool has_asked;    /* since the last batch left */
    unsigned sent;     /* batches */
    unsigned answered; /* of these */
};

struct db_result {
    struct db_result *inner;
    const struct db_statement *statement;
    size_t rows_left;
    const struct db_conn *conn;
    unsigned batch; /* it leaves with, counted from 1 */
};

struct script {
    size_t skip;
    size_t times;
    enum err_code code;
    size_t count;
};

static struct mutex lock = {.raw = PTHREAD_MUTEX_INITIALIZER};
/* All under the lock but `inner` and `dialect`, which are set before any connection is open. */
static const struct db_backend *inner;
static struct script scripts[FAKE_CALLS];
static struct fake_record *records;
static size_t record_count;
static size_t record_room;
static size_t rows_given = 1;
static int64_t connections;
static enum db_dialect dialect;
static enum db_outcome commit_failure;
static unsigned deepest_savepoint;
static enum db_batch_state send_as;
static enum db_batch_state receive_as;

/* Counts the call; false when the script lets it fail. */
static bool called(enum fake_call call, struct err *err)
{
    struct script *script = &scripts[call];
    enum err_code code = ERR_NONE;

    mutex_lock(&lock);
    script->count++;
    if (script->times > 0 && script->skip > 0) {
        script->skip--;
    } else if (script->times > 0) {
        script->times--;
        code = script->code;
    }
    mutex_unlock(&lock);
    return code == ERR_NONE || err_set(err, code, "fake failure of call %d", (int)call);
}

static void record(const struct db_conn *conn, const struct db_statement *statement,
                   const struct db_value *values)
{
    const struct db_variant *variant = &statement->variants[dialect];
    struct fake_record entry = {
        .statement = statement, .tags = conn->tags, .connection = conn->number};

    for (size_t i = 0; i < variant->bind_count && entry.now_us == 0; i++) {
        if (values[i].type == DB_NOW) {
            entry.now_us = values[i].i;
        }
    }
    mutex_lock(&lock);
    if (record_count == record_room) {
        record_room = record_room * 2 + 64;
        records = mem_realloc(records, record_room * sizeof(*records));
    }
    records[record_count++] = entry;
    mutex_unlock(&lock);
}

/* --- the table --- */

static void version(const struct db_conn *conn, char out[DB_VERSION_SIZE])
{
    (void)conn;
    (void)snprintf(out, DB_VERSION_SIZE, "fake 1");
}

static void no_status_code(const struct err *err, char out[DB_STATUS_CODE_SIZE])
{
    (void)err;
    out[0] = '\0';
}

static bool fake_open(const struct db_options *options, enum db_conn_use use, struct db_conn **ret,
                      struct err *err)
{
    struct db_conn *conn;

    if (!called(FAKE_OPEN, err)) {
        return false;
    }
    conn = mem_alloc(sizeof(*conn));
    if (inner != NULL && !inner->open(options, use, &conn->inner, err)) {
        free(conn);
        return false;
    }
    mutex_lock(&lock);
    conn->number = ++connections;
    mutex_unlock(&lock);
    conn->descriptor = eventfd(0, EFD_CLOEXEC);
    *ret = conn;
    return true;
}

static void fake_close(struct db_conn *conn)
{
    struct err ignored;

    if (conn == NULL) {
        return;
    }
    called(FAKE_CLOSE, &ignored);
    if (inner != NULL) {
        inner->close(conn->inner);
    }
    close(conn->descriptor);
    free(conn);
}

static bool is_alive(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    return called(FAKE_IS_ALIVE, err) &&
           (inner == NULL || inner->is_alive(conn->inner, deadline_ns, err));
}

static bool set_tags(struct db_conn *conn, const struct db_tags *tags, struct err *err)
{
    conn->tags = *tags;
    return called(FAKE_SET_TAGS, err) && (inner == NULL || inner->set_tags(conn->inner, tags, err));
}

static bool fake_begin(struct db_conn *conn, enum db_begin mode, uint64_t deadline_ns,
                       struct err *err)
{
    conn->savepoints = 0;
    return called(FAKE_BEGIN, err) &&
           (inner == NULL || inner->begin(conn->inner, mode, deadline_ns, err));
}

static enum db_outcome fake_commit(struct db_conn *conn, uint64_t deadline_ns, struct err *err)
{
    enum db_outcome failure;

    mutex_lock(&lock);
    failure = commit_failure;
    mutex_unlock(&lock);
    if (!called(FAKE_COMMIT, err)) {
        return failure;
    }
    return inner != NULL ? inner->commit(conn->inner, deadline_ns, err) : DB_COMMITTED;
}

static void fake_rollback(struct db_conn *conn, uint64_t deadline_ns)
{
    struct err ignored;

    called(FAKE_ROLLBACK, &ignored);
    if (inner != NULL) {
        inner->rollback(conn->inner, deadline_ns);
    }
}

/* The savepoints of a transaction lie in each other and are numbered so. */
static void note_savepoint(struct db_conn *conn, unsigned open, unsigned open_now)
{
    assert(conn->savepoints == open);
    conn->savepoints = open_now;
    mutex_lock(&lock);
    deepest_savepoint = open_now > deepest_savepoint ? open_now : deepest_savepoint;
    mutex_unlock(&lock);
}

static bool savepoint(struct db_conn *conn, unsigned number, uint64_t deadline_ns, struct err *err)
{
    if (!called(FAKE_SAVEPOINT, err) ||
        (inner != NULL && !inner->savepoint(conn->inner, number, deadline_ns, err))) {
        return false;
    }
    note_savepoint(conn, number - 1, number);
    return true;
}

static bool savepoint_release(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                              struct err *err)
{
    if (!called(FAKE_SAVEPOINT_RELEASE, err) ||
        (inner != NULL && !inner->savepoint_release(conn->inner, number, deadline_ns, err))) {
        return false;
    }
    note_savepoint(conn, number, number - 1);
    return true;
}

static bool savepoint_rollback(struct db_conn *conn, unsigned number, uint64_t deadline_ns,
                               struct err *err)
{
    if (!called(FAKE_SAVEPOINT_ROLLBACK, err) ||
        (inner != NULL && !inner->savepoint_rollback(conn->inner, number, deadline_ns, err))) {
        return false;
    }
    note_savepoint(conn, number, number - 1);
    return true;
}

static bool fake_execute(struct db_conn *conn, const struct db_statement *statement,
                         const struct db_value *values, size_t rows, uint64_t deadline_ns,
                         int64_t *ret_changes, struct err *err)
{
    record(conn, statement, values);
    if (!called(FAKE_EXECUTE, err)) {
        return false;
    }
    if (inner != NULL) {
        return inner->execute(conn->inner, statement, values, rows, deadline_ns, ret_changes, err);
    }
    if (ret_changes != NULL) {
        *ret_changes = (int64_t)rows;
    }
    return true;
}

static bool fake_query(struct db_conn *conn, const struct db_statement *statement,
                       const struct db_value *values, size_t sets, uint64_t deadline_ns,
                       struct db_result **ret, struct err *err)
{
    struct db_result *result;

    record(conn, statement, values);
    if (!called(FAKE_QUERY, err)) {
        return false;
    }
    result = mem_alloc(sizeof(*result));
    if (inner != NULL &&
        !inner->query(conn->inner, statement, values, sets, deadline_ns, &result->inner, err)) {
        free(result);
        return false;
    }
    mutex_lock(&lock);
    result->rows_left = rows_given;
    mutex_unlock(&lock);
    result->statement = statement;
    result->conn = conn;
    result->batch = conn->sent + 1;
    conn->has_asked = true;
    *ret = result;
    return true;
}

static enum db_step fake_next(struct db_result *result, void *ret_row, struct err *err)
{
    if (!called(FAKE_NEXT, err)) {
        return DB_FAILED;
    }
    if (inner != NULL) {
        return inner->next(result->inner, ret_row, err);
    }
    if (result->rows_left == 0) {
        return DB_NO_ROW;
    }
    result->rows_left--;
    if (ret_row != NULL) {
        memset(ret_row, 0, result->statement->row_size);
    }
    return DB_ROW;
}

static void fake_finish(struct db_result *result)
{
    if (inner != NULL) {
        inner->finish(result->inner);
    }
    free(result);
}

/* --- pipelines --- */

static enum db_batch_state scripted(const enum db_batch_state *as)
{
    enum db_batch_state state;

    mutex_lock(&lock);
    state = *as;
    mutex_unlock(&lock);
    return state;
}

static enum db_batch_state pipeline_send(struct db_conn *conn)
{
    struct err ignored;

    (void)called(FAKE_PIPELINE_SEND, &ignored);
    if (!conn->has_asked) {
        return DB_BATCH_ANSWERED;
    }
    conn->has_asked = false;
    conn->sent++;
    return scripted(&send_as);
}

static enum db_batch_state pipeline_receive(struct db_conn *conn)
{
    enum db_batch_state state = DB_BATCH_ANSWERED;

    if (conn->answered < conn->sent) {
        state = scripted(&receive_as);
    }
    if (state == DB_BATCH_ANSWERED) {
        conn->answered = conn->sent;
    }
    return state;
}

static bool has_answer(const struct db_result *result)
{
    return result->batch <= result->conn->answered;
}

static int descriptor(const struct db_conn *conn)
{
    return conn->descriptor;
}

static void abandon(struct db_conn *conn)
{
    struct err ignored;

    (void)conn;
    (void)called(FAKE_ABANDON, &ignored);
}

static bool fake_run_script(struct db_conn *conn, const char *text, uint64_t deadline_ns,
                            struct err *err)
{
    return inner == NULL || inner->run_script(conn->inner, text, deadline_ns, err);
}

static unsigned take_round_trips(struct db_conn *conn)
{
    return inner != NULL ? inner->take_round_trips(conn->inner) : 1;
}

static void cancel(struct db_conn *conn)
{
    if (inner != NULL) {
        inner->cancel(conn->inner);
    }
}

static void tend(struct db_conn *conn)
{
    struct err ignored;

    (void)called(FAKE_TEND, &ignored);
    if (inner != NULL && inner->tend != NULL) {
        inner->tend(conn->inner);
    }
}

static struct db_backend table = {
    .name = "fake",
    .version = version,
    .open = fake_open,
    .close = fake_close,
    .is_alive = is_alive,
    .set_tags = set_tags,
    .begin = fake_begin,
    .commit = fake_commit,
    .rollback = fake_rollback,
    .savepoint = savepoint,
    .savepoint_release = savepoint_release,
    .savepoint_rollback = savepoint_rollback,
    .execute = fake_execute,
    .query = fake_query,
    .next = fake_next,
    .finish = fake_finish,
    .run_script = fake_run_script,
    .take_round_trips = take_round_trips,
    .cancel = cancel,
    .tend = tend,
};

const struct db_backend *fake_backend(const struct db_backend *around)
{
    mutex_lock(&lock);
    inner = around;
    dialect = around != NULL ? around->dialect : DB_SQLITE;
    table.dialect = dialect;
    table.tag_limits = around != NULL ? around->tag_limits
                                      : (struct db_tag_limits){DB_MODULE_BYTES, DB_ACTION_BYTES,
                                                               DB_CLIENT_IDENTIFIER_BYTES};
    table.owns = around != NULL ? around->owns : NULL;
    table.status_code = around != NULL ? around->status_code : no_status_code;
    table.capabilities = around != NULL ? around->capabilities : 0;
    memset(scripts, 0, sizeof(scripts));
    free(records);
    records = NULL;
    record_count = record_room = 0;
    rows_given = 1;
    connections = 0;
    commit_failure = DB_REFUSED;
    deepest_savepoint = 0;
    send_as = receive_as = DB_BATCH_SENT;
    table.pipeline_send = table.pipeline_receive = NULL;
    mutex_unlock(&lock);
    return &table;
}

/* --- script and record --- */

void fake_fail(enum fake_call call, size_t skip, size_t times, enum err_code code)
{
    mutex_lock(&lock);
    scripts[call].skip = skip;
    scripts[call].times = times;
    scripts[call].code = code;
    mutex_unlock(&lock);
}

void fake_commit_fails_as(enum db_outcome outcome)
{
    mutex_lock(&lock);
    commit_failure = outcome;
    mutex_unlock(&lock);
}

void fake_pipelines(void)
{
    table.pipeline_send = pipeline_send;
    table.pipeline_receive = pipeline_receive;
    table.has_answer = has_answer;
    table.descriptor = descriptor;
    table.abandon = abandon;
}

void fake_send_as(enum db_batch_state state)
{
    mutex_lock(&lock);
    send_as = state;
    mutex_unlock(&lock);
}

void fake_receive_as(enum db_batch_state state)
{
    mutex_lock(&lock);
    receive_as = state;
    mutex_unlock(&lock);
}

void fake_rows(size_t rows)
{
    mutex_lock(&lock);
    rows_given = rows;
    mutex_unlock(&lock);
}

unsigned fake_deepest_savepoint(void)
{
    unsigned deepest;

    mutex_lock(&lock);
    deepest = deepest_savepoint;
    mutex_unlock(&lock);
    return deepest;
}

size_t fake_count(enum fake_call call)
{
    size_t count;

    mutex_lock(&lock);
    count = scripts[call].count;
    mutex_unlock(&lock);
    return count;
}

size_t fake_records(struct fake_record *out, size_t most)
{
    size_t count;

    mutex_lock(&lock);
    count = record_count;
    if (count > 0 && most > 0) {
        memcpy(out, records, (count < most ? count : most) * sizeof(*out));
    }
    mutex_unlock(&lock);
    return count;
}

void fake_forget(void)
{
    mutex_lock(&lock);
    record_count = 0;
    mutex_unlock(&lock);
}

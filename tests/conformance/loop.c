/*
 * What a loop thread of the HTTP server runs of a handler that may be run again: reads, and never a
 * write, whatever the route's flags say.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/text.h"
#include "db/pipeline.h"
#include "http/server.h"
#include "tests/support/suite.h"

enum { ANSWER_MAX = 4096, COUNTER = 1 };

struct loop_test {
    struct db_fixture *f;
    struct server *server;
    struct metrics *metrics;
    char answer[ANSWER_MAX]; /* of the last request */
    /* Written before the reply is sent, read behind it. */
    int64_t begun_on_loop; /* handlers */
    int64_t begun_on_worker;
    pid_t work_thread; /* where the last unit of work ran */
};

/* --- handlers --- */

static struct loop_test *begin(struct request *rq)
{
    struct loop_test *test = rq->service;

    *(ctx_may_wait(&rq->ctx) ? &test->begun_on_worker : &test->begun_on_loop) += 1;
    return test;
}

static bool say_thread(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    json_put_int(&rp->json, NULL, gettid());
    return true;
}

static bool raise(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct loop_test *test = arg;

    (void)ctx;
    test->work_thread = gettid();
    return sql_counter_raise(session, COUNTER, err);
}

static bool write_counter(struct request *rq, struct reply *rp, struct err *err)
{
    struct loop_test *test = begin(rq);

    reply_status_word(rp, "raised");
    return db_write(&rq->ctx, test->f->pool, raise, test, err);
}

static bool look(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct loop_test *test = arg;
    struct sql_counter_get_row row;

    (void)ctx;
    test->work_thread = gettid();
    return sql_counter_get(session, COUNTER, &row, err) == DB_ROW;
}

static bool read_snapshot(struct request *rq, struct reply *rp, struct err *err)
{
    struct loop_test *test = begin(rq);

    reply_status_word(rp, "seen");
    return db_read(&rq->ctx, test->f->pool, look, test, err);
}

static bool read_counter(struct request *rq, struct reply *rp, struct err *err)
{
    struct loop_test *test = begin(rq);
    struct sql_counter_get_row row;
    struct db_session *session = NULL;
    enum db_step step = DB_FAILED;

    if (db_checkout(&rq->ctx, test->f->pool, &session, err)) {
        step = sql_counter_get(session, COUNTER, &row, err);
        db_checkin(session);
    }
    if (step == DB_ROW) {
        json_put_int(&rp->json, NULL, row.value);
    }
    return step == DB_ROW;
}

static const struct route ROUTES[] = {
    {GET, "/thread", say_thread, ANYONE, .flags = ROUTE_NO_IO},
    {POST, "/write", write_counter, ANYONE, .flags = ROUTE_RERUN_READS},
    {PUT, "/write", write_counter, ANYONE, .flags = ROUTE_RERUN_SNAPSHOT},
    {GET, "/snapshot", read_snapshot, ANYONE, .flags = ROUTE_RERUN_SNAPSHOT},
    {PATCH, "/snapshot", read_snapshot, ANYONE, .flags = ROUTE_RERUN_READS},
    {GET, "/counter", read_counter, ANYONE, .flags = ROUTE_RERUN_READS},
};
static const struct route_table TABLE = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), NULL, NULL};

/* --- life --- */

static struct db_pipelines *open_pipelines(void *state, int epoll, uint32_t number)
{
    return db_pipelines_new(((struct loop_test *)state)->f->db, epoll, number);
}

static const struct reads_calls READS = {
    .open = open_pipelines,
    .close = db_pipelines_free,
    .send = db_pipelines_send,
    .receive = db_pipelines_receive,
};

static bool put_counter(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_counter_put(session, COUNTER, 0, err);
}

static int set_up(void **state)
{
    struct loop_test *test = mem_alloc(sizeof(*test));
    struct err err = {.code = ERR_NONE};
    struct server_options options = {
        .service = "octo-test",
        .metric_prefix = "test",
        .host = "127.0.0.1",
        .loop_threads = 1,
        .worker_threads = 1,
        .queue_length = 8,
        .connection_max = 8,
        .connections_of_one = 8,
        .body_max = 1024,
        .bodies_max = 1024 * 1024,
        .idle_timeout_s = 60,
        .head_timeout_s = 60,
        .request_timeout_ms = 60000,
        .reads = &READS,
        .tables = &TABLE,
        .table_count = 1,
        .service_state = test,
    };

    test->f = db_fixture_new(suite_backend);
    test->metrics = metrics_new();
    options.metrics = test->metrics;
    options.reads_on_loop = db_is_embedded(test->f->db);
    *state = test;
    must_write(test->f, put_counter, NULL);
    (void)count_things(test->f); /* whose session is idle afterwards: a loop opens none */
    return server_start(&options, &test->server, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct loop_test *test = *state;

    server_stop(test->server);
    metrics_free(test->metrics);
    db_fixture_free(test->f);
    free(test);
    return 0;
}

/* The body of the answer to a request, which must be a 200. */
static const char *ask(struct loop_test *test, const char *line)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)server_port(test->server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const char *body;
    size_t length = 0;
    ssize_t got;

    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_true(dprintf(fd, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", line) > 0);
    while ((got = read(fd, test->answer + length, ANSWER_MAX - 1 - length)) > 0) {
        length += (size_t)got;
    }
    (void)close(fd);
    test->answer[length] = '\0';
    body = strstr(test->answer, "\r\n\r\n");
    if (strncmp(test->answer, "HTTP/1.1 200 ", 13) != 0 || body == NULL) {
        fail_msg("%s: %s", line, test->answer);
    }
    return body + 4;
}

static int64_t ask_number(struct loop_test *test, const char *line)
{
    int64_t number = 0;

    assert_true(text_to_int64(ask(test, line), &number));
    return number;
}

/* --- cases --- */

/* The loop begins the handler, since its route says that it reads, and gives it up at the write. */
static void loop__handler_writes__worker_runs_it_from_its_start(void **state)
{
    static const char *const lines[] = {"POST /write", "PUT /write"};
    struct loop_test *test = *state;
    const pid_t loop = (pid_t)ask_number(test, "GET /thread");
    const bool is_embedded = db_is_embedded(test->f->db);

    for (int64_t i = 0; i < 2; i++) {
        (void)ask(test, lines[i]);
        assert_int_equal(test->begun_on_worker, i + 1);
        assert_int_not_equal(test->work_thread, loop);
    }
    /* On a server the loop does not even begin what has a transaction. */
    assert_int_equal(test->begun_on_loop, is_embedded ? 2 : 1);
    assert_int_equal(ask_number(test, "GET /counter"), 2);
}

static void loop__handler_reads__loop_runs_it_alone(void **state)
{
    struct loop_test *test = *state;

    assert_int_equal(ask_number(test, "GET /counter"), 0);
    assert_int_equal(test->begun_on_loop, 1);
    assert_int_equal(test->begun_on_worker, 0);
}

/* A transaction of reads stays where nobody waits for the database, and leaves a loop where readers
 * share a session. */
static void loop__handler_reads_in_a_transaction__runs_where_it_has_a_session(void **state)
{
    struct loop_test *test = *state;
    const pid_t loop = (pid_t)ask_number(test, "GET /thread");
    const bool is_embedded = db_is_embedded(test->f->db);

    (void)ask(test, "PATCH /snapshot");
    assert_int_equal(test->begun_on_loop, 1);
    assert_int_equal(test->begun_on_worker, is_embedded ? 0 : 1);
    assert_int_equal(test->work_thread == loop, is_embedded);
    (void)ask(test, "GET /snapshot");
    assert_int_equal(test->begun_on_loop, is_embedded ? 2 : 1);
    assert_int_equal(test->work_thread == loop, is_embedded);
}

#define LOOP_TEST(case_) cmocka_unit_test_setup_teardown(case_, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    LOOP_TEST(loop__handler_writes__worker_runs_it_from_its_start),
    LOOP_TEST(loop__handler_reads__loop_runs_it_alone),
    LOOP_TEST(loop__handler_reads_in_a_transaction__runs_where_it_has_a_session),
};
SUITE_ROOM(loop_room, tests);

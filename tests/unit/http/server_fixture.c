#include "server_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/fiber.h"
#include "http/asset.h"
#include "trace/span.h"

enum { ROLE_USER = 1 << 0, ROLE_ADMIN = 1 << 5 };
enum { WAIT_MS_MAX = 60000, READS_PATIENCE_MS = 2, READS_OF_A_HANDLER = 3 };

/* --- where handlers wait --- */

static void gate_init(struct gate *gate)
{
    mutex_init(&gate->lock);
    cond_init(&gate->changed);
}

static void gate_fini(struct gate *gate)
{
    cond_fini(&gate->changed);
    mutex_fini(&gate->lock);
}

static void gate_enter(struct gate *gate)
{
    mutex_lock(&gate->lock);
    gate->entered++;
    cond_broadcast(&gate->changed);
    mutex_unlock(&gate->lock);
}

static void gate_pass(struct gate *gate)
{
    gate_enter(gate);
    mutex_lock(&gate->lock);
    while (!gate->is_open) {
        cond_wait(&gate->changed, &gate->lock);
    }
    mutex_unlock(&gate->lock);
}

static bool gate_is_open(struct gate *gate)
{
    bool is_open;

    mutex_lock(&gate->lock);
    is_open = gate->is_open;
    mutex_unlock(&gate->lock);
    return is_open;
}

void gate_wait_entered(struct gate *gate, int count)
{
    const uint64_t until_ns = clock_after_ms(WAIT_MS_MAX);
    bool is_in_time = true;
    int entered;

    mutex_lock(&gate->lock);
    while (gate->entered < count && is_in_time) {
        is_in_time = cond_wait_until(&gate->changed, &gate->lock, until_ns);
    }
    entered = gate->entered;
    mutex_unlock(&gate->lock);
    assert_true(entered >= count);
}

void gate_open(struct gate *gate)
{
    mutex_lock(&gate->lock);
    gate->is_open = true;
    cond_broadcast(&gate->changed);
    mutex_unlock(&gate->lock);
}

/* --- reads that handlers wait for together --- */

/* A handler that has paused; stands on its own stack. */
struct waiter {
    struct fiber *fiber;
    struct waiter *next;
};

static void reads_init(struct reads *reads)
{
    gate_init(&reads->gate);
    atomic_init(&reads->patience_ms, READS_PATIENCE_MS);
    reads->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void reads_fini(struct reads *reads)
{
    close(reads->event);
    gate_fini(&reads->gate);
}

static struct db_pipelines *reads_open(void *service, int epoll, uint32_t number)
{
    struct reads *reads = &((struct fixture *)service)->reads;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};

    reads->loops++;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, reads->event, &event) == 0 ? (struct db_pipelines *)reads
                                                                      : NULL;
}

static void reads_close(struct db_pipelines *pipelines)
{
    ((struct reads *)pipelines)->loops--;
}

static uint64_t reads_send(struct db_pipelines *pipelines)
{
    struct reads *reads = (struct reads *)pipelines;

    return reads->waiting == NULL ? CLOCK_NEVER
                                  : clock_after_ms((uint64_t)atomic_load(&reads->patience_ms));
}

/* Lets those go on that wait now; they may wait again. */
static void reads_receive(struct db_pipelines *pipelines)
{
    struct reads *reads = (struct reads *)pipelines;
    struct waiter *waiter = reads->waiting;
    uint64_t count;

    (void)!read(reads->event, &count, sizeof(count));
    if (!gate_is_open(&reads->gate)) {
        return;
    }
    reads->waiting = NULL;
    while (waiter != NULL) {
        struct waiter *next = waiter->next; /* read before its stack is left */

        fiber_resume(waiter->fiber);
        waiter = next;
    }
}

static const struct reads_calls READS = {
    .open = reads_open,
    .close = reads_close,
    .send = reads_send,
    .receive = reads_receive,
};

void reads_arrive(struct reads *reads)
{
    const uint64_t one = 1;

    gate_open(&reads->gate);
    assert_int_equal(write(reads->event, &one, sizeof(one)), sizeof(one));
}

/* Waits for one read where the loop has some; elsewhere nothing is to wait for. */
static void wait_for_read(const struct request *rq)
{
    struct reads *reads = rq->ctx.place != NULL ? rq->ctx.place->together : NULL;
    struct waiter waiter = {.fiber = fiber_self()};

    if (reads != NULL) {
        waiter.next = reads->waiting;
        reads->waiting = &waiter;
        gate_enter(&reads->gate);
        fiber_pause();
    }
}

/* --- handlers --- */

struct ask_params {
    const char *q;
};
static const struct param ASK_FIELDS[] = {PARAM_TEXT(struct ask_params, q, 100)};
static const struct param_shape ASK = PARAM_SHAPE(struct ask_params, ASK_FIELDS);

struct item_params {
    int64_t id;
    struct page page;
};
static const struct param ITEM_FIELDS[] = {PARAM_ID(struct item_params, id, "item_id"),
                                           PARAM_PAGE(struct item_params)};
static const struct param_shape ITEM = PARAM_SHAPE(struct item_params, ITEM_FIELDS);

struct file_params {
    const char *path;
};
static const struct param FILE_FIELDS[] = {PARAM_TAIL(struct file_params, path)};
static const struct param_shape FILE_OF = PARAM_SHAPE(struct file_params, FILE_FIELDS);

static const struct param CODE_FIELDS[] = {PARAM_ID(struct id_params, id, "code")};
static const struct param_shape CODE = PARAM_SHAPE(struct id_params, CODE_FIELDS);

struct add {
    int64_t product_id;
    bool has_product_id;
};
static const struct json_field ADD_FIELDS[] = {
    JSON_INT(struct add, product_id, 1, INT64_MAX, JSON_REQUIRED)};
static const struct json_shape ADD = JSON_SHAPE("CartAdd", struct add, ADD_FIELDS);

static const char *const RAW_TYPES[] = {"text/plain", "application/x-protobuf", NULL};

static bool say_where(struct request *rq, struct reply *rp, struct err *err)
{
    const struct ask_params *asked = rq->params;

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "on_loop", !ctx_may_wait(&rq->ctx));
    json_put_text(&rp->json, "action", rq->ctx.action);
    json_put_text(&rp->json, "q", asked == NULL ? NULL : asked->q);
    json_end_object(&rp->json);
    return true;
}

static bool say_thread(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    json_put_int(&rp->json, NULL, gettid());
    return true;
}

static bool say_item(struct request *rq, struct reply *rp, struct err *err)
{
    const struct item_params *asked = rq->params;
    const char *cookie = NULL;

    if (!request_cookie(rq, "session_id", &cookie, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_int(&rp->json, "id", asked->id);
    json_put_text(&rp->json, "cookie", cookie);
    reply_page(rp, &asked->page, 1, 1);
    json_end_object(&rp->json);
    reply_cookie(rq, rp, "session_id", "abc", 60);
    return true;
}

static bool say_file(struct request *rq, struct reply *rp, struct err *err)
{
    const struct file_params *asked = rq->params;

    (void)err;
    json_put_text(&rp->json, NULL, asked->path);
    return true;
}

static bool add(struct request *rq, struct reply *rp, struct err *err)
{
    const struct add *body = rq->body;

    (void)err;
    rp->status = 201;
    json_begin_object(&rp->json, NULL);
    json_put_int(&rp->json, "product_id", body->product_id);
    json_end_object(&rp->json);
    return true;
}

/* Writes half a reply first, which the worker must not see again, nor what is traced; but for the
 * leaf, which tells of something that did happen. */
static bool needs_session(struct request *rq, struct reply *rp, struct err *err)
{
    struct span *span = span_begin(&rq->ctx, "look", SPAN_INTERNAL);
    struct span *leaf = span_begin_leaf(&rq->ctx, "asked", SPAN_CLIENT);
    bool ok = true;

    span_keep(leaf);
    span_end_leaf(leaf);
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "on_loop", !ctx_may_wait(&rq->ctx));
    if (!ctx_may_wait(&rq->ctx)) {
        ok = ctx_leave(&rq->ctx, err, "no idle session");
        span_fail(span, err);
    }
    json_end_object(&rp->json);
    span_end(&rq->ctx, span);
    return ok;
}

/* Makes an answer of its own of a session that is not to be had. */
static bool probe(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    rp->status = needs_session(rq, rp, &(struct err){0}) ? 200 : 503;
    return true;
}

static bool wait_at_gate(struct request *rq, struct reply *rp, struct err *err)
{
    struct fixture *f = rq->service;

    (void)err;
    gate_pass(&f->gate);
    reply_status_word(rp, "through");
    return true;
}

/* A doorman, who decides before anybody waits. */
static bool admit_by_header(struct request *rq, struct err *err)
{
    if (request_field(rq, FIELD_AUTHORIZATION) != NULL) {
        return true;
    }
    (void)err_set(err, ERR_RATE_LIMITED, "come back later");
    err->retry_after_s = 77;
    return false;
}

/* Waits several times, amid its reply and with what it was asked for on its stack. On a worker it
 * waits at the gate. */
static bool read_together(struct request *rq, struct reply *rp, struct err *err)
{
    struct fixture *f = rq->service;
    const struct ask_params *given = rq->params;
    char asked[16];

    (void)err;
    (void)snprintf(asked, sizeof(asked), "%s", given->q);
    json_begin_object(&rp->json, NULL);
    for (int i = 0; i < READS_OF_A_HANDLER; i++) {
        wait_for_read(rq);
    }
    if (ctx_may_wait(&rq->ctx)) {
        gate_pass(&f->gate);
    }
    json_put_bool(&rp->json, "on_loop", !ctx_may_wait(&rq->ctx));
    json_put_text(&rp->json, "q", asked);
    json_end_object(&rp->json);
    return true;
}

/* Its session is lost while it waits on the loop. */
static bool lose_session(struct request *rq, struct reply *rp, struct err *err)
{
    wait_for_read(rq);
    return needs_session(rq, rp, err);
}

static bool break_down(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    json_begin_object(&rp->json, NULL);
    return err_set(err, ERR_DATABASE, "secret table is on fire");
}

/* How much of a body came that nobody reads, and how long the request may take. */
static bool say_limits(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_int(&rp->json, "bytes", (int64_t)rq->body_length);
    json_put_bool(&rp->json, "is_long", clock_ms_left(rq->ctx.deadline_ns) > REQUEST_MS);
    json_end_object(&rp->json);
    return true;
}

static bool fail_as_told(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;

    (void)rp;
    return err_set(err, (enum err_code)given->id, "as it was told");
}

/* Long enough to be worth compressing. */
static void put_big_list(struct reply *rp)
{
    json_begin_list(&rp->json, NULL);
    for (int i = 0; i < 1000; i++) {
        json_put_text(&rp->json, NULL, "the same words again");
    }
    json_end_list(&rp->json);
}

static bool big_list(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    put_big_list(rp);
    reply_etag(rq, rp);
    return true;
}

/* A thing of one version, which an edit gives back as it was. */
static bool thing_show(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    put_big_list(rp);
    reply_version(rq, rp);
    return true;
}

static bool thing_edit(struct request *rq, struct reply *rp, struct err *err)
{
    return thing_show(rq, rp, err) && reply_is_of_version(rq, rp, err) && thing_show(rq, rp, err);
}

static const struct route ROUTES[] = {
    {GET, "/thing", thing_show, ANYONE, .flags = ROUTE_NO_IO, .outcomes = GIVES_304},
    {PUT, "/thing", thing_edit, ANYONE, .flags = ROUTE_NO_IO | ROUTE_EDITS},
    {GET, "/health", say_where, ANYONE, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED, .params = &ASK},
    {GET, "/thread", say_thread, ANYONE, .flags = ROUTE_NO_IO},
    {GET, "/where", say_where, ANYONE, .params = &ASK},
    {GET, "/read", needs_session, ANYONE, .flags = ROUTE_RERUN_READS},
    {GET, "/together", read_together, ANYONE, .flags = ROUTE_RERUN_READS, .params = &ASK},
    {GET, "/probe", probe, ANYONE, .flags = ROUTE_RERUN_READS},
    {GET, "/lost", lose_session, ANYONE, .flags = ROUTE_RERUN_READS},
    {GET, "/state", say_where, ANYONE, .flags = ROUTE_RERUN_SNAPSHOT},
    {GET, "/operators", say_where, ANYONE, .flags = ROUTE_RERUN_READS | ROUTE_FOR_OPERATORS},
    {GET, "/items/{item_id}", say_item, ANYONE, .params = &ITEM},
    {GET, "/files/{path...}", say_file, ANYONE, .flags = ROUTE_NO_IO, .params = &FILE_OF},
    {POST, "/api/cart/add", add, ANYONE, .body = &ADD},
    {POST, "/small", add, ANYONE, .body = &ADD, .body_max = SMALL_MAX},
    {POST, "/raw", say_limits, ANYONE, .takes = RAW_TYPES, .body_max = 2 * BODY_MAX,
     .time_ms = 100 * REQUEST_MS},
    {POST, "/any", say_limits, ANYONE, .flags = 0},
    {GET, "/gate", wait_at_gate, ANYONE, .flags = 0},
    {GET, "/sign-in", wait_at_gate, ANYONE, .flags = ROUTE_SIGNS_IN},
    {GET, "/peer", wait_at_gate, ANYONE, .flags = ROUTE_CALLS_PEER},
    {GET, "/doorman", wait_at_gate, ANYONE, .admit = admit_by_header},
    {GET, "/broken", break_down, ANYONE, .flags = 0},
    {GET, "/failures/{code}", fail_as_told, ANYONE, .flags = ROUTE_NO_IO, .params = &CODE},
    {GET, "/big", big_list, ANYONE, .flags = ROUTE_NO_IO},
    {GET, "/admin", say_where, ROLE_ADMIN, .flags = 0},
    {GET, "/mine", say_where, ROLE_ADMIN, .flags = ROUTE_NO_IO},
    {GET, "/assets/{name...}", handle_asset, ANYONE, .params = &asset_params,
     .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED},
    {GET, "/openapi.json", handle_openapi, ANYONE, .flags = ROUTE_NO_IO},
    {GET, "/metrics", handle_metrics, ANYONE, .flags = ROUTE_NO_IO | ROUTE_NOT_AUDITED},
};
static const struct route_table TABLE = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), NULL, NULL};

static bool authenticate(struct request *rq, struct err *err)
{
    const char *token = request_field(rq, FIELD_AUTHORIZATION);

    wait_for_read(rq);
    if (token != NULL && strcmp(token, "Bearer down") == 0) {
        return err_set(err, ERR_UNAVAILABLE, "session store is down");
    }
    if (token != NULL) {
        rq->ctx.caller.role = strcmp(token, "Bearer admin") == 0 ? ROLE_ADMIN : ROLE_USER;
    }
    return true;
}

static bool admit(void *service, struct err *err)
{
    struct fixture *f = service;

    return !atomic_load(&f->is_full) || err_set(err, ERR_UNAVAILABLE, "audit is full");
}

static void finished(struct request *rq, const struct reply *rp, uint64_t duration_us,
                     const struct err *err)
{
    struct fixture *f = rq->service;

    (void)duration_us;
    assert_non_null(rq->route);
    assert_true(rp->status >= 200);
    atomic_fetch_add(&f->finished_count, 1);
    atomic_fetch_add(&f->finished_failures, err != NULL);
}

/* ::ffff:127.0.0.1 alone. */
static const struct network LOOPBACK = {
    .first = {.bytes = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}}, .bits = 128};

struct server_options server_options_of(struct fixture *f)
{
    return (struct server_options){
        .service = "octo-test",
        .metric_prefix = "shop",
        .host = "127.0.0.1",
        .loop_threads = 2,
        .worker_threads = 1,
        .queue_length = 1,
        .connection_max = 100,
        .body_max = BODY_MAX,
        .bodies_max = BODIES_MAX,
        .idle_timeout_s = 10,
        .head_timeout_s = 10,
        .exempt = {&LOOPBACK, 1},
        .request_timeout_ms = REQUEST_MS,
        .reads_on_loop = true,
        .hsts = "max-age=600",
        .trusted_proxies = {&LOOPBACK, 1},
        .allowed_origins = "https://shop.example",
        .tables = &TABLE,
        .table_count = 1,
        .metrics = f->metrics,
        .service_state = f,
        .authenticate = authenticate,
        .admit = admit,
        .finished = finished,
    };
}

/* --- a client that shows every byte --- */

int try_connect(int64_t port)
{
    const struct timeval patience = {.tv_sec = WAIT_MS_MAX / 1000};
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
        return fd;
    }
    close(fd);
    return -1;
}

int connect_to(const struct fixture *f)
{
    const int fd = try_connect(server_port(f->server));

    assert_true(fd >= 0);
    return fd;
}

void say(int fd, const char *bytes, size_t count)
{
    assert_int_equal(send(fd, bytes, count, MSG_NOSIGNAL), count);
}

void say_get(int fd, const char *path, const char *headers)
{
    char text[2048];
    const int length =
        snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);

    say(fd, text, (size_t)length);
}

const char *hear(int fd)
{
    static char answer[ANSWER_MAX];
    size_t length = 0;
    size_t wanted = SIZE_MAX;

    while (length < wanted) {
        const ssize_t got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);
        const char *body;
        const char *header;

        if (got <= 0) {
            break;
        }
        length += (size_t)got;
        answer[length] = '\0';
        body = strstr(answer, "\r\n\r\n");
        header = strstr(answer, "Content-Length: ");
        if (body != NULL) {
            wanted = (size_t)(body + 4 - answer);
            wanted += header == NULL ? 0 : strtoul(header + 16, NULL, 10);
        }
    }
    answer[length] = '\0';
    return answer;
}

const char *ask(const struct fixture *f, const char *request)
{
    const int fd = connect_to(f);
    const char *answer;

    say(fd, request, strlen(request));
    answer = hear(fd);
    close(fd);
    return answer;
}

const char *ask_get(const struct fixture *f, const char *path, const char *headers)
{
    const int fd = connect_to(f);
    const char *answer;

    say_get(fd, path, headers);
    answer = hear(fd);
    close(fd);
    return answer;
}

const char *ask_post(const struct fixture *f, const char *type, const char *body)
{
    char request[2048];

    (void)snprintf(request, sizeof(request),
                   "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   type, strlen(body), body);
    return ask(f, request);
}

void assert_has(const char *answer, const char *part)
{
    if (answer == NULL || strstr(answer, part) == NULL) {
        answer = answer == NULL ? "nothing" : answer;
        fail_msg("\"%s\" is not in:\n%s", part, answer);
    }
}

void assert_status(const char *answer, int status)
{
    char start[16];

    (void)snprintf(start, sizeof(start), "HTTP/1.1 %d ", status);
    if (answer == NULL || strncmp(answer, start, strlen(start)) != 0) {
        answer = answer == NULL ? "nothing" : answer;
        fail_msg("not %d:\n%s", status, answer);
    }
}

/* --- life cycle --- */

static struct fixture *fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof(*f));

    gate_init(&f->gate);
    reads_init(&f->reads);
    f->metrics = metrics_new();
    return f;
}

int server_set_up(void **state)
{
    struct fixture *f = fixture_new();
    const struct server_options options = server_options_of(f);
    struct err err = {0};

    *state = f;
    return server_start(&options, &f->server, &err) ? 0 : -1;
}

int server_set_up_reads(void **state)
{
    struct fixture *f = fixture_new();
    struct server_options options = server_options_of(f);
    struct err err = {0};

    options.loop_threads = 1;
    options.reads_on_loop = false;
    options.reads = &READS;
    *state = f;
    return server_start(&options, &f->server, &err) ? 0 : -1;
}

/* Lets all go on that still wait after a failure, or the server would wait for them. */
int server_tear_down(void **state)
{
    struct fixture *f = *state;
    int loops;

    gate_open(&f->gate);
    gate_open(&f->reads.gate);
    server_stop(f->server);
    loops = f->reads.loops;
    metrics_free(f->metrics);
    reads_fini(&f->reads);
    gate_fini(&f->gate);
    free(f);
    return loops;
}

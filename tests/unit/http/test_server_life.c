/* http/server.h: starting, sharing out connections, overload, impatience, handlers that pause on
 * the loop, stopping; and our own client as a peer. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "net/http_client.h"
#include "server_fixture.h"

/* One worker at the gate, one place in the queue: of two more requests one is refused at once. */
static void server__full_queue__answers_503_at_once(void **state)
{
    struct fixture *f = *state;
    struct pollfd two[2] = {{.fd = connect_to(f), .events = POLLIN},
                            {.fd = connect_to(f), .events = POLLIN}};
    const int first = connect_to(f);
    const char *answer;
    size_t refused;

    say_get(first, "/gate", "");
    gate_wait_entered(&f->gate, 1);
    say_get(two[0].fd, "/where", "");
    say_get(two[1].fd, "/where", "");
    assert_int_equal(poll(two, 2, 60000), 1);
    refused = two[0].revents != 0 ? 0 : 1;
    answer = hear(two[refused].fd);
    assert_status(answer, 503);
    assert_has(answer, "Retry-After: 1");
    assert_status(ask_get(f, "/health", ""), 200);
    gate_open(&f->gate);
    assert_status(hear(first), 200);
    assert_status(hear(two[1 - refused].fd), 200);
    close(first);
    close(two[0].fd);
    close(two[1].fd);
}

static void *stop_server(void *fixture)
{
    struct fixture *f = fixture;

    server_stop(f->server);
    f->server = NULL;
    return NULL;
}

/* Returns when the stop has begun: nobody new gets in. */
static void wait_until_closed(int64_t port)
{
    const uint64_t until_ns = clock_after_ms(60000);
    int fd;

    while ((fd = try_connect(port)) >= 0) {
        close(fd);
        assert_false(clock_has_passed(until_ns));
    }
}

/* What was accepted is answered, then the connection ends; nobody new gets in. */
static void server_stop__request_is_running__finishes_it(void **state)
{
    struct fixture *f = *state;
    const int64_t port = server_port(f->server);
    const int fd = connect_to(f);
    const char *answer;
    pthread_t thread;
    char byte;

    say_get(fd, "/gate", "");
    gate_wait_entered(&f->gate, 1);
    assert_int_equal(pthread_create(&thread, NULL, stop_server, f), 0);
    wait_until_closed(port);
    gate_open(&f->gate);
    answer = hear(fd);
    assert_status(answer, 200);
    assert_has(answer, "through");
    assert_has(answer, "Connection: close");
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    pthread_join(thread, NULL);
    close(fd);
}

static void server_start__port_in_use__says_so(void **state)
{
    struct fixture *f = *state;
    struct server_options options = server_options_of(f);
    struct server *second = NULL;
    struct err err = {0};

    options.port = server_port(f->server);
    options.metrics = NULL;
    assert_false(server_start(&options, &second, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "address in use"));
    assert_non_null(strstr(err.text, "--shop-port"));
    options.host = "nowhere";
    assert_false(server_start(&options, &second, &err));
}

/* Two loops: of six connections each serves three, whichever of them was awake. */
static void server__connections__are_shared_evenly(void **state)
{
    struct fixture *f = *state;
    int fds[6];
    char threads[6][16] = {{0}};
    size_t with_first = 0;

    for (size_t i = 0; i < 6; i++) {
        const char *answer;

        fds[i] = connect_to(f);
        say_get(fds[i], "/thread", "");
        answer = hear(fds[i]);
        assert_status(answer, 200);
        (void)snprintf(threads[i], sizeof(threads[i]), "%s", strstr(answer, "\r\n\r\n") + 4);
        with_first += strcmp(threads[i], threads[0]) == 0;
    }
    assert_int_equal(with_first, 3);
    for (size_t i = 0; i < 6; i++) {
        close(fds[i]);
    }
}

/* One connection too many waits, and is served once another one ends. */
static void server__no_room__waits_for_it(void **state)
{
    struct fixture *f = *state;
    struct server_options options = server_options_of(f);
    struct server *usual = f->server;
    struct server *small = NULL;
    struct pollfd last = {.events = POLLIN};
    struct err err = {0};
    int fds[2];

    options.metrics = NULL;
    options.connection_max = 2;
    assert_true(server_start(&options, &small, &err));
    f->server = small;
    for (size_t i = 0; i < 2; i++) {
        fds[i] = connect_to(f);
        say_get(fds[i], "/health", "");
        assert_status(hear(fds[i]), 200);
    }
    last.fd = connect_to(f);
    say_get(last.fd, "/health", "");
    say_get(fds[0], "/health", "");
    assert_status(hear(fds[0]), 200);
    assert_int_equal(poll(&last, 1, 0), 0);
    close(fds[1]);
    assert_status(hear(last.fd), 200);
    close(fds[0]);
    close(last.fd);
    server_stop(small);
    f->server = usual;
}

/* A server beside the usual one, whose clients have one second. */
static struct server *start_strict(struct fixture *f, int64_t connection_max)
{
    struct server_options options = server_options_of(f);
    struct server *strict = NULL;
    struct err err = {0};

    options.metrics = NULL;
    options.idle_timeout_s = 1;
    options.connection_max = connection_max;
    assert_true(server_start(&options, &strict, &err));
    return strict;
}

/* Says `begin` and then a byte now and then. True when the server ends that. */
static bool is_cut_off(struct fixture *f, const char *begin)
{
    const uint64_t deadline_ns = clock_after_ms(60000);
    const int fd = connect_to(f);
    bool is_open = true;
    char byte;

    say(fd, begin, strlen(begin));
    while (is_open && !clock_has_passed(deadline_ns)) {
        struct pollfd one = {.fd = fd, .events = POLLIN};

        is_open = send(fd, "a", 1, MSG_NOSIGNAL) == 1;
        is_open = is_open && (poll(&one, 1, 100) == 0 || recv(fd, &byte, 1, 0) > 0);
    }
    close(fd);
    return !is_open;
}

/* A client that sends a byte now and then never looks idle; it is sent away all the same, whichever
 * part of its request it drips. */
static void server__dripping_requests__are_cut_off(void **state)
{
    static const char *const begins[] = {
        "GET /health HTTP/1.1\r\nX-Slow: ",
        "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{",
        "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n",
    };
    struct fixture *f = *state;
    struct server *usual = f->server;

    f->server = start_strict(f, 100);
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        assert_true(is_cut_off(f, begins[i]));
    }
    server_stop(f->server);
    f->server = usual;
}

/* Who has begun a request is told that its time is over; who has said nothing is left without a
 * word. */
static void server__slow_request__is_told(void **state)
{
    static const char *const begins[] = {
        "GET /health HTTP/1.1\r\nX-Slow: ",
        "POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n{",
        "\r\n",
        "",
    };
    struct fixture *f = *state;
    struct server *usual = f->server;
    int fds[4];

    f->server = start_strict(f, 100);
    for (size_t i = 0; i < 4; i++) {
        fds[i] = connect_to(f);
        say(fds[i], begins[i], strlen(begins[i]));
    }
    for (size_t i = 0; i < 4; i++) {
        const char *answer = hear(fds[i]);
        char byte;

        if (i < 2) {
            assert_status(answer, 408);
            assert_has(answer, "Connection: close\r\n");
        } else {
            assert_string_equal(answer, "");
        }
        assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
        close(fds[i]);
    }
    server_stop(f->server);
    f->server = usual;
}

/* Who asks for much and takes nothing holds its connection no longer than others: the next one, for
 * which there is no room before, gets in. */
static void server__slow_reader__is_cut_off(void **state)
{
    static const char request[] = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";
    struct fixture *f = *state;
    struct server *usual = f->server;
    int slow;
    int next;

    f->server = start_strict(f, 1);
    slow = connect_to(f);
    for (int i = 0; i < 1000; i++) {
        say(slow, request, sizeof(request) - 1);
    }
    next = connect_to(f);
    say_get(next, "/health", "");
    assert_status(hear(next), 200);
    close(slow);
    close(next);
    server_stop(f->server);
    f->server = usual;
}

/* Says a request whose body is that many chunks of 64 KiB, as long as the server listens, and gives
 * what it answers. */
static const char *ask_in_chunks(struct fixture *f, const char *path, size_t chunks)
{
    static char chunk[65536 + 9];
    const int fd = connect_to(f);
    const char *answer;
    char head[128];

    (void)snprintf(head, sizeof(head),
                   "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", path);
    say(fd, head, strlen(head));
    memset(chunk, 'x', sizeof(chunk));
    memcpy(chunk, "10000\r\n", 7);
    memcpy(chunk + sizeof(chunk) - 2, "\r\n", 2);
    while (chunks > 0 && send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL) == (ssize_t)sizeof(chunk)) {
        chunks--;
    }
    (void)send(fd, "0\r\n\r\n", 5, MSG_NOSIGNAL);
    answer = hear(fd);
    close(fd);
    return answer;
}

/* A body that nobody wants is read to its end, so that its client hears why; but not without end:
 * then the connection ends with the answer. */
static void server__refused_body_without_end__is_cut_off(void **state)
{
    static const char *const paths[] = {"/nothing", "/api/cart/add"};
    static const int statuses[] = {404, 413};

    for (size_t i = 0; i < 2; i++) {
        const char *answer = ask_in_chunks(*state, paths[i], 128); /* 8 MiB */

        assert_status(answer, statuses[i]);
        assert_null(strstr(answer, "Connection: close"));
        answer = ask_in_chunks(*state, paths[i], 272); /* 17 MiB */
        assert_status(answer, statuses[i]);
        assert_has(answer, "Connection: close\r\n");
    }
    assert_status(ask_get(*state, "/health", ""), 200);
}

/* What may be sent is read to its end, however much of a refused body is. */
static void server__limit_past_what_is_dropped__holds(void **state)
{
    struct fixture *f = *state;
    struct server_options options = server_options_of(f);
    struct server *usual = f->server;
    struct err err = {0};

    options.metrics = NULL;
    options.body_max = 20 * 1024 * 1024;
    assert_true(server_start(&options, &f->server, &err));
    assert_has(ask_in_chunks(f, "/any", 320), "\"bytes\":20971520"); /* 20 MiB */
    assert_status(ask_in_chunks(f, "/any", 321), 413);
    server_stop(f->server);
    f->server = usual;
}

/* Our own client and our own server understand each other, gzip and trace included. */
static void server__http_client__gets_its_answer(void **state)
{
    struct fixture *f = *state;
    char base[64];
    const struct http_client_options options = {
        .peer = "shop",
        .base_url = base,
        .service_name = "octo-test",
        .service_version = "1",
        .timeout_ms = 5000,
        .tries = 1,
        .breaker = {.name = "shop", .failure_threshold = 5, .recovery_ms = 1000}};
    const struct http_call calls[] = {
        {.method = "GET", .path = "/big", .body_max = 1 << 20},
        {.method = "POST",
         .path = "/api/cart/add",
         .body = "{\"product_id\":3}",
         .body_length = 16,
         .body_max = 1 << 20},
    };
    static const int statuses[] = {200, 201};
    struct http_client *client;
    struct arena arena;
    struct ctx ctx;
    struct err err = {0};

    (void)snprintf(base, sizeof(base), "http://127.0.0.1:%lld", (long long)server_port(f->server));
    client = http_client_new(&options);
    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, "octo-test", "BG test", 60000);
    for (size_t i = 0; i < 2; i++) {
        struct http_answer answer;

        assert_true(http_client_call(&ctx, client, &calls[i], &answer, &err));
        assert_int_equal(answer.status, statuses[i]);
        assert_true(i == 1 || answer.body.length == 23001);
        buf_fini(&answer.body);
    }
    http_client_free(client);
    arena_fini(&arena);
}

/* A loop without anything to do wakes up for what a worker brings. */
static void server__loop_is_silent__worker_wakes_it(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);

    say_get(fd, "/gate", "");
    gate_wait_entered(&f->gate, 1);
    gate_open(&f->gate);
    assert_has(hear(fd), "through");
    for (int i = 0; i < 200; i++) {
        say_get(fd, "/where", "");
        assert_has(hear(fd), "\"on_loop\":false");
    }
    close(fd);
}

/* --- handlers that pause on the loop --- */

/* Asks for what the handler reads together with others; each client has its number. */
static void say_together(int fd, int number)
{
    char path[32];

    (void)snprintf(path, sizeof(path), "/together?q=%d", number);
    say_get(fd, path, "");
}

static void assert_together(const char *answer, int number, bool on_loop)
{
    char body[64];

    (void)snprintf(body, sizeof(body), "\r\n\r\n{\"on_loop\":%s,\"q\":\"%d\"}",
                   on_loop ? "true" : "false", number);
    assert_status(answer, 200);
    assert_has(answer, body);
}

/* Nothing has been answered, and the connection is there. */
static void assert_silent(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&one, 1, 0), 0);
}

static void wait_for_metric(const struct fixture *f, const char *line)
{
    const uint64_t until_ns = clock_after_ms(60000);

    while (strstr(ask_get(f, "/metrics", ""), line) == NULL) {
        assert_false(clock_has_passed(until_ns));
    }
}

/* Nothing is said before the handler has gone on, and it does so on the loop. */
static void server__handler_pauses__answers_when_it_went_on(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);

    say_together(fd, 1);
    gate_wait_entered(&f->reads.gate, 1);
    assert_silent(fd);
    reads_arrive(&f->reads);
    assert_together(hear(fd), 1, true);
    close(fd);
}

/* The loop would look by itself when the client has given up: it is the event that lets the handler
 * go on. */
static void server__reads_arrive__loop_looks_at_once(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);

    atomic_store(&f->reads.patience_ms, 15000);
    say_get(fd, "/lost", "");
    gate_wait_entered(&f->reads.gate, 1);
    reads_arrive(&f->reads);
    assert_has(hear(fd), "{\"on_loop\":false}");
    close(fd);
}

enum { CROWD = 40 };

/* All of them wait at the same time on the one loop, in the middle of their replies. */
static void server__many_pause_together__each_gets_its_answer(void **state)
{
    struct fixture *f = *state;
    int fds[CROWD];

    for (int i = 0; i < CROWD; i++) {
        fds[i] = connect_to(f);
        say_together(fds[i], i);
    }
    gate_wait_entered(&f->reads.gate, CROWD);
    reads_arrive(&f->reads);
    for (int i = 0; i < CROWD; i++) {
        assert_together(hear(fds[i]), i, true);
        close(fds[i]);
    }
}

/* Whoever pauses keeps nobody else of the loop waiting, neither there nor at the workers. */
static void server__handler_is_paused__others_are_answered(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);

    say_together(fd, 1);
    gate_wait_entered(&f->reads.gate, 1);
    assert_has(ask_get(f, "/health", ""), "\"on_loop\":true");
    assert_has(ask_get(f, "/where", ""), "\"on_loop\":false");
    assert_has(ask_get(f, "/read", ""), "{\"on_loop\":false}");
    assert_status(ask_get(f, "/nothing", ""), 404);
    assert_silent(fd);
    reads_arrive(&f->reads);
    assert_together(hear(fd), 1, true);
    close(fd);
}

/* Whether it has paused or not: the worker begins anew, and the request is reported once. */
static void server__session_is_not_to_be_had__worker_runs_it_again(void **state)
{
    static const char *const paths[] = {"/read", "/probe", "/lost"};
    struct fixture *f = *state;

    gate_open(&f->reads.gate);
    for (int i = 0; i < 3; i++) {
        const char *answer = ask_get(f, paths[i], "");

        assert_status(answer, 200);
        assert_has(answer, "\r\n\r\n{\"on_loop\":false}");
        assert_int_equal(atomic_load(&f->finished_count), i + 1);
    }
    assert_int_equal(f->reads.gate.entered, 1);
}

/* The worker is at the gate and somebody is in the queue's one place already. */
static void server__queue_is_full_after_a_pause__answers_503(void **state)
{
    struct fixture *f = *state;
    const int running = connect_to(f);
    const int queued = connect_to(f);
    const int lost = connect_to(f);

    say_get(running, "/gate", "");
    gate_wait_entered(&f->gate, 1);
    say_get(queued, "/where", "");
    wait_for_metric(f, "shop_http_queue_length 1\n");
    say_get(lost, "/lost", "");
    gate_wait_entered(&f->reads.gate, 1);
    reads_arrive(&f->reads);
    assert_status(hear(lost), 503);
    gate_open(&f->gate);
    assert_status(hear(running), 200);
    assert_status(hear(queued), 200);
    close(running);
    close(queued);
    close(lost);
}

enum { PAUSED_MAX = 64, BEYOND = 2 }; /* the first is http/loop.c's READS_TOGETHER_MAX */

/* No more can pause than that; the worker and its queue take the rest, and need not wait for them.
 */
static void server__most_have_paused__workers_run_the_rest(void **state)
{
    struct fixture *f = *state;
    int fds[PAUSED_MAX + BEYOND];

    for (int i = 0; i < PAUSED_MAX + BEYOND; i++) {
        fds[i] = connect_to(f);
        if (i >= PAUSED_MAX) {
            gate_wait_entered(&f->reads.gate, PAUSED_MAX);
            gate_wait_entered(&f->gate, i - PAUSED_MAX);
        }
        say_together(fds[i], i);
    }
    gate_open(&f->gate);
    for (int i = PAUSED_MAX; i < PAUSED_MAX + BEYOND; i++) {
        assert_together(hear(fds[i]), i, false);
        close(fds[i]);
    }
    for (int i = 0; i < PAUSED_MAX; i++) {
        assert_silent(fds[i]);
    }
    reads_arrive(&f->reads);
    for (int i = 0; i < PAUSED_MAX; i++) {
        assert_together(hear(fds[i]), i, true);
        close(fds[i]);
    }
}

/* Who calls is a read too, also where the handler itself has none. */
static void server__caller_is_looked_up__pauses_for_it(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);

    say_get(fd, "/mine", "Authorization: Bearer admin\r\n");
    gate_wait_entered(&f->reads.gate, 1);
    assert_silent(fd);
    reads_arrive(&f->reads);
    assert_has(hear(fd), "\"on_loop\":true");
    say_get(fd, "/mine", "Authorization: Bearer user\r\n");
    assert_status(hear(fd), 403);
    close(fd);
}

/* A connection goes on after a handler that paused, with the next one that does. Nothing but the
 * loop's patience ends these pauses. */
static void server__one_connection__pauses_in_each_request(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);

    gate_open(&f->reads.gate);
    for (int i = 0; i < 20; i++) {
        say_together(fd, i);
        assert_together(hear(fd), i, true);
        say_get(fd, "/lost", "");
        assert_has(hear(fd), "{\"on_loop\":false}");
    }
    close(fd);
}

/* What a client has sent ahead is there when the pause of the request before has ended. */
static void server__next_request_was_sent_ahead__is_answered_in_turn(void **state)
{
    static const char requests[] =
        "GET /together?q=1 HTTP/1.1\r\nHost: x\r\n\r\n"
        "GET /together?q=2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    struct fixture *f = *state;
    const int fd = connect_to(f);
    char answers[8192];
    size_t length = 0;
    ssize_t got;

    say(fd, requests, sizeof(requests) - 1);
    gate_wait_entered(&f->reads.gate, 1);
    reads_arrive(&f->reads);
    while ((got = recv(fd, answers + length, sizeof(answers) - 1 - length, 0)) > 0) {
        length += (size_t)got;
    }
    answers[length] = '\0';
    assert_together(answers, 1, true);
    assert_together(strstr(answers + 1, "HTTP/1.1 "), 2, true);
    close(fd);
}

/* The server ends when those who paused have been answered, on the loop or by a worker. */
static void server_stop__handlers_are_paused__finishes_them(void **state)
{
    struct fixture *f = *state;
    const int64_t port = server_port(f->server);
    const int on_loop = connect_to(f);
    const int on_worker = connect_to(f);
    const char *answer;
    pthread_t thread;

    say_together(on_loop, 1);
    say_get(on_worker, "/lost", "");
    gate_wait_entered(&f->reads.gate, 2);
    assert_int_equal(pthread_create(&thread, NULL, stop_server, f), 0);
    wait_until_closed(port);
    assert_silent(on_loop);
    assert_silent(on_worker);
    reads_arrive(&f->reads);
    answer = hear(on_loop);
    assert_together(answer, 1, true);
    assert_has(answer, "Connection: close");
    answer = hear(on_worker);
    assert_has(answer, "{\"on_loop\":false}");
    assert_has(answer, "Connection: close");
    pthread_join(thread, NULL);
    close(on_loop);
    close(on_worker);
}

/* Ends a connection without a farewell. */
static void reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    close(fd);
}

/* Their handlers go on for nobody, on the loop or with a worker, and nothing of them stays. */
static void server__clients_leave_while_paused__nobody_else_notices(void **state)
{
    struct fixture *f = *state;
    int fds[4];

    for (int i = 0; i < 4; i++) {
        fds[i] = connect_to(f);
        say_get(fds[i], i % 2 == 0 ? "/together?q=1" : "/lost", "");
    }
    gate_wait_entered(&f->reads.gate, 4);
    close(fds[0]);
    close(fds[1]);
    reset(fds[2]);
    reset(fds[3]);
    reads_arrive(&f->reads);
    wait_for_metric(f, "shop_http_requests_in_flight 1\n");
    fds[0] = connect_to(f);
    say_together(fds[0], 7);
    assert_together(hear(fds[0]), 7, true);
    close(fds[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, server_set_up, server_tear_down)
#define READS_TEST(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, server_set_up_reads, server_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server__full_queue__answers_503_at_once),
        TEST(server_stop__request_is_running__finishes_it),
        TEST(server_start__port_in_use__says_so),
        TEST(server__connections__are_shared_evenly),
        TEST(server__no_room__waits_for_it),
        TEST(server__dripping_requests__are_cut_off),
        TEST(server__slow_request__is_told),
        TEST(server__slow_reader__is_cut_off),
        TEST(server__refused_body_without_end__is_cut_off),
        TEST(server__limit_past_what_is_dropped__holds),
        TEST(server__http_client__gets_its_answer),
        TEST(server__loop_is_silent__worker_wakes_it),
        READS_TEST(server__handler_pauses__answers_when_it_went_on),
        READS_TEST(server__reads_arrive__loop_looks_at_once),
        READS_TEST(server__many_pause_together__each_gets_its_answer),
        READS_TEST(server__handler_is_paused__others_are_answered),
        READS_TEST(server__session_is_not_to_be_had__worker_runs_it_again),
        READS_TEST(server__queue_is_full_after_a_pause__answers_503),
        READS_TEST(server__most_have_paused__workers_run_the_rest),
        READS_TEST(server__caller_is_looked_up__pauses_for_it),
        READS_TEST(server__one_connection__pauses_in_each_request),
        READS_TEST(server__next_request_was_sent_ahead__is_answered_in_turn),
        READS_TEST(server_stop__handlers_are_paused__finishes_them),
        READS_TEST(server__clients_leave_while_paused__nobody_else_notices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* http/server.h: starting, sharing out connections, overload, impatience, stopping; and our own
 * client as a peer. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "net/http_client.h"
#include "server_fixture.h"

static void wait_entered(struct fixture *f, int count)
{
    pthread_mutex_lock(&f->gate.lock);
    while (f->gate.entered < count) {
        pthread_cond_wait(&f->gate.changed, &f->gate.lock);
    }
    pthread_mutex_unlock(&f->gate.lock);
}

static void open_gate(struct fixture *f)
{
    pthread_mutex_lock(&f->gate.lock);
    f->gate.is_open = true;
    pthread_cond_broadcast(&f->gate.changed);
    pthread_mutex_unlock(&f->gate.lock);
}

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
    wait_entered(f, 1);
    say_get(two[0].fd, "/where", "");
    say_get(two[1].fd, "/where", "");
    assert_int_equal(poll(two, 2, 10000), 1);
    refused = two[0].revents != 0 ? 0 : 1;
    answer = hear(two[refused].fd);
    assert_status(answer, 503);
    assert_has(answer, "Retry-After: 1");
    assert_status(ask_get(f, "/health", ""), 200);
    open_gate(f);
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

/* What was accepted is answered, then the connection ends; nobody new gets in. */
static void server_stop__request_is_running__finishes_it(void **state)
{
    struct fixture *f = *state;
    const int fd = connect_to(f);
    const char *answer;
    pthread_t thread;
    char byte;

    say_get(fd, "/gate", "");
    wait_entered(f, 1);
    assert_int_equal(pthread_create(&thread, NULL, stop_server, f), 0);
    usleep(50000); /* so that the stop has begun; the answer is complete either way */
    open_gate(f);
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
static void server__connections__are_dealt_evenly(void **state)
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

/* A client that sends a byte now and then never looks idle; it is sent away all the same. */
static void server__dripping_headers__are_cut_off(void **state)
{
    struct fixture *f = *state;
    struct server_options options = server_options_of(f);
    const uint64_t deadline_ns = clock_after_ms(15000);
    struct server *usual = f->server;
    struct server *strict = NULL;
    struct err err = {0};
    bool is_open = true;
    char byte;
    int fd;

    options.metrics = NULL;
    options.idle_timeout_s = 1;
    assert_true(server_start(&options, &strict, &err));
    f->server = strict;
    fd = connect_to(f);
    say(fd, "GET /health HTTP/1.1\r\nX-Slow: ", 31);
    while (is_open && !clock_has_passed(deadline_ns)) {
        struct pollfd one = {.fd = fd, .events = POLLIN};

        is_open = send(fd, "a", 1, MSG_NOSIGNAL) == 1;
        is_open = is_open && (poll(&one, 1, 100) == 0 || recv(fd, &byte, 1, 0) > 0);
    }
    assert_false(is_open);
    close(fd);
    server_stop(strict);
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
    ctx_init_background(&ctx, &arena, NULL, "octo-test", "BG test", 5000);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, server_set_up, server_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server__full_queue__answers_503_at_once),
        TEST(server_stop__request_is_running__finishes_it),
        TEST(server_start__port_in_use__says_so),
        TEST(server__connections__are_dealt_evenly),
        TEST(server__no_room__waits_for_it),
        TEST(server__dripping_headers__are_cut_off),
        TEST(server__http_client__gets_its_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

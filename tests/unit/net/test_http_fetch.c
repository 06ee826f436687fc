/* net/http_fetch.h: what may be asked and what not. What is fetched is tried by test_files.py. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "net/http_fetch.h"
#include "support/test.h"

enum { TIMEOUT_MS = 60000, BODY_MAX = 1000 };

/* A listener that nobody serves: whoever connects is seen all the same. */
struct fixture {
    struct arena arena;
    struct ctx ctx;
    int listener;
    unsigned port;
    struct http_fetched fetched;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    arena_init(&f->arena);
    ctx_init_background(&f->ctx, &f->arena, NULL, "test", "BG test", TIMEOUT_MS);
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(f->listener, 1), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&address, &size), 0);
    f->port = ntohs(address.sin_port);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    close(f->listener);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static void assert_refused(struct fixture *f, const char *hosts, const char *url,
                           enum err_code code, const char *why)
{
    const struct http_fetch_rules rules = {
        .hosts = hosts, .timeout_ms = TIMEOUT_MS, .body_max = BODY_MAX};

    f->err = (struct err){.code = ERR_NONE};
    assert_false(http_fetch(&f->ctx, &rules, url, &f->fetched, &f->err));
    if (f->err.code != code || strstr(f->err.text, why) == NULL) {
        fail_msg("%s: %s: %s", url, err_symbol(f->err.code), f->err.text);
    }
    assert_int_equal(f->fetched.status, 0);
    buf_fini(&f->fetched.body);
    assert_int_equal(accept4(f->listener, NULL, NULL, SOCK_CLOEXEC), -1);
}

static void http_fetch__what_is_no_address__is_refused(void **state)
{
    static const char *const URLS[] = {
        "",        "files.example.com", "file:///etc/passwd", "ftp://a/b",          "gopher://a/",
        "http://", "http://a b/",       "http://a:99999/",    "dict://127.0.0.1:1/"};

    for (size_t i = 0; i < sizeof(URLS) / sizeof(URLS[0]); i++) {
        assert_refused(*state, "a, 127.0.0.1", URLS[i], ERR_INVALID, "is no address");
    }
    assert_refused(*state, "a", "http://joe@a/", ERR_INVALID, "a password");
    assert_refused(*state, "a", "http://joe:x@a/", ERR_INVALID, "a password");
}

static void http_fetch__a_host_that_is_not_named__is_refused(void **state)
{
    static const struct {
        const char *hosts;
        const char *url;
    } CASES[] = {
        {"", "http://a.example/"},
        {"a.example", "http://b.example/"},
        {"a.example", "http://a.example.b.example/"},
        {"a.example", "http://xa.example/"},
        {"a.example", "http://a.example:81/"},
        {"a.example", "https://a.example:80/"},
        {"a.example:8443", "https://a.example/"},
        {"a.example", "http://127.0.0.1/"},
        {"a.example", "http://127.1/"},
        {"a.example", "http://2130706433/"},
        {"a.example", "http://[::1]/"},
        {"a.example", "http://b.example#@a.example/"},
        {"a.example", "http://b.example?.a.example/"},
    };

    for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
        assert_refused(*state, CASES[i].hosts, CASES[i].url, ERR_FORBIDDEN,
                       "none of the hosts that may be asked");
    }
}

/* The host is named, and still nobody reaches this machine by it. */
static void http_fetch__an_address_that_is_not_public__is_refused(void **state)
{
    static const char *const HOSTS[] = {"127.0.0.1",  "127.1",     "2130706433",
                                        "0x7f.0.0.1", "localhost", "LocalHost"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(HOSTS) / sizeof(HOSTS[0]); i++) {
        const char *hosts = arena_printf(&f->arena, "localhost:%u, 127.0.0.1:%u", f->port, f->port);

        assert_refused(f, hosts, arena_printf(&f->arena, "http://%s:%u/", HOSTS[i], f->port),
                       ERR_FORBIDDEN, "not public");
    }
}

static void http_fetch_check_hosts__lists__as_they_may_be_written(void **state)
{
    static const char *const GOOD[] = {
        "", "a", "a.example", "a.example:8443", "a.example, b-c.example:1,[::1]:65535 ,10.0.0.1",
        ","};
    static const char *const BAD[] = {"http://a",   "a/b",  "a:0",    "a:65536", "a:x", ":80",
                                      "a.example:", "[::1", "[a]:80", "*.a",     "a@b"};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
        if (!http_fetch_check_hosts(GOOD[i], &err)) {
            fail_msg("%s: %s", GOOD[i], err.text);
        }
    }
    for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
        if (http_fetch_check_hosts(BAD[i], &err)) {
            fail_msg("%s", BAD[i]);
        }
        assert_int_equal(err.code, ERR_CONFIG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(http_fetch__what_is_no_address__is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(http_fetch__a_host_that_is_not_named__is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(http_fetch__an_address_that_is_not_public__is_refused,
                                        set_up, tear_down),
        cmocka_unit_test(http_fetch_check_hosts__lists__as_they_may_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ora/link.h: connections to addresses of this machine. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "ora/link.h"
#include "tests/support/test.h"

/* Its descriptor; the port goes to `ret_port`. */
static int listen_here(char ret_port[6])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(ret_port, 6, "%hu", ntohs(address.sin_port));
    return fd;
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t length = sizeof(value);

    assert_int_equal(getsockopt(fd, level, name, &value, &length), 0);
    return value;
}

static void ora_link_open__expire_time__has_the_other_side_probed(void **state)
{
    struct ora_link link = {.fd = -1, .bell = -1};
    struct octo_ora_error error;
    char port[6];
    const int listener = listen_here(port);

    (void)state;
    assert_true(ora_link_open(&link, "127.0.0.1", port, ora_now_ms() + 60000, 0, &error));
    assert_int_equal(option_of(link.fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    assert_int_equal(option_of(link.fd, IPPROTO_TCP, TCP_NODELAY), 1);
    ora_link_close(&link);
    assert_int_equal(link.fd, -1);
    assert_true(ora_link_open(&link, "127.0.0.1", port, ora_now_ms() + 60000, 3, &error));
    assert_int_equal(option_of(link.fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(link.fd, IPPROTO_TCP, TCP_KEEPIDLE), 180);
    assert_int_equal(option_of(link.fd, IPPROTO_TCP, TCP_KEEPINTVL), 6);
    assert_int_equal(option_of(link.fd, IPPROTO_TCP, TCP_KEEPCNT), 10);
    ora_link_close(&link);
    (void)close(listener);
}

static struct {
    char text[256];
} told;

static void tell(void *arg, const char *name, const char *where, int64_t microseconds, bool ok)
{
    (void)arg;
    assert_true(microseconds >= 0);
    (void)snprintf(told.text + strlen(told.text), sizeof(told.text) - strlen(told.text),
                   "%s %s %d\n", name, where, ok);
}

static void ora_link_open__parts__are_told_of(void **state)
{
    struct ora_link link = {.fd = -1, .bell = -1};
    struct octo_ora_error error;
    char port[6];
    const int listener = listen_here(port);

    (void)state;
    ora_phases_begin(&link.phases, tell, NULL);
    assert_true(ora_link_open(&link, "127.0.0.1", port, ora_now_ms() + 60000, 0, &error));
    ora_link_close(&link);
    (void)close(listener);
    assert_false(ora_link_open(&link, "127.0.0.1", port, ora_now_ms() + 60000, 0, &error));
    assert_non_null(strstr(error.text, "Connection refused: no listener is there"));
    assert_int_equal(link.fd, -1);
    assert_string_equal(told.text, "look-up 127.0.0.1 1\nTCP 127.0.0.1 1\n"
                                   "look-up 127.0.0.1 1\nTCP 127.0.0.1 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_link_open__expire_time__has_the_other_side_probed),
        cmocka_unit_test(ora_link_open__parts__are_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

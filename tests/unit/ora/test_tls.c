/* ora/tls.h: what tests/oracle/test_tls.py cannot see from outside. */
#include <signal.h>
#include <sys/socket.h>

#include "ora/tls.h"
#include "tests/support/test.h"

/* A server that has gone is an error. Its signal would end a program that knows nothing of it. */
static void ora_tls_shake__server_has_gone__raises_no_signal(void **state)
{
    const struct ora_tls_options options = {.host = "localhost"};
    struct octo_ora_error error;
    struct ora_tls *tls = ora_tls_new(&options, &error);
    int ends[2];

    (void)state;
    assert_non_null(tls);
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    (void)close(ends[1]);
    assert_false(ora_tls_shake(tls, &options, ends[0], ora_now_ms() + 60000, &error));
    assert_int_equal(error.kind, OCTO_ORA_CONNECT);
    (void)close(ends[0]);
    ora_tls_free(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_tls_shake__server_has_gone__raises_no_signal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

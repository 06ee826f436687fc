/* http/answer.h: over a socket that takes little at a time. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/answer.h"
#include "support/test.h"

enum { BODY_LENGTH = 1024 * 1024 };

/* Head and body arrive whole and in order, however many calls it takes; not a byte of them moves.
 */
static void answer_write__slow_reader__gets_all_of_it(void **state)
{
    static char body[BODY_LENGTH];
    static char got[BODY_LENGTH + 64];
    struct answer answer = {.body = body, .body_length = sizeof(body)};
    enum answer_progress progress;
    size_t length = 0;
    size_t waits = 0;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    buf_init(&answer.head, ANSWER_HEAD_MAX);
    buf_add_text(&answer.head, "head\r\n\r\n");
    for (size_t i = 0; i < sizeof(body); i++) {
        body[i] = (char)(i % 251);
    }
    while ((progress = answer_write(&answer, pair[0])) == ANSWER_WAITS) {
        const ssize_t count = recv(pair[1], got + length, 5000, 0);

        assert_true(count > 0);
        length += (size_t)count;
        waits++;
    }
    assert_int_equal(progress, ANSWER_WRITTEN);
    assert_true(waits > 0);
    while (length < sizeof(body) + 8) {
        const ssize_t count = recv(pair[1], got + length, sizeof(got) - length, 0);

        assert_true(count > 0);
        length += (size_t)count;
    }
    assert_memory_equal(got, "head\r\n\r\n", 8);
    assert_memory_equal(got + 8, body, sizeof(body));
    buf_fini(&answer.head);
    close(pair[0]);
    close(pair[1]);
}

static void answer_write__nobody_listens__is_lost(void **state)
{
    struct answer answer = {.body = "x", .body_length = 1};
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    close(pair[1]);
    assert_int_equal(answer_write(&answer, pair[0]), ANSWER_LOST);
    close(pair[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_write__slow_reader__gets_all_of_it),
        cmocka_unit_test(answer_write__nobody_listens__is_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

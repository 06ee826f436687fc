#include "http/answer.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* What is not out yet of `bytes`, the first of which is the number `from` of the answer. */
static struct iovec rest(const char *bytes, size_t length, size_t from, size_t sent)
{
    const size_t out = sent <= from ? 0 : sent - from < length ? sent - from : length;

    /* sendmsg only reads, whatever its type says. */
    return (struct iovec){.iov_base = (void *)((uintptr_t)bytes + out), .iov_len = length - out};
}

enum answer_progress answer_write(struct answer *answer, int socket)
{
    const size_t length = answer->head.length + answer->body_length;

    while (answer->sent < length) {
        struct iovec parts[] = {
            rest(answer->head.data, answer->head.length, 0, answer->sent),
            rest(answer->body, answer->body_length, answer->head.length, answer->sent),
        };
        const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        const ssize_t count = sendmsg(socket, &message, MSG_NOSIGNAL);

        if (count >= 0) {
            answer->sent += (size_t)count;
        } else if (errno == EAGAIN) {
            return ANSWER_WAITS;
        } else if (errno != EINTR) {
            return ANSWER_LOST;
        }
    }
    return ANSWER_WRITTEN;
}

#include "receiver.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "otlp/visit.h"
#include "support/test.h"

enum { LOOK_MS = 10 };

static void count_span(void *arg, const struct otlp_field *field)
{
    if (field->message == &otlp_span) {
        atomic_fetch_add(&((struct receiver *)arg)->spans, 1);
    }
}

static void pass_over(void *arg, const struct otlp_field *field)
{
    (void)arg, (void)field;
}

static void pass_value(void *arg, const struct otlp_field *field, const struct otlp_value *value)
{
    (void)arg, (void)field, (void)value;
}

/* Head and body; false: the sender left before. */
static bool read_request(struct receiver *receiver, int fd)
{
    size_t length = 0;

    for (;;) {
        const ssize_t got = recv(fd, receiver->head + length, RECEIVED_MAX - 1 - length, 0);
        const char *length_field;
        char *end;

        if (got <= 0) {
            return false;
        }
        length += (size_t)got;
        receiver->head[length] = '\0';
        end = strstr(receiver->head, "\r\n\r\n");
        if (end == NULL) {
            continue;
        }
        length_field = strstr(receiver->head, "Content-Length: ");
        receiver->body = end + 4;
        receiver->body_length =
            length_field == NULL ? 0 : strtoul(length_field + strlen("Content-Length: "), NULL, 10);
        if ((size_t)(receiver->head + length - receiver->body) >= receiver->body_length) {
            *end = '\0';
            return true;
        }
    }
}

static void hang(struct receiver *receiver, int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    while (!atomic_load(&receiver->goes_on) && poll(&wait, 1, LOOK_MS) == 0) {
    }
}

static void count_spans(struct receiver *receiver)
{
    const struct otlp_visitor visitor = {
        .begin = count_span, .value = pass_value, .end = pass_over, .arg = receiver};
    struct err err;

    if (strstr(receiver->head, "application/x-protobuf") != NULL &&
        strstr(receiver->head, "Content-Encoding") == NULL &&
        !otlp_visit_protobuf(&otlp_traces, receiver->body, receiver->body_length, &visitor, &err)) {
        print_error("%s\n", err.text);
        abort();
    }
}

static void serve(void *arg)
{
    struct receiver *receiver = arg;
    const char *const *next = receiver->script;
    int fd;

    while ((fd = accept4(receiver->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        const bool is_first = next == receiver->script && receiver->first_length > 0;
        const char *answer = next != NULL && *next != NULL ? *next++ : TAKEN;
        const size_t length = is_first ? receiver->first_length : strlen(answer);

        if (read_request(receiver, fd)) {
            if (strcmp(answer, HANG) == 0) {
                atomic_fetch_add(&receiver->requests, 1);
                hang(receiver, fd);
            } else {
                if (strncmp(answer, TAKEN, strlen("HTTP/1.1 200")) == 0) {
                    count_spans(receiver);
                }
                atomic_fetch_add(&receiver->requests, 1);
                (void)send(fd, answer, length, MSG_NOSIGNAL);
            }
        }
        close(fd);
    }
}

void receiver_start(struct receiver *receiver, const char *const *script, size_t first_length)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    *receiver = (struct receiver){.script = script, .first_length = first_length};
    receiver->head = calloc(1, RECEIVED_MAX);
    assert_non_null(receiver->head);
    receiver->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(receiver->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(receiver->listener, 64), 0);
    assert_int_equal(getsockname(receiver->listener, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(receiver->url, sizeof(receiver->url), "http://127.0.0.1:%u/v1/traces",
                   ntohs(address.sin_port));
    thread_start(&receiver->thread, "receiver", serve, receiver);
}

void receiver_go_on(struct receiver *receiver)
{
    atomic_store(&receiver->goes_on, true);
}

void receiver_stop(struct receiver *receiver)
{
    if (receiver->head == NULL) {
        return;
    }
    receiver_go_on(receiver);
    (void)shutdown(receiver->listener, SHUT_RDWR);
    thread_join(&receiver->thread);
    close(receiver->listener);
    free(receiver->head);
    receiver->head = NULL;
}

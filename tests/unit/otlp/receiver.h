/*
 * tests/unit/otlp/receiver.h: a receiver of OTLP on a loopback port that answers by a script.
 * Threads: one serves, the test's looks.
 */
#ifndef TESTS_UNIT_OTLP_RECEIVER_H
#define TESTS_UNIT_OTLP_RECEIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/thread.h"

enum { RECEIVED_MAX = 4 * 1024 * 1024 };

/* Answers; each ends its connection. */
#define TAKEN                                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n"             \
    "Connection: close\r\n\r\n"
#define STATUS(status_) "HTTP/1.1 " status_ "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define HANG "hang" /* until receiver_go_on or the sender leaves; then it hangs up */
#define HANG_UP ""

struct receiver {
    int listener;
    char url[64];              /* "http://127.0.0.1:PORT/v1/traces" */
    const char *const *script; /* NULL at the end, from where on all is TAKEN */
    size_t first_length;       /* of the first answer; 0: it is a text */
    struct thread thread;
    atomic_int requests;
    _Atomic uint64_t spans; /* of requests that were TAKEN, in protobuf */
    atomic_bool goes_on;
    char *head; /* of the last request, and its body */
    char *body;
    size_t body_length;
};

void receiver_start(struct receiver *receiver, const char *const *script, size_t first_length);
void receiver_go_on(struct receiver *receiver);
void receiver_stop(struct receiver *receiver);

#endif

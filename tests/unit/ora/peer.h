/*
 * tests/unit/ora/peer.h: a session without a log-on, whose server says what a test has written down
 * and keeps what it is sent: the bytes of a request can be held against those of Oracle's drivers,
 * and any answer can be given.
 */
#ifndef TESTS_UNIT_ORA_PEER_H
#define TESTS_UNIT_ORA_PEER_H

#include "ora/session_priv.h"

enum { PEER_HEARD_MAX = 1 << 20 };

struct peer {
    struct octo_ora *session;
    int fd;               /* the server's end */
    struct ora_wr saying; /* messages that are not sent yet */
    struct ora_wr heard;
};

/* A 19c server where field_version is 12. Fails the test where it can not be made. */
void peer_open(struct peer *peer, uint8_t field_version);
void peer_close(struct peer *peer); /* frees the session; nothing is said to it any more */

/* --- what the server says; peer_send sends all of it as one answer, before it is asked --- */

void peer_say(struct peer *peer, const char *hex);
void peer_say_bytes(struct peer *peer, const void *bytes, size_t count);

struct peer_column {
    const char *name;
    uint8_t type;
    uint8_t form;
    uint32_t size;
};
void peer_say_describe(struct peer *peer, const struct peer_column *columns, size_t count);
/* The end of a call: ORA number, or 0. */
void peer_say_end(struct peer *peer, uint32_t number, uint32_t cursor, uint64_t rows);
void peer_send(struct peer *peer);
void peer_send_marker(struct peer *peer, enum ora_marker marker);

/* --- what it has been sent --- */

/* The messages of all packets that have come since the last call; markers are left out. */
void peer_hear(struct peer *peer);
/* The same, and they must end with these bytes. */
void peer_expect_tail(struct peer *peer, const char *what, const char *hex);

#endif

/*
 * ora/decode.h: what a recording says, packet by packet and message by message. Values that could
 * be secrets are never shown: of a log-on only what a list allows is.
 *
 * Which dialect the two sides agreed on is not always in the recording, so the newest with which
 * all that the server says ends where its bytes end is taken.
 */
#ifndef ORA_DECODE_H
#define ORA_DECODE_H

#include "ora/message.h"
#include "ora/recording.h"

struct ora_decoded {
    struct ora_dialect dialect; /* the one that was taken */
    size_t messages;            /* of the server's, that were read to their end */
    size_t unread;              /* bytes of the server's that were not */
    size_t packet;              /* the first one with such bytes, as the file counts */
    const char *fault;          /* what is wrong there; NULL: it ends too early */
    bool is_other;              /* of a dialect that is not read here: why is in `fault` */
};

/* Shows all of it on `out`, unless that is NULL. False when memory is out. */
bool ora_decode(const struct ora_recording *recording, FILE *out, struct ora_decoded *ret);

#endif

/*
 * ora/lob.h: a LOB of the server's and the calls to it (see octo/ora.h). What is known of it is its
 * locator, bytes that only the server understands, but for a few bits that say how its content
 * travels and whether it is temporary.
 */
#ifndef ORA_LOB_H
#define ORA_LOB_H

#include "ora/session_priv.h"

enum {
    ORA_LOCATOR_MAX = 4096, /* bytes that are taken of one; they have 40 to some hundred */
    ORA_LOCATOR_NEW = 40,   /* room that is offered for a new one, as drivers of Oracle's do */
    ORA_LOB_BIND_SIZE = 112,
    /* Of a piece that is read or written in one call: UTF-16 units of a CLOB, bytes of a BLOB. */
    ORA_LOB_PIECE = 32768,
    ORA_LOB_PREFETCH = 0x2000000, /* of a bind or a column: its size comes with the locator */
};

struct octo_ora_lob {
    struct octo_ora *session;
    unsigned generation; /* of the server's process that has it */
    uint8_t type;        /* ORA_TYPE_CLOB or ORA_TYPE_BLOB */
    uint8_t form;
    bool is_temporary; /* freed on the server when it is freed here */
    bool has_size;
    uint64_t size;
    uint64_t position; /* that is read or written next, from 0 */
    size_t locator_length;
    uint8_t locator[ORA_LOCATOR_MAX];
    struct ora_wr piece;   /* that was read last; of a CLOB as UTF-8 */
    struct ora_wr sending; /* that is written: in the form in which it travels */
    /* of the call that is going on */
    uint64_t amount; /* that the server has answered with */
};

/* One that a row or a bind has given. NULL, with the error filled: there is no memory, or the
 * locator cannot be right. */
struct octo_ora_lob *ora_lob_new(struct octo_ora *session, uint8_t type, uint8_t form,
                                 const struct ora_bytes *locator, struct octo_ora_error *error);
/* A new temporary one with this content. */
struct octo_ora_lob *ora_lob_of(struct octo_ora *session, uint8_t type, uint8_t form,
                                const uint8_t *bytes, size_t length, struct octo_ora_error *error);

#endif

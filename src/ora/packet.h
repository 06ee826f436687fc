/*
 * ora/packet.h: the packets that carry everything, and the bodies of those that connect two sides.
 * What is read is borrowed from the caller's bytes.
 */
#ifndef ORA_PACKET_H
#define ORA_PACKET_H

#include "ora/wire.h"

enum {
    ORA_PACKET_HEAD = 8,
    ORA_DATA_HEAD = 10,            /* with the flags of DATA */
    ORA_PACKET_NARROW_MAX = 65535, /* while lengths have 16 bits */
    ORA_SDU_MIN = 512,
    ORA_SDU_MAX = 2097152, /* and of any packet */
    ORA_SDU_DEFAULT = 8192,
    ORA_VERSION_WANTED = 319,
    ORA_VERSION_WIDE = 315,  /* from here on lengths have 32 bits once accepted: 12.1 */
    ORA_VERSION_FLAGS = 318, /* from here on an ACCEPT may have flags 2 */
    ORA_VERSION_END_OF_RESPONSE = 319,
    ORA_CONNECT_HEAD = 74,
    ORA_CONNECT_INLINE_MAX = 230, /* longer connect data follow in a packet of their own */
};

enum ora_packet_type {
    ORA_PACKET_CONNECT = 1,
    ORA_PACKET_ACCEPT = 2,
    ORA_PACKET_REFUSE = 4,
    ORA_PACKET_REDIRECT = 5,
    ORA_PACKET_DATA = 6,
    ORA_PACKET_RESEND = 11,
    ORA_PACKET_MARKER = 12,
    ORA_PACKET_CONTROL = 14,
};

/* Flags of a packet. */
enum {
    ORA_FLAG_REDIRECT_PARTS = 0x02, /* of REDIRECT: address, NUL, connect data */
    ORA_FLAG_REDIRECTED = 0x04,     /* of CONNECT: after a REDIRECT */
    ORA_FLAG_RENEGOTIATE = 0x08,    /* of RESEND: TLS anew before that */
};

/* Flags of DATA. */
enum {
    ORA_DATA_EOF = 0x0040,
    ORA_DATA_END_OF_REQUEST = 0x0800,
    ORA_DATA_END_OF_RESPONSE = 0x2000,
};

enum ora_marker { ORA_MARKER_BREAK = 1, ORA_MARKER_RESET = 2, ORA_MARKER_INTERRUPT = 3 };

enum ora_step {
    ORA_STEP_DONE,
    ORA_STEP_MORE, /* more bytes are needed */
    ORA_STEP_BAD,  /* this can not be right */
};

struct ora_packet {
    uint8_t type;
    uint8_t flags;
    uint16_t data_flags; /* of DATA */
    const uint8_t *body; /* behind the head, of DATA behind its flags */
    size_t body_length;
    size_t length; /* of the whole; with ORA_STEP_MORE how many bytes it needs at least */
};

/* `max` is the longest packet that this side has agreed to. `ret_fault` lasts. */
enum ora_step ora_packet_read(const uint8_t *bytes, size_t have, bool is_wide, size_t max,
                              struct ora_packet *ret, const char **ret_fault);

/* Each reads the body of its type, and gives NULL or a sentence's end on what is wrong with it. */

struct ora_connect {
    uint16_t version;
    uint16_t version_min;
    uint32_t sdu;
    size_t data_length; /* as declared: what is not in `data` follows in a packet of DATA */
    struct ora_bytes data;
};
const char *ora_connect_read(const struct ora_packet *packet, struct ora_connect *ret);

struct ora_accept {
    uint16_t version;
    uint32_t sdu;
    bool demands_encryption; /* Oracle's native one */
    bool has_end_of_response;
    bool has_fast_logon;
};
/* Takes an ACCEPT of any length: what is not there is off. */
const char *ora_accept_read(const struct ora_packet *packet, struct ora_accept *ret);

struct ora_refuse {
    uint32_t number;    /* of ORA-number; 0: none is named */
    size_t text_length; /* as declared: what is not in `text` follows in a packet of DATA */
    struct ora_bytes text;
};
const char *ora_refuse_read(const struct ora_packet *packet, struct ora_refuse *ret);
/* The number in a text that came behind. */
uint32_t ora_refuse_number(const struct ora_bytes *text);

struct ora_redirect {
    size_t data_length;    /* as declared: what is not in `data` follows in a packet of DATA */
    struct ora_bytes data; /* an address; with ORA_FLAG_REDIRECT_PARTS NUL and connect data too */
};
const char *ora_redirect_read(const struct ora_packet *packet, struct ora_redirect *ret);

const char *ora_marker_read(const struct ora_packet *packet, enum ora_marker *ret);

struct ora_control {
    uint16_t kind;   /* 8: a word from the server, 9: urgent bytes do not come through */
    uint32_t number; /* of ORA-number, with kind 8 */
};
const char *ora_control_read(const struct ora_packet *packet, struct ora_control *ret);

/* Each adds a packet; of a length that its form of head cannot hold the writer turns bad. */

void ora_packet_write(struct ora_wr *wr, bool is_wide, enum ora_packet_type type, uint8_t flags,
                      const void *body, size_t length);
void ora_marker_write(struct ora_wr *wr, bool is_wide, enum ora_marker marker);
/* A stream as packets of DATA of at most `sdu` bytes; the last one with last_flags too. An empty
 * stream is one packet. */
void ora_data_write(struct ora_wr *wr, bool is_wide, size_t sdu, uint16_t flags,
                    uint16_t last_flags, const void *stream, size_t length);
/* CONNECT, and connect data behind it where they are long. `sdu` is the longest packet that the
 * client wants. */
void ora_connect_write(struct ora_wr *wr, uint8_t flags, uint32_t sdu, const void *data,
                       size_t length);

#endif

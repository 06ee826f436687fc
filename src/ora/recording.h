/*
 * ora/recording.h: a conversation as a file of text that people can read and change: what its lines
 * say is bytes in hexadecimal, behind '>' from the client and behind '<' from the server.
 *
 *     # packet 3 < 41 bytes ACCEPT
 *     < 00 29 00 00 02 00 ...
 *     < 00 00 20 00 ...
 *
 * A line "# packet N DIRECTION" opens a packet; with LEFT OUT in it its bytes are not in the file.
 * Other lines that begin with '#' are remarks; one that says "(no TNS header)" means that each
 * packet is only what it carried.
 */
#ifndef ORA_RECORDING_H
#define ORA_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    ORA_RECORDS_MAX = 100000,     /* packets of a file */
    ORA_RECORDING_MAX = 64 << 20, /* bytes of all of them */
};

struct ora_record {
    bool is_servers;
    bool is_left_out;
    size_t number; /* as the file counts */
    size_t at;     /* in the recording's bytes */
    size_t count;
};

struct ora_recording {
    struct ora_record *records;
    size_t count;
    uint8_t *bytes;
    bool has_heads;
    bool is_pieces; /* a remark says that messages were cut out of their answers */
    bool is_oci; /* a remark "# driver:" names Oracle's C library, which speaks another dialect */
    unsigned long fault_line; /* of a file that is none: the line, and what is wrong with it */
    const char *fault;
};

/* Reads all of it. False with fault set, or with errno's error where fault is NULL. Either way for
 * ora_recording_fini. */
bool ora_recording_read(FILE *file, struct ora_recording *ret);
void ora_recording_fini(struct ora_recording *recording);

#endif

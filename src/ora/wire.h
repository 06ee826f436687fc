/*
 * ora/wire.h: the primitives that messages of Oracle Net are made of: integers of a fixed size,
 * integers behind a byte with their length, and strings of bytes.
 *
 * A reader walks over bytes that are there; it never reads past their end and allocates nothing.
 * What ends too early makes it short (more bytes may mend that), what can not be right makes it
 * bad, and either lasts: every later read gives zero, so a parser looks once, at its end. A writer
 * grows to a ceiling and turns bad there.
 */
#ifndef ORA_WIRE_H
#define ORA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORA_CLR_NULL = 0xFF,      /* a string of this length byte, or of 0, is NULL */
    ORA_CLR_CHUNKED = 0xFE,   /* chunks follow, the last one is empty */
    ORA_CLR_SHORT_MAX = 0xFC, /* the longest string that writers put behind one length byte */
    ORA_CLR_READ_MAX = 0xFD,  /* the longest that readers take so */
    ORA_CHUNK_MAX = 32767,    /* bytes of one chunk that is written */
};

/* Borrowed bytes. Of a chunked string `at` is the first chunk with its length before it. */
struct ora_bytes {
    const uint8_t *at;
    size_t length; /* of the content, over all chunks */
    bool is_null;
    bool is_chunked;
};

/* How far a chunked string was read that is not whole yet, in bytes from where the reader began: it
 * is read on from there, not once more, when more bytes have come. */
struct ora_chunks {
    size_t from; /* behind its length byte; 0: there is none */
    size_t at;
    size_t last;   /* the content of the last chunk that was whole */
    size_t length; /* of the content up to there */
    size_t count;
};

struct ora_rd {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    const char *fault;         /* of a reader that is bad: what is wrong; NULL otherwise */
    struct ora_chunks *chunks; /* of the last chunked string; NULL: nobody reads on */
    bool is_short;
};

struct ora_rd ora_rd_of(const void *bytes, size_t count);
/* Neither short nor bad. */
static inline bool ora_rd_is_fine(const struct ora_rd *rd)
{
    return !rd->is_short && rd->fault == NULL;
}
size_t ora_rd_left(const struct ora_rd *rd);
size_t ora_rd_offset(const struct ora_rd *rd); /* from where it began */
/* Makes it bad, unless it is short or bad already. `fault` is a text that lasts. */
void ora_rd_fail(struct ora_rd *rd, const char *fault);

uint8_t ora_rd_u8(struct ora_rd *rd);
uint16_t ora_rd_u16(struct ora_rd *rd); /* big-endian, as all but _le */
uint16_t ora_rd_u16_le(struct ora_rd *rd);
uint32_t ora_rd_u32(struct ora_rd *rd);
/* A length byte and that many bytes; bad when longer than its type or, of the first three,
 * negative. */
uint16_t ora_rd_ub2(struct ora_rd *rd);
uint32_t ora_rd_ub4(struct ora_rd *rd);
uint64_t ora_rd_ub8(struct ora_rd *rd);
int32_t ora_rd_sb4(struct ora_rd *rd); /* also what is sent as sb1 or sb2 */
/* A ub4 of things that follow; bad, with that fault and 0, when they are more than `max`. */
uint32_t ora_rd_count(struct ora_rd *rd, uint32_t max, const char *too_many);
const uint8_t *ora_rd_raw(struct ora_rd *rd, size_t count); /* borrowed; NULL when not there */

/* A string with its own length. */
struct ora_bytes ora_rd_clr(struct ora_rd *rd);
/* A string behind a number that says whether there is one: its value is of no use otherwise, since
 * servers write there what their character set could need at worst. */
struct ora_bytes ora_rd_text(struct ora_rd *rd);
/* Copies the content, chunks joined, to `to`, which has room for bytes->length. */
void ora_bytes_copy(const struct ora_bytes *bytes, uint8_t *to);
bool ora_bytes_are(const struct ora_bytes *bytes, const char *text);

struct ora_wr {
    uint8_t *data; /* for free() by ora_wr_fini */
    size_t length;
    size_t capacity;
    size_t max;
    bool is_bad;    /* the ceiling was hit or memory is out; what is there is cut */
    bool is_secret; /* it leaves nothing behind in memory where it moves or ends */
};

void ora_wr_init(struct ora_wr *wr, size_t max);
void ora_wr_fini(struct ora_wr *wr);
void ora_wr_clear(struct ora_wr *wr); /* empty and good again; keeps the memory */
void ora_wr_wipe(struct ora_wr *wr);  /* the same, and what was in it is gone */
void ora_wr_u8(struct ora_wr *wr, uint8_t value);
void ora_wr_u16(struct ora_wr *wr, uint16_t value);
void ora_wr_u16_le(struct ora_wr *wr, uint16_t value);
void ora_wr_u32(struct ora_wr *wr, uint32_t value);
void ora_wr_raw(struct ora_wr *wr, const void *bytes, size_t count);
void ora_wr_zeros(struct ora_wr *wr, size_t count);
/* The forms ub2, ub4, ub8: written in 1, 2, 4 or 8 bytes, as Oracle's own drivers do. */
void ora_wr_ub(struct ora_wr *wr, uint64_t value);
void ora_wr_clr(struct ora_wr *wr, const void *bytes, size_t count);  /* count 0: NULL */
void ora_wr_text(struct ora_wr *wr, const void *bytes, size_t count); /* as ora_rd_text reads */

#endif

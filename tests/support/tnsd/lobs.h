/*
 * tests/support/tnsd/lobs.h: the large objects of a session, which clients know by a locator each:
 * texts in UTF-8 and bytes. They live until the client frees them or the session ends.
 */
#ifndef TESTS_SUPPORT_TNSD_LOBS_H
#define TESTS_SUPPORT_TNSD_LOBS_H

#include "ora/wire.h"

enum { LOB_LOCATOR = 40, LOBS_MAX = 65536, LOB_BYTES_MAX = 64 << 20 };

struct lob {
    uint32_t id; /* 0: a free place */
    bool is_text;
    bool is_temporary; /* the client's own: may be written */
    bool is_open;
    struct ora_wr content;
};

struct lobs {
    struct lob *list;
    size_t count;
    uint32_t last_id;
};

void lobs_fini(struct lobs *lobs);
/* NULL when there are too many. Borrowed until the next one is added. */
struct lob *lobs_add(struct lobs *lobs, bool is_text, bool is_temporary, const void *bytes,
                     size_t length);
struct lob *lobs_find(struct lobs *lobs, const uint8_t *locator, size_t length);
void lob_drop(struct lob *lob);
void lob_locator(const struct lob *lob, uint8_t ret[LOB_LOCATOR]);

/* In characters of a text, which are units of UTF-16, or bytes. */
uint64_t lob_length(const struct lob *lob);
/* From `offset` (from 1) on, as it travels: texts in UTF-16. Gives how many characters or bytes. */
uint64_t lob_read(const struct lob *lob, uint64_t offset, uint64_t amount, struct ora_wr *to);
/* Over what is there, and behind its end. False: what comes is no UTF-16, or too much. */
bool lob_write(struct lob *lob, uint64_t offset, const uint8_t *bytes, size_t length);
bool lob_trim(struct lob *lob, uint64_t length);

/* --- UTF-16, big-endian, as national characters and texts of LOBs travel --- */

void utf16_of_utf8(const char *text, size_t length, struct ora_wr *to);
/* False: a surrogate without its other half, or half a unit. */
bool utf8_of_utf16(const uint8_t *bytes, size_t length, struct ora_wr *to);

#endif

#include "tests/support/tnsd/lobs.h"

#include <stdlib.h>
#include <string.h>

enum {
    SURROGATE_HIGH = 0xD800,
    SURROGATE_LOW = 0xDC00,
    SURROGATE_END = 0xE000,
    BEYOND_16_BITS = 0x10000,
    /* of locators, see the drivers' sources: what it is of, and how its data travel */
    AT_KIND = 4,
    KIND_BLOB = 0x01,
    AT_STATE = 5,
    STATE_INITIALISED = 0x08,
    AT_CHARSET = 6,
    CHARSET_UTF16 = 0x80,
    AT_LIFE = 7,
    LIFE_TEMPORARY = 0x01,
    AT_ID = 8,
};

/* --- UTF-16 --- */

void utf16_of_utf8(const char *text, size_t length, struct ora_wr *to)
{
    for (size_t i = 0; i < length;) {
        const unsigned char first = (unsigned char)text[i];
        const size_t count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        uint32_t point = count == 1 ? first : first & (0x7FU >> count);

        for (size_t j = 1; j < count && i + j < length; j++) {
            point = point << 6 | ((unsigned char)text[i + j] & 0x3FU);
        }
        i += count;
        if (point < BEYOND_16_BITS) {
            ora_wr_u16(to, (uint16_t)point);
        } else {
            ora_wr_u16(to, (uint16_t)(SURROGATE_HIGH + ((point - BEYOND_16_BITS) >> 10)));
            ora_wr_u16(to, (uint16_t)(SURROGATE_LOW + ((point - BEYOND_16_BITS) & 0x3FF)));
        }
    }
}

static void write_utf8(uint32_t point, struct ora_wr *to)
{
    const int more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < BEYOND_16_BITS ? 2 : 3;
    static const uint8_t heads[] = {0, 0xC0, 0xE0, 0xF0};

    ora_wr_u8(to, (uint8_t)(heads[more] | point >> (6 * more)));
    for (int i = more - 1; i >= 0; i--) {
        ora_wr_u8(to, (uint8_t)(0x80 | (point >> (6 * i) & 0x3F)));
    }
}

bool utf8_of_utf16(const uint8_t *bytes, size_t length, struct ora_wr *to)
{
    if (length % 2 != 0) {
        return false;
    }
    for (size_t i = 0; i < length; i += 2) {
        uint32_t point = (uint32_t)bytes[i] << 8 | bytes[i + 1];

        if (point >= SURROGATE_HIGH && point < SURROGATE_END) {
            const uint32_t low = i + 3 < length ? (uint32_t)bytes[i + 2] << 8 | bytes[i + 3] : 0;

            if (point >= SURROGATE_LOW || low < SURROGATE_LOW || low >= SURROGATE_END) {
                return false;
            }
            point = BEYOND_16_BITS + ((point - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
            i += 2;
        }
        write_utf8(point, to);
    }
    return !to->is_bad;
}

/* --- objects --- */

void lobs_fini(struct lobs *lobs)
{
    for (size_t i = 0; i < lobs->count; i++) {
        ora_wr_fini(&lobs->list[i].content);
    }
    free(lobs->list);
    *lobs = (struct lobs){.count = 0};
}

static struct lob *free_place(struct lobs *lobs)
{
    struct lob *list;

    for (size_t i = 0; i < lobs->count; i++) {
        if (lobs->list[i].id == 0) {
            return &lobs->list[i];
        }
    }
    if (lobs->count == LOBS_MAX) {
        return NULL;
    }
    list = realloc(lobs->list, (lobs->count + 1) * sizeof(*list));
    if (list == NULL) {
        return NULL;
    }
    lobs->list = list;
    return &list[lobs->count++];
}

struct lob *lobs_add(struct lobs *lobs, bool is_text, bool is_temporary, const void *bytes,
                     size_t length)
{
    struct lob *lob = free_place(lobs);

    if (lob != NULL) {
        *lob =
            (struct lob){.id = ++lobs->last_id, .is_text = is_text, .is_temporary = is_temporary};
        ora_wr_init(&lob->content, LOB_BYTES_MAX);
        ora_wr_raw(&lob->content, bytes, length);
    }
    return lob;
}

void lob_drop(struct lob *lob)
{
    ora_wr_fini(&lob->content);
    lob->id = 0;
}

void lob_locator(const struct lob *lob, uint8_t ret[LOB_LOCATOR])
{
    memset(ret, 0, LOB_LOCATOR);
    ret[1] = LOB_LOCATOR - 2;
    ret[AT_KIND] = lob->is_text ? 0 : KIND_BLOB;
    ret[AT_STATE] = STATE_INITIALISED;
    ret[AT_CHARSET] = lob->is_text ? CHARSET_UTF16 : 0;
    ret[AT_LIFE] = lob->is_temporary ? LIFE_TEMPORARY : 0;
    for (int i = 0; i < 4; i++) {
        ret[AT_ID + i] = (uint8_t)(lob->id >> (24 - 8 * i));
    }
}

struct lob *lobs_find(struct lobs *lobs, const uint8_t *locator, size_t length)
{
    uint32_t id = 0;

    if (length < LOB_LOCATOR) {
        return NULL;
    }
    for (int i = 0; i < 4; i++) {
        id = id << 8 | locator[AT_ID + i];
    }
    for (size_t i = 0; id != 0 && i < lobs->count; i++) {
        if (lobs->list[i].id == id) {
            return &lobs->list[i];
        }
    }
    return NULL;
}

/* --- contents: of texts in UTF-16 units --- */

static void travel_form(const struct lob *lob, struct ora_wr *to)
{
    if (lob->is_text) {
        utf16_of_utf8((const char *)lob->content.data, lob->content.length, to);
    } else {
        ora_wr_raw(to, lob->content.data, lob->content.length);
    }
}

/* The content in the form in which it travels; for ora_wr_fini. */
static struct ora_wr travelling(const struct lob *lob)
{
    struct ora_wr all;

    ora_wr_init(&all, (size_t)2 * LOB_BYTES_MAX);
    travel_form(lob, &all);
    return all;
}

static size_t unit(const struct lob *lob)
{
    return lob->is_text ? 2 : 1;
}

uint64_t lob_length(const struct lob *lob)
{
    struct ora_wr all = travelling(lob);
    const uint64_t length = all.length / unit(lob);

    ora_wr_fini(&all);
    return length;
}

uint64_t lob_read(const struct lob *lob, uint64_t offset, uint64_t amount, struct ora_wr *to)
{
    struct ora_wr all = travelling(lob);
    const uint64_t length = all.length / unit(lob);
    const uint64_t first = offset == 0 ? 0 : offset - 1;
    const uint64_t left = first < length ? length - first : 0;
    const uint64_t count = amount < left ? amount : left;

    if (count > 0) {
        ora_wr_raw(to, all.data + first * unit(lob), (size_t)count * unit(lob));
    }
    ora_wr_fini(&all);
    return count;
}

/* Takes a content in the form in which it travelled for the object's. */
static bool replace_content(struct lob *lob, const uint8_t *bytes, size_t length)
{
    ora_wr_clear(&lob->content);
    if (lob->is_text) {
        return utf8_of_utf16(bytes, length, &lob->content);
    }
    ora_wr_raw(&lob->content, bytes, length);
    return !lob->content.is_bad;
}

bool lob_write(struct lob *lob, uint64_t offset, const uint8_t *bytes, size_t length)
{
    struct ora_wr all = travelling(lob);
    const uint64_t start = (offset == 0 ? 0 : offset - 1) * unit(lob);
    bool ok = start <= LOB_BYTES_MAX;

    while (ok && all.length < start &&
           !all.is_bad) { /* texts are filled with blanks, bytes with zeros */
        ora_wr_u8(&all, lob->is_text && all.length % 2 == 1 ? ' ' : 0);
    }
    if (ok) {
        const size_t over =
            all.length - (size_t)start < length ? all.length - (size_t)start : length;

        memcpy(all.data == NULL ? (uint8_t[1]){0} : all.data + start, bytes, over);
        ora_wr_raw(&all, bytes + over, length - over);
        ok = !all.is_bad && replace_content(lob, all.data, all.length);
    }
    ora_wr_fini(&all);
    return ok;
}

bool lob_trim(struct lob *lob, uint64_t length)
{
    struct ora_wr all = travelling(lob);
    const bool ok = length <= all.length / unit(lob) &&
                    replace_content(lob, all.data, (size_t)length * unit(lob));

    ora_wr_fini(&all);
    return ok;
}

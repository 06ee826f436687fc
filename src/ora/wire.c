#include "ora/wire.h"

#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"

enum { NEGATIVE = 0x80 }; /* in the length byte of a signed integer */

struct ora_rd ora_rd_of(const void *bytes, size_t count)
{
    static const uint8_t NOTHING[1];
    const uint8_t *start = bytes != NULL ? bytes : NOTHING;

    return (struct ora_rd){.start = start, .at = start, .end = start + count};
}

size_t ora_rd_left(const struct ora_rd *rd)
{
    return ora_rd_is_fine(rd) ? (size_t)(rd->end - rd->at) : 0;
}

size_t ora_rd_offset(const struct ora_rd *rd)
{
    return (size_t)(rd->at - rd->start);
}

void ora_rd_fail(struct ora_rd *rd, const char *fault)
{
    if (ora_rd_is_fine(rd)) {
        rd->fault = fault;
    }
}

const uint8_t *ora_rd_raw(struct ora_rd *rd, size_t count)
{
    const uint8_t *bytes = rd->at;

    if (!ora_rd_is_fine(rd)) {
        return NULL;
    }
    if (count > (size_t)(rd->end - rd->at)) {
        rd->is_short = true;
        return NULL;
    }
    rd->at += count;
    return bytes;
}

static uint64_t big_endian(struct ora_rd *rd, size_t count)
{
    const uint8_t *bytes = ora_rd_raw(rd, count);
    uint64_t value = 0;

    for (size_t i = 0; bytes != NULL && i < count; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

uint8_t ora_rd_u8(struct ora_rd *rd)
{
    return (uint8_t)big_endian(rd, 1);
}

uint16_t ora_rd_u16(struct ora_rd *rd)
{
    return (uint16_t)big_endian(rd, 2);
}

uint16_t ora_rd_u16_le(struct ora_rd *rd)
{
    const uint16_t value = ora_rd_u16(rd);

    return (uint16_t)(value >> 8 | value << 8);
}

uint32_t ora_rd_u32(struct ora_rd *rd)
{
    return (uint32_t)big_endian(rd, 4);
}

static uint64_t unsigned_up_to(struct ora_rd *rd, size_t bytes_max)
{
    const uint8_t length = ora_rd_u8(rd);

    if (length > bytes_max) {
        ora_rd_fail(rd, (length & NEGATIVE) != 0 ? "a negative number where none can be"
                                                 : "a number longer than its type");
        return 0;
    }
    return big_endian(rd, length);
}

uint16_t ora_rd_ub2(struct ora_rd *rd)
{
    return (uint16_t)unsigned_up_to(rd, 2);
}

uint32_t ora_rd_ub4(struct ora_rd *rd)
{
    return (uint32_t)unsigned_up_to(rd, 4);
}

uint32_t ora_rd_count(struct ora_rd *rd, uint32_t max, const char *too_many)
{
    const uint32_t count = ora_rd_ub4(rd);

    if (count > max) {
        ora_rd_fail(rd, too_many);
        return 0;
    }
    return count;
}

uint64_t ora_rd_ub8(struct ora_rd *rd)
{
    return unsigned_up_to(rd, 8);
}

int32_t ora_rd_sb4(struct ora_rd *rd)
{
    const uint8_t head = ora_rd_u8(rd);
    const uint8_t length = head & (NEGATIVE - 1);
    int64_t value;

    if (length > 4) {
        ora_rd_fail(rd, "a number longer than its type");
        return 0;
    }
    value = (int64_t)big_endian(rd, length);
    value = (head & NEGATIVE) != 0 ? -value : value;
    if (value < INT32_MIN || value > INT32_MAX) {
        ora_rd_fail(rd, "a number out of its type's range");
        return 0;
    }
    return (int32_t)value;
}

/* What stands in a single chunk is a plain run of bytes: nothing has to be joined. */
static struct ora_bytes chunked(struct ora_rd *rd)
{
    struct ora_bytes bytes = {.at = rd->at};
    struct ora_chunks chunks = {.from = ora_rd_offset(rd), .at = ora_rd_offset(rd)};
    uint32_t length;

    if (rd->chunks != NULL && rd->chunks->from == chunks.from &&
        rd->chunks->at <= (size_t)(rd->end - rd->start)) {
        chunks = *rd->chunks;
        rd->at = rd->start + chunks.at;
    }
    while ((length = ora_rd_ub4(rd)) != 0 && ora_rd_raw(rd, length) != NULL) {
        chunks.at = ora_rd_offset(rd);
        chunks.last = chunks.at - length;
        chunks.length += length;
        chunks.count++;
    }
    if (rd->chunks != NULL) {
        *rd->chunks = chunks;
    }
    bytes.length = chunks.length;
    bytes.is_chunked = chunks.count > 1;
    bytes.at = chunks.count == 1 ? rd->start + chunks.last : bytes.at;
    return bytes;
}

struct ora_bytes ora_rd_clr(struct ora_rd *rd)
{
    const uint8_t length = ora_rd_u8(rd);
    struct ora_bytes bytes = {.at = rd->at, .length = length};

    if (length == 0 || length == ORA_CLR_NULL) {
        bytes.length = 0;
        bytes.is_null = true;
    } else if (length == ORA_CLR_CHUNKED) {
        bytes = chunked(rd);
    } else {
        (void)ora_rd_raw(rd, length);
    }
    return ora_rd_is_fine(rd) ? bytes : (struct ora_bytes){.at = rd->start, .is_null = true};
}

struct ora_bytes ora_rd_text(struct ora_rd *rd)
{
    if (ora_rd_ub4(rd) == 0) {
        return (struct ora_bytes){.at = rd->at, .is_null = true};
    }
    return ora_rd_clr(rd);
}

/* The next piece of the content and how long it is; `at` moves behind it. The reader has seen it
 * all. */
static const uint8_t *next_piece(const uint8_t **at, size_t *ret_length)
{
    const uint8_t *piece = *at + 1 + **at;
    size_t length = 0;

    for (size_t i = 1; i <= **at; i++) {
        length = length << 8 | (*at)[i];
    }
    *ret_length = length;
    *at = piece + length;
    return piece;
}

void ora_bytes_copy(const struct ora_bytes *bytes, uint8_t *to)
{
    const uint8_t *at = bytes->at;
    size_t left = bytes->length;

    if (!bytes->is_chunked) {
        if (left > 0) {
            memcpy(to, at, left);
        }
        return;
    }
    while (left > 0) {
        size_t length;
        const uint8_t *piece = next_piece(&at, &length);

        memmove(to, piece, length); /* a row is joined where it lies */
        to += length;
        left -= length;
    }
}

bool ora_bytes_are(const struct ora_bytes *bytes, const char *text)
{
    return !bytes->is_chunked && bytes->length == strlen(text) &&
           memcmp(bytes->at, text, bytes->length) == 0;
}

/* --- writing --- */

void ora_wr_init(struct ora_wr *wr, size_t max)
{
    *wr = (struct ora_wr){.max = max};
}

void ora_wr_fini(struct ora_wr *wr)
{
    if (wr->is_secret) {
        ora_heap_free_secret(wr->data, wr->capacity);
    } else {
        free(wr->data);
    }
    *wr = (struct ora_wr){.data = NULL};
}

void ora_wr_wipe(struct ora_wr *wr)
{
    if (wr->data != NULL) {
        explicit_bzero(wr->data, wr->capacity);
    }
    ora_wr_clear(wr);
}

void ora_wr_clear(struct ora_wr *wr)
{
    wr->length = 0;
    wr->is_bad = false;
}

static uint8_t *reserve(struct ora_wr *wr, size_t count)
{
    uint8_t *data = NULL;

    if (!wr->is_bad && count <= wr->max - wr->length) {
        data = (wr->is_secret ? ora_heap_grow_secret : ora_heap_grow)(wr->data, &wr->capacity,
                                                                      wr->length + count, wr->max);
    }
    if (data == NULL) {
        wr->is_bad = wr->is_bad || count > 0;
        return NULL;
    }
    wr->data = data;
    wr->length += count;
    return data + wr->length - count;
}

static void put_big_endian(struct ora_wr *wr, uint64_t value, size_t count)
{
    uint8_t *at = reserve(wr, count);

    for (size_t i = 0; at != NULL && i < count; i++) {
        at[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
    }
}

void ora_wr_u8(struct ora_wr *wr, uint8_t value)
{
    put_big_endian(wr, value, 1);
}

void ora_wr_u16(struct ora_wr *wr, uint16_t value)
{
    put_big_endian(wr, value, 2);
}

void ora_wr_u16_le(struct ora_wr *wr, uint16_t value)
{
    ora_wr_u16(wr, (uint16_t)(value >> 8 | value << 8));
}

void ora_wr_u32(struct ora_wr *wr, uint32_t value)
{
    put_big_endian(wr, value, 4);
}

void ora_wr_raw(struct ora_wr *wr, const void *bytes, size_t count)
{
    uint8_t *at = count == 0 ? NULL : reserve(wr, count);

    if (at != NULL) {
        memcpy(at, bytes, count);
    }
}

void ora_wr_zeros(struct ora_wr *wr, size_t count)
{
    uint8_t *at = reserve(wr, count);

    if (at != NULL) {
        memset(at, 0, count);
    }
}

void ora_wr_ub(struct ora_wr *wr, uint64_t value)
{
    size_t count = 8;

    if (value == 0) {
        count = 0;
    } else if (value <= UINT8_MAX) {
        count = 1;
    } else if (value <= UINT16_MAX) {
        count = 2;
    } else if (value <= UINT32_MAX) {
        count = 4;
    }
    ora_wr_u8(wr, (uint8_t)count);
    put_big_endian(wr, value, count);
}

void ora_wr_clr(struct ora_wr *wr, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;

    if (count <= ORA_CLR_SHORT_MAX) {
        ora_wr_u8(wr, (uint8_t)count);
        ora_wr_raw(wr, bytes, count);
        return;
    }
    ora_wr_u8(wr, ORA_CLR_CHUNKED);
    while (count > 0) {
        const size_t chunk = count < ORA_CHUNK_MAX ? count : ORA_CHUNK_MAX;

        ora_wr_ub(wr, chunk);
        ora_wr_raw(wr, at, chunk);
        at += chunk;
        count -= chunk;
    }
    ora_wr_u8(wr, 0);
}

void ora_wr_text(struct ora_wr *wr, const void *bytes, size_t count)
{
    ora_wr_ub(wr, count);
    if (count > 0) {
        ora_wr_clr(wr, bytes, count);
    }
}

#include "otlp/protobuf.h"

#include <assert.h>
#include <string.h>

enum {
    VARINT_MAX = 10, /* bytes of 64 bits, seven each */
    WIRE_BITS = 3,
    LOW_BITS = 7,
    MORE = 0x80,
    BYTE_BITS = 8,
    LENGTH_GUESS = 1, /* bytes that pb_begin leaves for a length: most messages are short */
};

/* ---- writing ---- */

static size_t format_varint(char *at, uint64_t value)
{
    size_t length = 0;

    while (value >= MORE) {
        at[length++] = (char)(uint8_t)(value | MORE);
        value >>= LOW_BITS;
    }
    at[length++] = (char)value;
    return length;
}

static size_t format_little(char *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (char)(uint8_t)(value >> (BYTE_BITS * i));
    }
    return bytes;
}

static size_t format_tag(char *at, unsigned number, enum pb_wire wire)
{
    return format_varint(at, (uint64_t)number << WIRE_BITS | wire);
}

void pb_put_varint(struct buf *out, unsigned number, uint64_t value)
{
    char field[2 * VARINT_MAX];
    const size_t tag = format_tag(field, number, PB_VARINT);

    buf_add(out, field, tag + format_varint(field + tag, value));
}

void pb_put_fixed64(struct buf *out, unsigned number, uint64_t value)
{
    char field[VARINT_MAX + sizeof(value)];
    const size_t tag = format_tag(field, number, PB_FIXED64);

    buf_add(out, field, tag + format_little(field + tag, value, sizeof(value)));
}

void pb_put_fixed32(struct buf *out, unsigned number, uint32_t value)
{
    char field[VARINT_MAX + sizeof(value)];
    const size_t tag = format_tag(field, number, PB_FIXED32);

    buf_add(out, field, tag + format_little(field + tag, value, sizeof(value)));
}

static uint64_t bits_of(double value)
{
    uint64_t bits;

    _Static_assert(sizeof(bits) == sizeof(value), "a double is IEEE 754's of 64 bits");
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

void pb_put_double(struct buf *out, unsigned number, double value)
{
    pb_put_fixed64(out, number, bits_of(value));
}

void pb_put_bytes(struct buf *out, unsigned number, const void *bytes, size_t length)
{
    char head[2 * VARINT_MAX];
    const size_t tag = format_tag(head, number, PB_BYTES);

    buf_add(out, head, tag + format_varint(head + tag, length));
    buf_add(out, bytes, length);
}

void pb_put_text(struct buf *out, unsigned number, const char *text)
{
    pb_put_bytes(out, number, text, strlen(text));
}

size_t pb_begin(struct buf *out, unsigned number)
{
    char head[VARINT_MAX + LENGTH_GUESS] = {0};
    const size_t tag = format_tag(head, number, PB_BYTES);

    buf_add(out, head, tag + LENGTH_GUESS);
    return out->length;
}

void pb_end(struct buf *out, size_t begun)
{
    static const char ROOM[VARINT_MAX] = {0};
    char length[VARINT_MAX];
    size_t size;
    size_t more;

    if (out->bad) {
        return;
    }
    assert(begun >= LENGTH_GUESS && begun <= out->length);
    size = out->length - begun;
    more = format_varint(length, size) - LENGTH_GUESS;
    buf_add(out, ROOM, more);
    if (out->bad) {
        return;
    }
    if (more > 0) {
        memmove(out->data + begun + more, out->data + begun, size);
    }
    memcpy(out->data + begun - LENGTH_GUESS, length, more + LENGTH_GUESS);
}

void pb_add_varint(struct buf *out, uint64_t value)
{
    char bytes[VARINT_MAX];

    buf_add(out, bytes, format_varint(bytes, value));
}

void pb_add_fixed64(struct buf *out, uint64_t value)
{
    char bytes[sizeof(value)];

    buf_add(out, bytes, format_little(bytes, value, sizeof(value)));
}

void pb_add_double(struct buf *out, double value)
{
    pb_add_fixed64(out, bits_of(value));
}

uint64_t pb_zigzag(int32_t value)
{
    return value < 0 ? 2 * (uint64_t) - (int64_t)value - 1 : 2 * (uint64_t)value;
}

/* ---- reading ---- */

uint64_t pb_take_varint(struct rd *rd)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_MAX; i++) {
        const uint8_t byte = rd_u8(rd);

        if (i == VARINT_MAX - 1 && byte > 1) {
            break; /* past 64 bits */
        }
        value |= (uint64_t)(byte & (MORE - 1)) << (LOW_BITS * i);
        if (byte < MORE) {
            return value;
        }
    }
    rd->bad = true;
    return 0;
}

static uint64_t take_little(struct rd *rd, size_t bytes)
{
    const char *at = rd_bytes(rd, bytes);
    uint64_t value = 0;

    for (size_t i = 0; at != NULL && i < bytes; i++) {
        value |= (uint64_t)(uint8_t)at[i] << (BYTE_BITS * i);
    }
    return value;
}

uint64_t pb_take_fixed64(struct rd *rd)
{
    return take_little(rd, sizeof(uint64_t));
}

uint32_t pb_take_fixed32(struct rd *rd)
{
    return (uint32_t)take_little(rd, sizeof(uint32_t));
}

double pb_double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

int32_t pb_unzigzag(uint64_t value)
{
    const int64_t half = (int64_t)((value & UINT32_MAX) >> 1);

    return (int32_t)((value & 1) != 0 ? -half - 1 : half);
}

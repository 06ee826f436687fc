/*
 * otlp/protobuf.h: protobuf's wire format, written into a buffer and read from bytes that anybody
 * may have sent (https://protobuf.dev/programming-guides/encoding/). What the fields mean is
 * otlp/schema.h's.
 */
#ifndef OTLP_PROTOBUF_H
#define OTLP_PROTOBUF_H

#include "core/buf.h"
#include "core/rd.h"

enum pb_wire { PB_VARINT = 0, PB_FIXED64 = 1, PB_BYTES = 2, PB_FIXED32 = 5 };

/* ---- writing: a field each, whatever its value ---- */

void pb_put_varint(struct buf *out, unsigned number, uint64_t value);
void pb_put_fixed64(struct buf *out, unsigned number, uint64_t value);
void pb_put_fixed32(struct buf *out, unsigned number, uint32_t value);
void pb_put_double(struct buf *out, unsigned number, double value);
void pb_put_bytes(struct buf *out, unsigned number, const void *bytes, size_t length);
void pb_put_text(struct buf *out, unsigned number, const char *text);
/* A message, or a packed list, is what is written between the two. */
size_t pb_begin(struct buf *out, unsigned number);
void pb_end(struct buf *out, size_t begun);

/* Without a number, for packed lists. */
void pb_add_varint(struct buf *out, uint64_t value);
void pb_add_fixed64(struct buf *out, uint64_t value);
void pb_add_double(struct buf *out, double value);

/* A signed number of 32 bits as sint32 has it. */
uint64_t pb_zigzag(int32_t value);

/* ---- reading ---- */

/* At most ten bytes, of which the last holds one bit; more turns the reader bad. */
uint64_t pb_take_varint(struct rd *rd);
uint64_t pb_take_fixed64(struct rd *rd);
uint32_t pb_take_fixed32(struct rd *rd);
double pb_double_of(uint64_t bits);
int32_t pb_unzigzag(uint64_t value);

#endif

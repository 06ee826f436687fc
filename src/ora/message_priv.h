/*
 * ora/message_priv.h: what the readers of messages share: message.c has those of calls and
 * sessions, message_rows.c those of columns and rows.
 */
#ifndef ORA_MESSAGE_PRIV_H
#define ORA_MESSAGE_PRIV_H

#include "ora/message.h"

void ora_rd_rowid(struct ora_rd *rd, struct ora_rowid *ret);

void ora_describe_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                       struct ora_describe *ret);
/* The same of a cursor that is a value or a result. */
void ora_nested_describe_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                              struct ora_describe *ret);
void ora_row_header_read(struct ora_answer *answer, struct ora_rd *rd);
void ora_bit_vector_read(struct ora_answer *answer, struct ora_rd *rd);
void ora_row_read(struct ora_answer *answer, struct ora_rd *rd, struct ora_row *ret);

#endif

/*
 * ora/dialect.h: what both sides can do: messages PROTOCOL and DATA_TYPES.
 */
#ifndef ORA_DIALECT_H
#define ORA_DIALECT_H

#include "ora/message.h"

/* Each adds a message. */
void ora_protocol_write(struct ora_wr *wr, const char *driver);
/* `ends_responses`: the server has offered to end its answers with a message of their own, and is
 * taken at its word. */
void ora_types_write(struct ora_wr *wr, bool ends_responses);

/* What the server's PROTOCOL says of it. `ret_max_text`: bytes that its SQL takes as a VARCHAR.
 * NULL, or what is wrong with it. */
const char *ora_protocol_take(const struct ora_message *message, struct ora_dialect *ret,
                              uint32_t *ret_max_text);

#endif

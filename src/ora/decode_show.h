/*
 * ora/decode_show.h: one message as a line of text. With no stream nothing is shown.
 */
#ifndef ORA_DECODE_SHOW_H
#define ORA_DECODE_SHOW_H

#include <stdio.h>

#include "ora/message.h"

void ora_show_message(FILE *out, const struct ora_answer *answer,
                      const struct ora_message *message);
/* What a client asks: the function's name; NULL for one that is unknown. */
const char *ora_function_name(uint8_t function);

#endif

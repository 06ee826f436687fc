/* tests/support/tnsd/json_text.h: JSON that PostgreSQL is handed facts in. */
#ifndef TESTS_SUPPORT_TNSD_JSON_TEXT_H
#define TESTS_SUPPORT_TNSD_JSON_TEXT_H

#include "ora/wire.h"

/* As it stands. */
void json_text_raw(struct ora_wr *wr, const char *json);
/* A further member of an object: its name as it stands, its text with what has to be escaped. */
void json_text_member(struct ora_wr *wr, const char *name, const char *text);

#endif

/*
 * trace/json_text.h: texts as JSON has them. Pure functions.
 */
#ifndef TRACE_JSON_TEXT_H
#define TRACE_JSON_TEXT_H

#include "core/buf.h"

/* With its quotes. The text is UTF-8 and may hold a NUL. */
void json_text_add(struct buf *out, const char *text, size_t length);

#endif

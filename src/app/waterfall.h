/*
 * app/waterfall.h: a trace, as the console answers it, as lines of text: a row a span, its name in
 * the tree and a bar that says when it ran. Texts are anybody's: what would move a cursor is shown
 * as a question mark.
 */
#ifndef APP_WATERFALL_H
#define APP_WATERFALL_H

#include "core/buf.h"
#include "http/json_in.h"

struct waterfall_style {
    int columns; /* characters of a line */
    bool has_colours;
    bool is_ascii;  /* bars of signs that every terminal has */
    bool shows_all; /* no statement that ran again and again is folded into one row */
};

void waterfall_write(struct arena *arena, const struct json *trace,
                     const struct waterfall_style *style, struct buf *out);

enum { DURATION_TEXT_MAX = 24 };
/* "87 us", "412 ms", "1.24 s" */
void waterfall_duration(int64_t ns, bool is_ascii, char out[DURATION_TEXT_MAX]);
/* The text with what would move a cursor replaced, cut to so many characters. */
const char *waterfall_plain(struct arena *arena, const char *text, size_t most);

#endif

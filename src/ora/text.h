/*
 * ora/text.h: what must be known of a statement's text before it is sent: of which kind it is, and
 * how many binds it has.
 */
#ifndef ORA_TEXT_H
#define ORA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum ora_text_kind { ORA_TEXT_QUERY, ORA_TEXT_CHANGE, ORA_TEXT_BLOCK, ORA_TEXT_OTHER };

struct ora_text {
    enum ora_text_kind kind;
    unsigned binds;    /* places; in a block of one name several count as often */
    bool returns_into; /* a change with RETURNING ... INTO */
};

void ora_text_read(const char *sql, size_t length, struct ora_text *ret);

#endif

/*
 * ora/text.h: what must be known of a statement's text before it is sent: of which kind it is, and
 * which binds it has. In SQL each occurrence of a name is a place of its own; in a block a name has
 * one place, however often it stands there.
 */
#ifndef ORA_TEXT_H
#define ORA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { ORA_BINDS_MAX = 65535 };

enum ora_text_kind { ORA_TEXT_QUERY, ORA_TEXT_CHANGE, ORA_TEXT_BLOCK, ORA_TEXT_OTHER };

/* As it stands in the text, without its colon and its quotes. */
struct ora_bind_name {
    const char *at;
    size_t length;
    bool is_quoted; /* its case counts */
};

struct ora_text {
    enum ora_text_kind kind;
    unsigned binds;          /* places; where they are more than ORA_BINDS_MAX, one more */
    unsigned first_returned; /* place, from 0, behind RETURNING ... INTO; `binds`: there is none */
    struct ora_bind_name *names; /* of each place; they point into the text that was read */
    size_t names_room;           /* in bytes */
};

/* False: there is no memory. For ora_text_fini in either case. */
bool ora_text_read(const char *sql, size_t length, struct ora_text *ret);
void ora_text_fini(struct ora_text *text);
/* Names are the same in any case of their letters, unless they are in quotes. */
bool ora_bind_name_is(const struct ora_bind_name *a, const struct ora_bind_name *b);

#endif

/*
 * ora/tags.h: what a session tells of itself, as V$SESSION shows it. What has changed goes with the
 * next request, and costs no round trip.
 */
#ifndef ORA_TAGS_H
#define ORA_TAGS_H

#include <octo/ora.h>

#include "ora/wire.h"

enum { ORA_TAG_MAX = 64 }; /* bytes: the columns of V$SESSION hold no more */

struct ora_tags {
    char texts[OCTO_ORA_TAG_COUNT][ORA_TAG_MAX + 1]; /* "": NULL */
    bool is_changed[OCTO_ORA_TAG_COUNT];             /* since the last request */
};

/* False: it is too long. */
bool ora_tags_set(struct ora_tags *tags, enum octo_ora_tag tag, const char *text);
bool ora_tags_have_changed(const struct ora_tags *tags);
/* The body of the piggyback with what has changed. */
void ora_tags_write(const struct ora_tags *tags, struct ora_wr *wr);
/* What was written has been sent: from here on it has not changed. */
void ora_tags_sent(struct ora_tags *tags);
/* The server knows none of them any more. */
void ora_tags_forgotten(struct ora_tags *tags);

#endif

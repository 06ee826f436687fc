/*
 * service/search.h: searching for what a person types.
 */
#ifndef SERVICE_SEARCH_H
#define SERVICE_SEARCH_H

#include "core/arena.h"

/* "%text%" in small letters for `LIKE ... ESCAPE '!'`, so that the text means itself; NULL for
 * NULL. */
const char *search_pattern(struct arena *arena, const char *text);

#endif

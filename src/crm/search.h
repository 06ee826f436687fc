/*
 * crm/search.h: what the portal's list routes share.
 */
#ifndef CRM_SEARCH_H
#define CRM_SEARCH_H

#include "core/arena.h"

/* "%text%" in small letters for `LIKE ... ESCAPE '!'`, so that the text means itself; NULL for
 * NULL. */
const char *search_pattern(struct arena *arena, const char *text);

#endif

/*
 * crm/names.h: a set of names, e-mail addresses or article numbers, and the rows they stand for.
 * It is filled and sealed; then a statement is asked about all names whose row is not known yet,
 * and may be asked again once rows have been made for the missing ones. Memory: names are borrowed;
 * what the set makes itself lives in the arena. One thread.
 */
#ifndef CRM_NAMES_H
#define CRM_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"

struct name {
    const char *text;
    int64_t id; /* 0: no row is known */
};

struct names {
    struct arena *arena;
    struct name *rows; /* in order of their text once the set is sealed */
    size_t count;
    struct name **asked;
    size_t asked_count;
};

/* A set with room for `most` names, counted as often as they are added. */
void names_init(struct names *names, struct arena *arena, size_t most);
void names_add(struct names *names, const char *text);
void names_seal(struct names *names);
/* NULL: it was not added. */
struct name *names_find(const struct names *names, const char *text);
/* The names without a row, as a JSON list; NULL where there are none. */
const char *names_ask(struct names *names);
/* Takes the row of the name at that place in the list; other places are ignored. */
void names_answer(struct names *names, int64_t position, int64_t id);

#endif

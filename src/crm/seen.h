/*
 * crm/seen.h: a set of numbers that only grows: what a run has met already. Memory: a table on the
 * heap, freed with seen_fini; 16 bytes a number at most times. One thread.
 */
#ifndef CRM_SEEN_H
#define CRM_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
    uint64_t *slots; /* 0: free */
    size_t capacity; /* a power of two; 0 before the first number */
    size_t count;
    bool has_zero;
};

/* A zeroed struct is an empty set. */
void seen_fini(struct seen *seen);
/* True when the number was not in the set. */
bool seen_add(struct seen *seen, uint64_t number);
/* The same for a text, by the first half of its MD5. */
bool seen_add_text(struct seen *seen, const char *text);

#endif

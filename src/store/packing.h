/*
 * store/packing.h: the attributes of a span, apart by how often their values come (store/habits.h):
 * what spans have alike becomes a term, the rest values of the span's own.
 * Memory: its own buffers, kept from one span to the next. Threads: one, but for the habits.
 */
#ifndef STORE_PACKING_H
#define STORE_PACKING_H

#include "store/collect.h"
#include "store/habits.h"
#include "store/vocabulary.h"

/* The parts of a pack, as columns of a file's table (sql/store/schema), and the values beside it.
 */
enum packing_part {
    PACKING_SHARED,
    PACKING_OWN,
    PACKING_TRACE_IDS,
    PACKING_STATEMENTS,
    PACKING_VALUES,
    PACKING_PARTS,
};

struct packing {
    struct buf parts[PACKING_PARTS];
};

void packing_init(struct packing *packing);
void packing_fini(struct packing *packing);

/* What is known of the span beside its attributes. */
struct packing_of {
    const char *trace_id;  /* hexadecimal */
    const char *statement; /* its text; NULL: it is of none */
};

/* The number of the pack. *ret_own: the values, a list of JSON in the vocabulary's arena, NULL
 * without any. */
uint32_t packing_make(struct packing *packing, const struct collect *collect,
                      const struct packing_of *of, struct habits *habits,
                      struct vocabulary *vocabulary, const char **ret_own);

/* Does an attribute of that name hold the text of a statement? By the semantic conventions for
 * database spans, today's and those before 1.26, or as OCI's Application Performance Monitoring has
 * it. */
bool packing_is_statement(const char *key);

#endif

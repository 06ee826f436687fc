/*
 * ora/tnsnames.h: the entries of a file tnsnames.ora, as Oracle's "Database Net Services Reference"
 * describes it: ALIAS[, ALIAS...] = DESCRIPTOR, over any number of lines, with remarks behind '#'.
 *
 * A reader walks over text that is there. An entry that is not whole ends where the next line
 * begins that looks like one, without a blank before its name: so it hides no other.
 */
#ifndef ORA_TNSNAMES_H
#define ORA_TNSNAMES_H

#include "ora/source.h"

struct ora_tnsnames {
    const struct ora_source *source;
    const char *at;
};

struct ora_tnsnames_entry {
    struct ora_slice aliases; /* separated by commas, perhaps over several lines */
    struct ora_slice value;   /* behind '='; remarks are still in it */
    const char *fault;        /* NULL, or what is wrong with it, a text that lasts */
    const char *fault_at;
};

struct ora_tnsnames ora_tnsnames_of(const struct ora_source *source);
/* False: there are no more. */
bool ora_tnsnames_next(struct ora_tnsnames *names, struct ora_tnsnames_entry *ret);
/* The next alias of the entry, from where `rest`, which is entry->aliases at first, goes on. */
bool ora_tnsnames_alias(struct ora_slice *rest, struct ora_slice *ret);

#endif

/*
 * ora/alias.h: looks an alias up in tnsnames.ora and in the files that it includes.
 */
#ifndef ORA_ALIAS_H
#define ORA_ALIAS_H

#include <limits.h>

#include "ora/source.h"

/* Where the alias was found. */
struct ora_alias {
    char path[PATH_MAX];
    char *text;             /* of the whole file, for free() */
    size_t length;          /* of it */
    struct ora_slice value; /* in it */
};

/* Of several entries with that alias the last one counts. False names the near ones, and the first
 * thing that is wrong in the files. */
bool ora_alias_find(const char *path, struct ora_slice alias, struct ora_alias *ret,
                    struct octo_ora_error *error);

#endif

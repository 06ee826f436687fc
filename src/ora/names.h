/*
 * ora/names.h: from what people write to where a database is. A connect string is a descriptor when
 * it begins with a bracket, an alias when it is a name alone, and Easy Connect otherwise.
 */
#ifndef ORA_NAMES_H
#define ORA_NAMES_H

#include "ora/descriptor.h"

/* Directories in which an alias is looked up. NULL: none is named. */
struct ora_names_where {
    const char *admin_dir;
    const char *wallet_dir;
};

/* An alias is that of the first tnsnames.ora that there is in `admin_dir`, in the directory that
 * the environment names in TNS_ADMIN, in `wallet_dir` and in $ORACLE_HOME/network/admin; what
 * stands for it there is a descriptor or Easy Connect, and no further alias. A faulty entry, or a
 * file included by IFILE that cannot be read, is an error only for who asks for what is in it, or
 * for what is nowhere. On success for ora_descriptor_fini, otherwise nothing is left to free. */
bool ora_names_resolve(const char *connect_string, const struct ora_names_where *where,
                       struct ora_descriptor *ret, struct octo_ora_error *error);

#endif

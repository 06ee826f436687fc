/*
 * store/dictionary.h: what the numbers of one file's spans stand for (sql/store/schema), read
 * whole, for whoever looks at many of them. Memory: the arena of the context. Threads: one.
 */
#ifndef STORE_DICTIONARY_H
#define STORE_DICTIONARY_H

#include "db/db.h"

/* More than a file of ours can have; beyond it the file is damaged. */
enum { DICTIONARY_MOST = 1 << 24 };

struct dictionary_statement {
    const char *sql_id; /* NULL: there is none of this number */
    const char *name;
    const char *text;
};

struct dictionary_pack {
    const char *shared; /* NULL: there is none of this number */
    const char *own;
    const char *trace_ids;
    const char *statements;
};

/* By number, from 1 on; counts are those of places, with that of 0. */
struct dictionary {
    const char **words; /* NULL: there is none of this number, as in the next one */
    size_t word_count;
    const char **resources; /* objects of JSON */
    size_t resource_count;
    struct dictionary_statement *statements;
    size_t statement_count;
    struct dictionary_pack *packs;
    size_t pack_count;
};

MUST_CHECK bool dictionary_read(struct ctx *ctx, struct db_session *session, struct dictionary *ret,
                                struct err *err);

/* "" where nothing stands behind the number. */
const char *dictionary_word(const struct dictionary *dictionary, int64_t number);

#endif

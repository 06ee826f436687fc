/*
 * tests/support/tnsd/rewrite.h: makes of a statement in Oracle's SQL one that PostgreSQL runs, with
 * what oracle.sql prepares there. It goes token by token: each word and mark is known to be the
 * same there, or has a rule of its own, or is the name of something of the user's. What is none of
 * these is refused by name.
 *
 * Names in double quotes change the case of each letter, in both directions, since what stands
 * without quotes is in capitals here and in small letters there.
 */
#ifndef TESTS_SUPPORT_TNSD_REWRITE_H
#define TESTS_SUPPORT_TNSD_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REWRITE_BINDS_MAX = 255, REWRITE_NAME_MAX = 128, REWRITE_REFUSAL_MAX = 160 };

enum rewrite_kind {
    REWRITE_QUERY,
    REWRITE_CHANGE, /* of rows: begins a transaction where there is none */
    REWRITE_DEFINE, /* of tables and the like: commits before and after */
    REWRITE_BLOCK,
    REWRITE_COMMIT,
    REWRITE_ROLLBACK,
    REWRITE_SAVEPOINT, /* and back to one */
    REWRITE_SNAPSHOT,  /* SET TRANSACTION READ ONLY: where none is open */
};

/* Views of what the listener itself knows, which PostgreSQL is to be told before it is asked. */
enum rewrite_view {
    REWRITE_SESSIONS = 1 << 0,   /* V$SESSION */
    REWRITE_STATEMENTS = 1 << 1, /* V$SQL */
    REWRITE_PARAMETERS = 1 << 2, /* V$PARAMETER */
};

/* A place of a bind, in a block all places of its name. */
struct rewrite_bind {
    char name[REWRITE_NAME_MAX + 1];
    bool is_returned; /* behind RETURNING ... INTO: has no value */
    bool is_read;
    bool is_written; /* in a block */
    bool is_text;    /* stands beside || or IS NULL, whatever it is */
    unsigned param;  /* of PostgreSQL's, from 1; 0 when it is returned */
};

struct rewrite {
    enum rewrite_kind kind;
    bool changes;       /* rows, or locks them: a transaction is open afterwards */
    bool reads_tags;    /* asks for the session's */
    bool gives_results; /* a block: by itself, beside its binds */
    unsigned views;     /* of enum rewrite_view: those that it asks */
    uint8_t sql_type;   /* Oracle's number of the statement's kind, as ERROR messages have it */
    char *sql;          /* of a block its body, with $n for parameters; for rewrite_fini */
    struct rewrite_bind binds[REWRITE_BINDS_MAX];
    unsigned bind_count;
};

struct rewrite_refusal {
    unsigned number;                /* of ORA-number */
    size_t position;                /* in the text, in bytes from 0 */
    char text[REWRITE_REFUSAL_MAX]; /* without the number */
};

bool rewrite_read(const char *sql, size_t length, struct rewrite *ret,
                  struct rewrite_refusal *ret_refusal);
void rewrite_fini(struct rewrite *rewrite);

/* A name as the other side has it; `to` has room for its length and a NUL. */
void rewrite_swap_case(const char *name, size_t length, char *to);

#endif

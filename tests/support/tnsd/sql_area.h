/*
 * tests/support/tnsd/sql_area.h: the statements that the listener has parsed, by their SQL_ID, for
 * whoever asks V$SQL. All connections, each a process, count in memory that they share, without
 * locks: an entry is claimed, filled and then there for good. Each user has his own of a text. Like
 * a server's it belongs to the first that parses it: MODULE and ACTION are that session's.
 *
 * What there is no room for is not in V$SQL, and its counts go nowhere.
 */
#ifndef TESTS_SUPPORT_TNSD_SQL_AREA_H
#define TESTS_SUPPORT_TNSD_SQL_AREA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/tnsd/users.h"

struct ora_wr;

enum {
    SQL_ID_ROOM = 14, /* 13 characters and a NUL */
    SQL_AREA_STATEMENTS = 4096,
    SQL_AREA_TEXTS = 16 << 20,
    SQL_AREA_TAG_ROOM = 65,
};

struct sql_area_statement {
    _Atomic int state; /* of enum sql_area_state */
    char sql_id[SQL_ID_ROOM];
    char user[USERS_NAME_ROOM]; /* whose it is; the administrator's: none */
    uint8_t command;            /* Oracle's number of its kind */
    char module[SQL_AREA_TAG_ROOM];
    char action[SQL_AREA_TAG_ROOM];
    size_t text; /* where it begins in the texts; it ends with a NUL */
    _Atomic uint64_t parses;
    _Atomic uint64_t executions;
    _Atomic uint64_t rows; /* given or changed */
    _Atomic uint64_t elapsed_us;
    _Atomic int64_t last_active; /* seconds of UTC */
};

struct sql_area {
    struct sql_area_statement statements[SQL_AREA_STATEMENTS];
    _Atomic size_t used; /* of the texts */
    char texts[SQL_AREA_TEXTS];
};

/* V$SQL's name of a text. */
void sql_area_id(const void *sql, size_t length, char ret[SQL_ID_ROOM]);
/* The statement of a text that is parsed once more, new where it is the first time. NULL: there is
 * no room for it, or it is no text. */
struct sql_area_statement *sql_area_parse(struct sql_area *area, const char *sql, size_t length,
                                          uint8_t command, const char *user, const char *module,
                                          const char *action);
/* These take NULL, too. */
void sql_area_execute(struct sql_area_statement *statement);
void sql_area_rows(struct sql_area_statement *statement, uint64_t rows);
void sql_area_took(struct sql_area_statement *statement, int64_t microseconds);
/* All that is there, as a list of JSON. */
void sql_area_write(const struct sql_area *area, struct ora_wr *wr);

#endif

/* Every statement of the catalogues: does the server read it, and by which SQL_ID? */
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "db/oracle/server_sqlid.h"

#include "db/oracle/selftest_priv.h"

enum { NO_SUCH_TABLE = 942, WHY_ROOM = 1000 };

struct tally {
    size_t read;
    size_t refused;
    size_t without_table;
    size_t by_v_sql;
    size_t by_translator;
    size_t others;
    size_t unknown;
    char why[WHY_ROOM];   /* of the first that was refused */
    char other[WHY_ROOM]; /* the first whose SQL_ID is another */
    char unsure[WHY_ROOM];
};

static void read_text(struct selftest *s, const struct db_statement *statement, struct tally *tally)
{
    const char *text = statement->variants[DB_ORACLE].text;
    struct octo_ora_statement *at = NULL;
    struct octo_ora_error error;

    if (octo_ora_prepare(s->session, text, &at, &error) && octo_ora_parse(at, &error)) {
        tally->read++;
    } else if (error.number == NO_SUCH_TABLE) {
        tally->without_table++;
    } else {
        tally->refused++;
        if (tally->why[0] == '\0') {
            (void)snprintf(tally->why, WHY_ROOM, "%s in %s: %s", statement->name, statement->file,
                           error.text);
        }
    }
    octo_ora_free(at);
}

static void compare_id(struct selftest *s, const struct db_statement *statement,
                       struct tally *tally)
{
    const struct db_variant *variant = &statement->variants[DB_ORACLE];
    char theirs[SQLID_SIZE] = "";
    struct octo_ora_error error;

    switch (server_sqlid_ask(s->session, variant->text, variant->sql_id, theirs, &error)) {
    case SERVER_SQLID_IN_V_SQL:
        tally->by_v_sql++;
        break;
    case SERVER_SQLID_TRANSLATED:
        tally->by_translator++;
        break;
    case SERVER_SQLID_OTHER:
        if (tally->others++ == 0) {
            (void)snprintf(tally->other, WHY_ROOM, "%s in %s is %s here and %s there",
                           statement->name, statement->file, variant->sql_id, theirs);
        }
        break;
    case SERVER_SQLID_UNKNOWN:
        tally->unknown++;
        (void)snprintf(tally->unsure, WHY_ROOM, "%s", error.text);
        break;
    }
}

static void tell_texts(struct selftest *s, const char *check, const struct tally *tally)
{
    const size_t all = tally->read + tally->refused + tally->without_table;

    if (tally->without_table > 0) { /* and others ask for columns that only those have */
        selftest_tell(s, check, FINDING_SKIP,
                      "%zu of %zu ask for tables that this user has not: octo migrate makes them",
                      tally->without_table, all);
    } else if (tally->refused > 0) {
        selftest_tell(s, check, FINDING_FAIL, "%zu of %zu are refused, first %s", tally->refused,
                      all, tally->why);
    } else {
        selftest_tell(s, check, FINDING_OK, "%zu are read by the server", tally->read);
    }
}

static void tell_ids(struct selftest *s, const char *check, const struct tally *tally)
{
    const size_t same = tally->by_v_sql + tally->by_translator;

    if (tally->others > 0) {
        selftest_tell(s, check, FINDING_FAIL, "%zu are others, first %s", tally->others,
                      tally->other);
    } else if (tally->unknown > 0) {
        selftest_tell(s, check, FINDING_SKIP, "%zu cannot be compared: %s", tally->unknown,
                      tally->unsure);
    } else {
        selftest_tell(s, check, FINDING_OK,
                      "%zu are the server's own: %zu by V$SQL, %zu by DBMS_SQL_TRANSLATOR", same,
                      tally->by_v_sql, tally->by_translator);
    }
}

static void try_catalogue(struct selftest *s, const struct db_catalogue *catalogue,
                          const char *texts, const char *ids)
{
    struct tally tally = {.why = ""};

    for (size_t i = 0; i < catalogue->count && octo_ora_is_alive(s->session); i++) {
        const struct db_statement *statement = catalogue->statements[i];

        if (!statement->is_batch && statement->variants[DB_ORACLE].text != NULL) {
            read_text(s, statement, &tally);
            compare_id(s, statement, &tally);
        }
    }
    if (octo_ora_is_alive(s->session)) {
        tell_texts(s, texts, &tally);
        tell_ids(s, ids, &tally);
    } else {
        selftest_tell(s, texts, FINDING_FAIL, "the session has ended, last: %s",
                      tally.refused > 0 ? tally.why : tally.unsure);
    }
}

void selftest_texts(struct selftest *s)
{
    struct arena names;

    arena_init(&names);
    for (size_t i = 0; i < s->test->catalogue_count; i++) {
        const struct db_catalogue *catalogue = s->test->catalogues[i];

        try_catalogue(s, catalogue, arena_printf(&names, "statements of %s", catalogue->service),
                      arena_printf(&names, "SQL_ID of %s", catalogue->service));
    }
    arena_fini(&names);
}

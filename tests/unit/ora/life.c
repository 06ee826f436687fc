#include "tests/unit/ora/life.h"

#include <string.h>

static bool execute(struct life *life)
{
    bool has_row = false;

    return octo_ora_prepare(life->session, "SELECT A FROM T", &life->statement, &life->error) &&
           octo_ora_execute(life->statement, &life->error) &&
           octo_ora_fetch(life->statement, &has_row, &life->error) && has_row;
}

static bool fetch(struct life *life)
{
    bool has_row = true;
    bool ok = true;

    while (ok && has_row) {
        ok = octo_ora_fetch(life->statement, &has_row, &life->error);
    }
    octo_ora_free(life->statement);
    life->statement = NULL;
    return ok;
}

static bool read_lob(struct life *life)
{
    struct octo_ora_statement *statement;
    struct octo_ora_lob *lob = NULL;
    const void *at;
    size_t length;
    bool has_row;
    bool ok;

    if (!octo_ora_prepare(life->session, "SELECT C FROM T", &statement, &life->error)) {
        return false;
    }
    octo_ora_stream_lobs(statement, true);
    ok = octo_ora_execute(statement, &life->error) &&
         octo_ora_fetch(statement, &has_row, &life->error) &&
         octo_ora_get_lob(statement, 1, &lob, &life->error) &&
         octo_ora_lob_read(lob, &at, &length, &life->error) && length == 2 &&
         memcmp(at, "ab", length) == 0;
    octo_ora_lob_free(lob);
    octo_ora_free(statement);
    return ok;
}

/* Well is that it takes too long, and that the session goes on. */
static bool break_off(struct life *life)
{
    struct octo_ora_statement *statement;
    bool ok;

    if (!octo_ora_prepare(life->session, "BEGIN SLEEP; END;", &statement, &life->error)) {
        return false;
    }
    ok = !octo_ora_execute(statement, &life->error) && life->error.kind == OCTO_ORA_TIMEOUT;
    octo_ora_free(statement);
    return ok;
}

bool life_part(struct life *life, enum server_phase phase)
{
    switch (phase) {
    case SERVER_LOG_ON:
        return octo_ora_connect(&life->options, &life->session, &life->error);
    case SERVER_EXECUTE:
        return execute(life);
    case SERVER_FETCH:
        return fetch(life);
    case SERVER_LOB:
        return read_lob(life);
    case SERVER_COMMIT:
        return octo_ora_commit(life->session, &life->error);
    case SERVER_BREAK:
        return break_off(life);
    case SERVER_PING:
        return octo_ora_ping(life->session, &life->error);
    case SERVER_CLOSE:
    case SERVER_PHASES:
        octo_ora_free(life->statement);
        octo_ora_close(life->session);
        life->statement = NULL;
        life->session = NULL;
        return true;
    }
    return false;
}

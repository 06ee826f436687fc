/* What each check of the selftest is made of: a statement, its first row, a line that is told. */
#include <stdarg.h>
#include <stdio.h>

#include "db/oracle/selftest_priv.h"

enum { SEEN_ROOM = 1200 };

void selftest_tell(struct selftest *s, const char *check, enum finding_state state,
                   const char *format, ...)
{
    char seen[SEEN_ROOM];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(seen, sizeof(seen), format, args);
    va_end(args);
    s->has_failed = s->has_failed || state == FINDING_FAIL;
    s->test->tell(s->test->arg, check, state, seen);
}

struct octo_ora_statement *selftest_prepare(struct selftest *s, struct octo_ora *session,
                                            const char *check, const struct db_statement *statement)
{
    struct octo_ora_statement *at = NULL;
    struct octo_ora_error error;

    if (!octo_ora_prepare(session, statement->variants[DB_ORACLE].text, &at, &error)) {
        selftest_tell(s, check, FINDING_FAIL, "%s", error.text);
        return NULL;
    }
    return at;
}

bool selftest_first_row(struct selftest *s, const char *check, struct octo_ora_statement *at)
{
    struct octo_ora_error error = {.text = "there is no row"};
    bool has_row = false;
    const bool ok = octo_ora_execute(at, &error) && octo_ora_fetch(at, &has_row, &error) && has_row;

    if (!ok) {
        selftest_tell(s, check, FINDING_FAIL, "%s", error.text);
    }
    return ok;
}

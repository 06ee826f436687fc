/*
 * A pooled server that is given back while its connection stays: what was changed before is undone,
 * and the session that comes next is told who it is for. Says which module that session has, and
 * how many rows the first one has left behind.
 *
 *     ora-pooled CONNECT-STRING USER PASSWORD
 */
#include <octo/ora.h>
#include <stdio.h>
#include <stdlib.h>

static bool run(struct octo_ora *session, const char *sql, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement;
    bool ok;

    if (!octo_ora_prepare(session, sql, &statement, error)) {
        return false;
    }
    ok = octo_ora_execute(statement, error);
    octo_ora_free(statement);
    return ok;
}

/* Prints the query's one row. */
static bool ask(struct octo_ora *session, const char *sql, struct octo_ora_error *error)
{
    struct octo_ora_statement *statement;
    struct octo_ora_text texts[2];
    bool has_row = false;
    bool ok;

    if (!octo_ora_prepare(session, sql, &statement, error)) {
        return false;
    }
    ok = octo_ora_execute(statement, error) && octo_ora_fetch(statement, &has_row, error) &&
         has_row && octo_ora_get_text(statement, 1, &texts[0], error) &&
         octo_ora_get_text(statement, 2, &texts[1], error);
    if (ok) {
        (void)printf("%.*s %.*s\n", (int)texts[0].length, texts[0].at, (int)texts[1].length,
                     texts[1].at);
    }
    octo_ora_free(statement);
    return ok;
}

int main(int argc, char **argv)
{
    const struct octo_ora_options options = {.dsn = argc > 1 ? argv[1] : NULL,
                                             .user = argc > 2 ? argv[2] : NULL,
                                             .password = argc > 3 ? argv[3] : NULL};
    struct octo_ora_error error;
    struct octo_ora *session = NULL;
    const bool ok =
        octo_ora_connect(&options, &session, &error) &&
        octo_ora_set_tag(session, OCTO_ORA_MODULE, "shop", &error) &&
        run(session, "CREATE TABLE left_behind (id NUMBER(10))", &error) &&
        run(session, "INSERT INTO left_behind VALUES (1)", &error) &&
        octo_ora_release(session, &error) &&
        ask(session,
            "SELECT SYS_CONTEXT('USERENV', 'MODULE') AS m, (SELECT COUNT(*) FROM left_behind) AS n "
            "FROM DUAL",
            &error);

    octo_ora_close(session);
    if (!ok) {
        (void)fprintf(stderr, "%s\n", error.text);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

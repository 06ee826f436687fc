/*
 * The doctor on Oracle: set-ups that are broken in one way each, and the sentence that it says.
 * What the server tells of itself is altered in PostgreSQL, where a view or function of the schema
 * app stands before the listener's own, as a table of the user's would.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/conformance/oracle_fixture.h"
#include "tests/support/postgres_server.h"

enum { PATH_ROOM = 200, SESSIONS_WANTED = 75 };

static const struct finding *find(const struct findings *findings, const char *check)
{
    for (const struct finding *f = findings->first; f != NULL; f = f->next) {
        if (strcmp(f->check, check) == 0) {
            return f;
        }
    }
    return NULL;
}

/* What is found of that check must have this state and say this. */
static void expect(struct fixture *f, const struct db_options *options, int64_t sessions,
                   const char *check, enum finding_state state, const char *says)
{
    const struct db_demand demand = {.server_sessions = sessions};
    const struct finding *found;
    struct findings findings;

    findings_init(&findings, &f->arena);
    (void)oracle->diagnose(options, &demand, NULL, &findings);
    found = find(&findings, check);
    if (found == NULL) {
        fail_msg("nothing is said of %s", check);
        return;
    }
    if (found->state != state || strstr(found->seen, says) == NULL) {
        fail_msg("%s: %s: %s, wanted \"%s\"", check, finding_state_name(found->state), found->seen,
                 says);
    }
    assert_true(state != FINDING_WARN || found->remedy != NULL);
}

static void diagnose__of_a_database_that_tells_all__says_so(void **state)
{
    struct fixture *f = *state;
    char path[PATH_ROOM];
    const struct {
        const char *check;
        const char *says;
    } cases[] = {
        {"service", "svc, of no tier"},
        {"character set", "AL32UTF8, national AL16UTF16"},
        {"time zones", "at UTC, the database at +00:00"},
        {"rights", "may read V$SESSION, V$SQL and V$PARAMETER"},
        {"sessions", "75 may be wanted, "},
        {"statement cache", "OPEN_CURSORS is 300, and a session keeps 200"},
        {"SQL_ID", "are in V$SQL, each by the one that we reckon"},
        {"clock", "the server's is "},
    };

    for (size_t i = 0; i < LENGTH_OF(cases); i++) {
        expect(f, &f->options, SESSIONS_WANTED, cases[i].check, FINDING_OK, cases[i].says);
    }
    (void)snprintf(path, sizeof(path), "%s/ewallet.pem", oracle_server_wallet());
    assert_int_equal(chmod(path, 0600), 0);
    /* The certificates of the tests last for a day. */
    expect(f, &f->options, SESSIONS_WANTED, "wallet", FINDING_WARN, "ends in 0 days");
}

/* --- what the server tells --- */

static void diagnose__the_server_is_not_fit__says_how(void **state)
{
    static const struct {
        const char *breaks;
        const char *mends;
        const char *check;
        enum finding_state state;
        const char *says;
        int64_t sessions;
    } cases[] = {
        {"CREATE VIEW app.nls_database_parameters (parameter, value) AS VALUES "
         "('NLS_CHARACTERSET', 'WE8MSWIN1252'), ('NLS_NCHAR_CHARACTERSET', 'AL16UTF16')",
         "DROP VIEW app.nls_database_parameters", "character set", FINDING_FAIL,
         "WE8MSWIN1252: what it has no characters for", 1},
        {"ALTER VIEW ora.v$sql RENAME TO hidden", "ALTER VIEW ora.hidden RENAME TO v$sql", "rights",
         FINDING_WARN, "OCTO may not read V$SQL:", 1},
        {"ALTER VIEW ora.v$sql RENAME TO hidden", "ALTER VIEW ora.hidden RENAME TO v$sql", "SQL_ID",
         FINDING_SKIP, "V$SQL may not be read", 1},
        {"ALTER VIEW ora.v$session RENAME TO hidden", "ALTER VIEW ora.hidden RENAME TO v$session",
         "sessions", FINDING_SKIP, "V$SESSION may not be read", 1},
        {"ALTER VIEW ora.v$parameter RENAME TO hidden",
         "ALTER VIEW ora.hidden RENAME TO v$parameter", "statement cache", FINDING_SKIP,
         "OPEN_CURSORS is not told", 1},
        {"CREATE VIEW app.v$parameter (name, value) AS VALUES ('open_cursors', '100'), "
         "('sessions', '500')",
         "DROP VIEW app.v$parameter", "statement cache", FINDING_WARN, "OPEN_CURSORS is 100", 1},
        {"SELECT 1", "SELECT 1", "sessions", FINDING_FAIL, "1000 may be wanted and 12", 1000},
        {"CREATE VIEW app.v$sql (sql_id, sql_fulltext, parsing_schema_name) AS "
         "SELECT 'aaaaaaaaaaaaa', 'SELECT 1 FROM dual', upper(session_user)",
         "DROP VIEW app.v$sql", "SQL_ID", FINDING_FAIL,
         "1 of 1 texts in V$SQL have another than we reckon, first aaaaaaaaaaaaa", 1},
        {"CREATE FUNCTION app.to_char(timestamptz, text) RETURNS text LANGUAGE sql STABLE AS "
         "$$ SELECT '+02:00' $$",
         "DROP FUNCTION app.to_char(timestamptz, text)", "time zones", FINDING_WARN,
         "the server's machine is at +02:00", 1},
        {"CREATE FUNCTION app.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS "
         "$$ SELECT clock_timestamp() + interval '1 hour' $$",
         "DROP FUNCTION app.statement_timestamp()", "clock", FINDING_FAIL, "ahead of ours", 1},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < LENGTH_OF(cases); i++) {
        postgres_server_run(cases[i].breaks);
        expect(f, &f->options, cases[i].sessions, cases[i].check, cases[i].state, cases[i].says);
        postgres_server_run(cases[i].mends);
    }
}

static void diagnose__a_view_is_hidden__gives_the_grant(void **state)
{
    const struct db_demand demand = {.server_sessions = 1};
    struct fixture *f = *state;
    const struct finding *rights;
    struct findings findings;

    findings_init(&findings, &f->arena);
    postgres_server_run("ALTER VIEW ora.v$sql RENAME TO hidden");
    assert_true(oracle->diagnose(&f->options, &demand, NULL, &findings));
    postgres_server_run("ALTER VIEW ora.hidden RENAME TO v$sql");
    rights = find(&findings, "rights");
    if (rights == NULL || rights->remedy == NULL) {
        fail_msg("no remedy for a view that is hidden");
        return;
    }
    assert_string_equal(rights->remedy, "as an administrator: GRANT SELECT ON SYS.V_$SQL TO OCTO");
}

/* --- the way there --- */

static void diagnose__nobody_is_let_in__says_why(void **state)
{
    struct fixture *f = *state;
    char other[128];
    struct db_options options;

    (void)snprintf(other, sizeof(other), "%.*s/other",
                   (int)(strrchr(f->options.location, '/') - f->options.location),
                   f->options.location);
    const struct {
        const char *location;
        const char *password;
        const char *wallet;
        const char *says;
    } cases[] = {
        {"oracle:", "secret", NULL, "the connect string is empty"},
        {"oracle:nowhere", "secret", NULL, "nowhere"},
        {"oracle:localhost:1/svc", "secret", NULL, "no listener is there"},
        {"oracle:192.0.2.1/svc", "secret", NULL, "another machine"},
        {other, "secret", oracle_server_wallet(), "knows no service"},
        {f->options.location, "not it", oracle_server_wallet(), "ORA-01017"},
        {f->options.location, "secret", oracle_server_stranger(), "the connection ended"},
    };

    for (size_t i = 0; i < LENGTH_OF(cases); i++) {
        options = f->options;
        options.location = cases[i].location;
        options.password = cases[i].password;
        options.wallet_dir = cases[i].wallet;
        expect(f, &options, 1, "sign-in", FINDING_FAIL, cases[i].says);
        expect(f, &options, 1, "rights", FINDING_SKIP, "nobody is let in");
    }
}

/* --- wallets --- */

static void append(FILE *to, const char *name)
{
    char path[PATH_ROOM];
    char bytes[8192];
    size_t count;
    FILE *from;

    (void)snprintf(path, sizeof(path), "%s/%s", postgres_server_directory(), name);
    from = fopen(path, "re");
    assert_non_null(from);
    count = fread(bytes, 1, sizeof(bytes), from);
    assert_int_equal(fwrite(bytes, 1, count, to), count);
    (void)fclose(from);
}

static void diagnose__the_wallet_is_no_good__says_what_is_wrong_with_it(void **state)
{
    static const struct {
        const char *key; /* files of the server's directory; NULL: left out */
        const char *certificate;
        mode_t mode;
        enum finding_state state;
        const char *says;
    } cases[] = {
        {"client.key", "client.crt", 0644, FINDING_WARN, "can be read by others"},
        {"client.key", "stranger.crt", 0600, FINDING_FAIL, "no certificate in it fits its key"},
        {"expired.key", "expired.crt", 0600, FINDING_FAIL, "its certificate has expired"},
        {NULL, NULL, 0600, FINDING_FAIL, "it holds no certificate"},
    };
    struct fixture *f = *state;
    struct db_options options = f->options;
    char directory[PATH_ROOM];
    char path[PATH_ROOM + 16];

    (void)snprintf(directory, sizeof(directory), "%s/wallet-broken", postgres_server_directory());
    (void)snprintf(path, sizeof(path), "%s/ewallet.pem", directory);
    (void)mkdir(directory, 0700);
    options.wallet_dir = directory;
    for (size_t i = 0; i < LENGTH_OF(cases); i++) {
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        if (cases[i].key != NULL) {
            append(file, cases[i].key);
            append(file, cases[i].certificate);
        }
        (void)fclose(file);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        expect(f, &options, 1, "wallet", cases[i].state, cases[i].says);
    }
    options.wallet_dir = "/nonexistent/wallet";
    expect(f, &options, 1, "wallet", FINDING_FAIL, "/nonexistent/wallet has no ewallet.pem");
    options.wallet_dir = NULL;
    expect(f, &options, 1, "wallet", FINDING_OK, "none is given");
}

const struct CMUnitTest oracle_diagnose_tests[] = {
    ORACLE_TEST(diagnose__of_a_database_that_tells_all__says_so),
    ORACLE_TEST(diagnose__the_server_is_not_fit__says_how),
    ORACLE_TEST(diagnose__a_view_is_hidden__gives_the_grant),
    ORACLE_TEST(diagnose__nobody_is_let_in__says_why),
    ORACLE_TEST(diagnose__the_wallet_is_no_good__says_what_is_wrong_with_it),
};
const size_t oracle_diagnose_test_count = LENGTH_OF(oracle_diagnose_tests);

/* Which of the addresses that libpq tried an error names. The messages are libpq 15's own. */
#include "tests/support/test.h"

#include "db/postgres/postgres_priv.h"

#define REFUSED(where_)                                                                            \
    "connection to server at " where_ " failed: Connection refused\n"                              \
    "\tIs the server running on that host and accepting TCP/IP connections?\n"
#define FAILED(where_, what_) "connection to server at " where_ " failed: " what_ "\n"
#define SAID(where_, state_, what_)                                                                \
    FAILED(where_, "FATAL:  " state_ ": " what_ "\nLOCATION:  InitPostgres, postinit.c:1000")
#define SIX "\"localhost\" (::1), port 5432"
#define FOUR "\"localhost\" (127.0.0.1), port 5432"
#define EXPIRED "SSL error: certificate verify failed"

static const struct {
    const char *message, *where, *state, *text;
} cases[] = {
    /* One address. */
    {REFUSED(FOUR), "localhost (127.0.0.1), port 5432", "", "Connection refused"},
    {SAID("\"10.0.0.7\", port 5432", "28P01", "password authentication failed for user \"a;b\""),
     "10.0.0.7, port 5432", "28P01", "password authentication failed for user \"a;b\""},
    {"connection to server on socket \"/run/.s.PGSQL.5432\" failed: No such file or directory\n"
     "\tIs the server running locally and accepting connections on that socket?\n",
     "/run/.s.PGSQL.5432", "", "No such file or directory"},
    {"could not translate host name \"db\" to address: Name or service not known\n", "asked", "",
     "could not translate host name \"db\" to address: Name or service not known"},
    {"invalid sslmode value: \"full\"\n", "asked", "", "invalid sslmode value: \"full\""},
    {"", "asked", "", ""},
    /* The first of two does not listen, or the second: the other is named. */
    {REFUSED(SIX) FAILED(FOUR, EXPIRED), "localhost (127.0.0.1), port 5432", "", EXPIRED},
    {FAILED(FOUR, EXPIRED) REFUSED(SIX), "localhost (127.0.0.1), port 5432", "", EXPIRED},
    {REFUSED(SIX) FAILED(FOUR, "server does not support SSL, but SSL was required"),
     "localhost (127.0.0.1), port 5432", "", "server does not support SSL, but SSL was required"},
    {REFUSED(SIX) FAILED(FOUR, "root certificate file \"x\" does not exist\nEither provide the file"
                               " or change sslmode to disable server certificate verification."),
     "localhost (127.0.0.1), port 5432", "", "root certificate file \"x\" does not exist"},
    /* The server's word is further than a handshake that failed, and a name without address least.
     */
    {SAID(FOUR, "57P03", "the database system is starting up") FAILED(SIX, EXPIRED),
     "localhost (127.0.0.1), port 5432", "57P03", "the database system is starting up"},
    {"could not translate host name \"b\" to address: Name or service not known\n" REFUSED(FOUR),
     "localhost (127.0.0.1), port 5432", "", "Connection refused"},
    {REFUSED(FOUR) "could not translate host name \"b\" to address: Name or service not known\n",
     "localhost (127.0.0.1), port 5432", "", "Connection refused"},
    /* sslmode=prefer asks again without TLS where it was turned away with it, and allow with it. */
    {SAID(FOUR, "28P01", "password authentication failed for user \"a\"")
         SAID(FOUR, "28000", "no pg_hba.conf entry for host \"127.0.0.1\", no encryption"),
     "localhost (127.0.0.1), port 5432", "28P01", "password authentication failed for user \"a\""},
    {SAID(FOUR, "28000", "no pg_hba.conf entry for host \"127.0.0.1\", no encryption")
         SAID(FOUR, "28P01", "password authentication failed for user \"a\""),
     "localhost (127.0.0.1), port 5432", "28P01", "password authentication failed for user \"a\""},
    /* Signed in, and not what was looked for. */
    {FAILED(FOUR, "session is read-only") REFUSED(SIX), "localhost (127.0.0.1), port 5432", "",
     "session is read-only"},
    /* Equally far: the last. */
    {REFUSED(SIX) REFUSED(FOUR), "localhost (127.0.0.1), port 5432", "", "Connection refused"},
    {REFUSED(FOUR) REFUSED(SIX), "localhost (::1), port 5432", "", "Connection refused"},
    {"could not translate host name \"a\" to address: Name or service not known\n"
     "could not translate host name \"b\" to address: Name or service not known\n",
     "asked", "", "could not translate host name \"b\" to address: Name or service not known"},
};

static void pg_cause_find__several_addresses__names_the_furthest(void **state)
{
    struct pg_cause cause;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pg_cause_find(cases[i].message, "asked", &cause);
        assert_string_equal(cause.where, cases[i].where);
        assert_string_equal(cause.state, cases[i].state);
        assert_string_equal(cause.text, cases[i].text);
    }
}

/* A message is never read past its end, wherever it is cut. */
static void pg_cause_find__cut_anywhere__reads_what_is_there(void **state)
{
    struct pg_cause cause;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t length = strlen(cases[i].message); length > 0; length--) {
            char *cut = strndup(cases[i].message, length);

            pg_cause_find(cut, "asked", &cause);
            assert_null(strchr(cause.text, '\n'));
            assert_null(strchr(cause.where, '\n'));
            free(cut);
        }
    }
}

/* What is known has what to do behind it, all else ends with what was said. */
static void pg_connect_err__message__is_told_with_its_remedy(void **state)
{
    static const struct {
        const char *message, *text;
        enum err_code code;
    } told[] = {
        {FAILED(FOUR, "Something new"), "localhost (127.0.0.1), port 5432: Something new",
         ERR_CONNECT},
        {FAILED(FOUR, "SSL error: key values mismatch"),
         "localhost (127.0.0.1), port 5432: SSL error: key values mismatch: sslcert and sslkey "
         "must "
         "belong together",
         ERR_CONFIG},
        {REFUSED(FOUR),
         "localhost (127.0.0.1), port 5432: Connection refused: no server listens there: start it, "
         "or check host and port in the database URL",
         ERR_CONNECT},
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        err = (struct err){.code = ERR_NONE};
        assert_false(pg_connect_err(&err, "asked", told[i].message));
        assert_string_equal(err.text, told[i].text);
        assert_int_equal(err.code, told[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pg_cause_find__several_addresses__names_the_furthest),
        cmocka_unit_test(pg_cause_find__cut_anywhere__reads_what_is_there),
        cmocka_unit_test(pg_connect_err__message__is_told_with_its_remedy),
    };

    return cmocka_run_group_tests_name("db/postgres_cause", tests, NULL, NULL);
}

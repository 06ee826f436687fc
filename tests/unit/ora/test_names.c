/* ora/names.h: data source names, and what a listener is told. */
#include "ora/names.h"
#include "tests/support/test.h"

static void ora_place_parse__name__gives_host_port_and_service(void **state)
{
    static const struct {
        const char *dsn;
        const char *host;
        const char *port;
        const char *service;
        bool is_tls;
    } cases[] = {
        {"db/svc", "db", "1521", "svc", false},
        {"db:1522/svc", "db", "1522", "svc", false},
        {"db.example.org:65535/orders.example.org", "db.example.org", "65535", "orders.example.org",
         false},
        {"10.0.0.1/XEPDB1", "10.0.0.1", "1521", "XEPDB1", false},
        {"[::1]/svc", "::1", "1521", "svc", false},
        {"[fe80::1:2]:1/my_svc$#-1", "fe80::1:2", "1", "my_svc$#-1", false},
        {"[::ffff:10.0.0.1]:1521/s", "::ffff:10.0.0.1", "1521", "s", false},
        {"my-db_1/s", "my-db_1", "1521", "s", false},
        {"tcp://db/svc", "db", "1521", "svc", false},
        {"tcps://db:2484/svc", "db", "2484", "svc", true},
        {"TCPS://[::1]/svc", "::1", "1521", "svc", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct octo_ora_error error;
        struct ora_place place;

        if (!ora_place_parse(cases[i].dsn, &place, &error)) {
            fail_msg("%s: %s", cases[i].dsn, error.text);
        }
        assert_string_equal(place.host, cases[i].host);
        assert_string_equal(place.port, cases[i].port);
        assert_string_equal(place.service, cases[i].service);
        assert_true(place.is_tls == cases[i].is_tls);
    }
}

static void ora_place_parse__what_is_none__is_told_with_its_place(void **state)
{
    static char long_host[400];
    static const struct {
        const char *dsn;
        const char *words;
    } cases[] = {
        {"", "character 1: there is no host"},
        {"/svc", "character 1: there is no host"},
        {"db", "character 3: expected '/'"},
        {"db:1521", "character 8: expected '/'"},
        {"db/", "character 4: there is no service"},
        {"db:/svc", "character 4: a port is a number"},
        {"db:0/svc", "character 4: a port is a number"},
        {"db:65536/svc", "character 4: a port is a number"},
        {"db:-1/svc", "character 4: a port is a number"},
        {"db:99999999999999999999/svc", "character 4: a port is a number"},
        {"db:1521x/svc", "character 8: expected '/'"},
        {"[::1/svc", "character 5: the bracket"},
        {"[]/svc", "character 2: there is no host"},
        {"d b/svc", "character 2: expected '/'"},
        {"db/s)(x=y", "character 5: a service has letters"},
        {"db/svc?x=y", "character 7: a service has letters"},
        {"http://db/svc", "character 6: a port is a number"},
        {"tcps:///svc", "character 8: there is no host"},
        {long_host, "character 1: a host of over 255"},
    };

    (void)state;
    memset(long_host, 'h', 256);
    (void)strcpy(long_host + 256, "/svc");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct octo_ora_error error;
        struct ora_place place;

        if (ora_place_parse(cases[i].dsn, &place, &error)) {
            fail_msg("%s: taken", cases[i].dsn);
        }
        assert_int_equal(error.kind, OCTO_ORA_USAGE);
        if (strstr(error.text, cases[i].words) == NULL) {
            fail_msg("%s: %s", cases[i].dsn, error.text);
        }
    }
}

/* What would end a part of the descriptor does not get into it. */
static void ora_descriptor_write__names__cannot_break_out(void **state)
{
    static const char expected[] =
        "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)"
        "(CID=(PROGRAM=a??b???c)(HOST=h)(USER=u))(CONNECTION_ID=id)))";
    struct octo_ora_error error;
    struct ora_place place;
    struct ora_who who;
    struct ora_wr wr;

    (void)state;
    assert_true(ora_place_parse("db/svc", &place, &error));
    ora_who_am_i("a)(b=\"'c", &who);
    assert_string_equal(who.program, "a??b???c");
    (void)strcpy(who.machine, "h");
    (void)strcpy(who.user, "u");
    ora_wr_init(&wr, 4096);
    ora_descriptor_write(&wr, &place, &who, "id");
    assert_int_equal(wr.length, strlen(expected));
    assert_memory_equal(wr.data, expected, wr.length);
    ora_wr_fini(&wr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_place_parse__name__gives_host_port_and_service),
        cmocka_unit_test(ora_place_parse__what_is_none__is_told_with_its_place),
        cmocka_unit_test(ora_descriptor_write__names__cannot_break_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

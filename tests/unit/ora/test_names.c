/* ora/names.h: connect strings, what they stand for, and what is said of those that are none. */
#include "ora/names.h"
#include "tests/support/test.h"

static const struct ora_names_where nowhere;

/* What the connect string stands for, written out; its length goes to *ret_length. */
static void write_out(const char *text, struct ora_wr *ret)
{
    struct ora_descriptor descriptor;
    struct octo_ora_error error;

    ora_wr_init(ret, 65536);
    if (!ora_names_resolve(text, &nowhere, &descriptor, &error)) {
        fail_msg("%s: %s", text, error.text);
    }
    ora_tree_write(&descriptor.tree, ORA_TREE_ROOT, ret);
    ora_wr_u8(ret, 0);
    ora_descriptor_fini(&descriptor);
}

/* What is written out stands for the same. */
static void ora_names_resolve__connect_string__gives_descriptor(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"db/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=("
                   "SERVICE_NAME=svc)))"},
        {"db:1522/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1522))(CONNECT_DATA=("
                        "SERVICE_NAME=svc)))"},
        {"//db/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=("
                     "SERVICE_NAME=svc)))"},
        {"tcp://db.example.org:65535/orders.example.org",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db.example.org)(PORT=65535))(CONNECT_DATA=("
         "SERVICE_NAME=orders.example.org)))"},
        {"tcps://db:2484/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=2484))(CONNECT_"
                               "DATA=(SERVICE_NAME=svc)))"},
        {"TCPS://[::1]/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=::1)(PORT=1521))(CONNECT_"
                             "DATA=(SERVICE_NAME=svc)))"},
        {"[fe80::1:2]:1/my_svc$#-1", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=fe80::1:2)(PORT=1))"
                                     "(CONNECT_DATA=(SERVICE_NAME=my_svc$#-1)))"},
        {"db/", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_"
                "NAME=)))"},
        {"db/:pooled", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=("
                       "SERVICE_NAME=)(SERVER=pooled)))"},
        {"db/svc:Dedicated", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_"
                             "DATA=(SERVICE_NAME=svc)(SERVER=Dedicated)))"},
        {"db/svc:shared/inst1", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_"
                                "DATA=(SERVICE_NAME=svc)(SERVER=shared)(INSTANCE_NAME=inst1)))"},
        {"db/svc/inst1", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=("
                         "SERVICE_NAME=svc)(INSTANCE_NAME=inst1)))"},
        {"h1,h2:1522,h3/svc", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=h1)(PORT=1522))(ADDRESS=("
                              "PROTOCOL=tcp)(HOST=h2)(PORT=1522))(ADDRESS=(PROTOCOL=tcp)(HOST=h3)("
                              "PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc))(LOAD_BALANCE=ON))"},
        {"h1:1,h2:2/svc?load_balance=off",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=h1)(PORT=1))(ADDRESS=(PROTOCOL=tcp)(HOST=h2)("
         "PORT=2))(CONNECT_DATA=(SERVICE_NAME=svc))(LOAD_BALANCE=off))"},
        {"h1;h2/svc",
         "(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=(PROTOCOL=tcp)(HOST=h1)(PORT=1521)))(ADDRESS_LIST=("
         "ADDRESS=(PROTOCOL=tcp)(HOST=h2)(PORT=1521)))(CONNECT_DATA=(SERVICE_NAME=svc)))"},
        {"h1,h2;[::1],h3:1522/svc",
         "(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=(PROTOCOL=tcp)(HOST=h1)(PORT=1521))(ADDRESS=("
         "PROTOCOL=tcp)(HOST=h2)(PORT=1521))(LOAD_BALANCE=ON))(ADDRESS_LIST=(ADDRESS=(PROTOCOL=tcp)"
         "(HOST=::1)(PORT=1522))(ADDRESS=(PROTOCOL=tcp)(HOST=h3)(PORT=1522))(LOAD_BALANCE=ON))("
         "CONNECT_DATA=(SERVICE_NAME=svc)))"},
        {"db/svc?retry_count=3&retry_delay=2&connect_timeout=10&transport_connect_timeout=500ms",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)"
         ")(RETRY_COUNT=3)(RETRY_DELAY=2)(CONNECT_TIMEOUT=10)(TRANSPORT_CONNECT_TIMEOUT=500ms))"},
        {"tcps://adb.example.org:1522/orders?wallet_location=/etc/w&ssl_server_cert_dn=\"CN=db, "
         "O=Octo \\, Inc\"",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=adb.example.org)(PORT=1522))(CONNECT_DATA=("
         "SERVICE_NAME=orders))(SECURITY=(MY_WALLET_DIRECTORY=/etc/w)(SSL_SERVER_CERT_DN=\"CN=db, "
         "O=Octo \\, Inc\")))"},
        {"db/"
         "svc?sdu=65535&expire_time=5&use_sni=on&pool_connection_class=shop&pool_purity=self&"
         "unknown=1",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)"
         "(POOL_CONNECTION_CLASS=shop)(POOL_PURITY=self))(SDU=65535)(EXPIRE_TIME=5)(USE_SNI=on))"},
        {"tcps://db/svc?https_proxy=proxy.example.org&https_proxy_port=3128",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=1521)(HTTPS_PROXY=proxy.example.org)("
         "HTTPS_PROXY_PORT=3128))(CONNECT_DATA=(SERVICE_NAME=svc)))"},
        {"  db/svc  ", "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=("
                       "SERVICE_NAME=svc)))"},
        {"(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)"
         "))",
         "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)"
         "))"},
        {"(description= "
         "(retry_count=20)(retry_delay=3)(address=(protocol=tcps)(port=1522)(host=adb.eu.example."
         "org))(connect_data=(service_name=x_high.adb.example.org))(security=(ssl_server_dn_match="
         "yes)))",
         "(DESCRIPTION=(RETRY_COUNT=20)(RETRY_DELAY=3)(ADDRESS=(PROTOCOL=tcps)(PORT=1522)(HOST=adb."
         "eu.example.org))(CONNECT_DATA=(SERVICE_NAME=x_high.adb.example.org))(SECURITY=(SSL_"
         "SERVER_DN_MATCH=yes)))"},
        {"(DESCRIPTION_LIST=(FAILOVER=off)(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=X)))("
         "DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=X))))",
         "(DESCRIPTION_LIST=(FAILOVER=off)(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=X)))("
         "DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=X))))"},
        {"(DESCRIPTION=(ADDRESS_LIST=(LOAD_BALANCE=on)(ADDRESS=(HOST=a))(ADDRESS=(HOST=b)))("
         "CONNECT_DATA=(SERVICE_NAME=s)(SERVER=pooled)(FAILOVER_MODE=(TYPE=select)(METHOD=basic)))"
         ")",
         "(DESCRIPTION=(ADDRESS_LIST=(LOAD_BALANCE=on)(ADDRESS=(HOST=a))(ADDRESS=(HOST=b)))("
         "CONNECT_DATA=(SERVICE_NAME=s)(SERVER=pooled)(FAILOVER_MODE=(TYPE=select)(METHOD=basic)))"
         ")"},
        {"(DESCRIPTION=\n  (ADDRESS=(HOST=db)(PORT=1521))\n\t(CONNECT_DATA =\n (SERVICE_NAME = "
         "svc)))\n",
         "(DESCRIPTION=(ADDRESS=(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_wr once;
        struct ora_wr twice;

        write_out(cases[i].text, &once);
        assert_string_equal((const char *)once.data, cases[i].expected);
        write_out((const char *)once.data, &twice);
        assert_string_equal((const char *)twice.data, cases[i].expected);
        ora_wr_fini(&once);
        ora_wr_fini(&twice);
    }
}

static void ora_names_resolve__what_is_none__is_told_with_its_place(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"", "the connect string is empty"},
        {"db:1521", "connect string, line 1, column 8: expected '/' and the service: a connect "
                    "string is written [tcps://]HOST[:PORT]/SERVICE"},
        {"/svc", "connect string, line 1, column 1: there is no host"},
        {"db:/svc", "connect string, line 1, column 4: a port is a number from 1 to 65535"},
        {"db:0/svc", "connect string, line 1, column 4: a port is a number from 1 to 65535"},
        {"db:65536/svc", "connect string, line 1, column 4: a port is a number from 1 to 65535"},
        {"db:99999999999999999999/svc",
         "connect string, line 1, column 4: a port is a number from 1 to 65535"},
        {"[::1/svc", "connect string, line 1, column 5: the bracket of the address is not closed"},
        {"d b/svc", "connect string, line 1, column 2: expected '/' and the service: a connect "
                    "string is written [tcps://]HOST[:PORT]/SERVICE"},
        {"db/svc:fast",
         "connect string, line 1, column 8: a server is dedicated, shared or pooled"},
        {"db/svc/", "connect string, line 1, column 8: there is no instance"},
        {"http://db/svc", "connect string, line 1, column 1: the protocol http is not spoken: "
                          "write tcp:// or tcps://"},
        {"tcps:///svc", "connect string, line 1, column 8: there is no host"},
        {"h1,/svc", "connect string, line 1, column 4: there is no host"},
        {"db/s)(x=y", "connect string, line 1, column 5: expected '?' and parameters, or the end: "
                      "a service has letters, digits and . - _ $ #"},
        {"db/svc?retry_count=x",
         "connect string, line 1, column 20: RETRY_COUNT takes a whole number from 0 to 1000"},
        {"db/svc?retry_count", "connect string, line 1, column 19: expected NAME=VALUE"},
        {"db/svc?ssl_server_cert_dn=\"CN=x",
         "connect string, line 1, column 27: the quotes that open here are not closed"},
        {"db/svc?failover=maybe", "connect string, line 1, column 17: FAILOVER is on or off"},
        {"db/svc?connect_timeout=5h",
         "connect string, line 1, column 24: CONNECT_TIMEOUT takes a number of seconds, or one "
         "with ms, sec or min behind it, up to a day"},
        {"db/svc?https_proxy=p",
         "connect string, line 1, column 1: HTTPS_PROXY is for the protocol tcps alone"},
        {"(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db "
         "(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))",
         "connect string, line 1, column 46: a bracket opens within a value: is ')' missing before "
         "it?"},
        {"(DESCRIPTION=\n (ADDRESS=(HOST=db)\n (CONNECT_DATA=(SERVICE_NAME=svc))",
         "connect string, line 2, column 2: the bracket that opens here is not closed"},
        {"(DESCRIPTION=(ADDRESS=(PROTOCOL=ipc)(KEY=x))(CONNECT_DATA=(SERVICE_NAME=svc)))",
         "connect string, line 1, column 33: the protocol ipc is not spoken: take tcp or tcps"},
        {"(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=svc)))",
         "connect string, line 1, column 2: the DESCRIPTION has no ADDRESS"},
        {"(DESCRIPTION=\n (ADDRESS=(HOST=grün)(PORT=x)))",
         "connect string, line 2, column 28: a port is a number from 1 to 65535"},
        {"(DESCRIPTION=(ADDRESS=(HOST=db))(CONNECT_DATA=svc))",
         "connect string, line 1, column 34: CONNECT_DATA holds pairs in brackets, no value"},
        {"(DESCRIPTION=(ADDRESS=(HOST=db))) x",
         "connect string, line 1, column 35: there is something behind the last bracket"},
        {"(ADDRESS=(HOST=db)(PORT=1521))",
         "connect string, line 1, column 2: there is no DESCRIPTION"},
        {"(DESCRIPTION=(ADDRESS=(HOST=\"db))",
         "connect string, line 1, column 29: the quotes that open here are not closed"},
        {"((((((((((((((((((a=b))))))))))))))))))",
         "connect string, line 1, column 2: expected a name behind '('"},
        {"(DESCRIPTION=(ADDRESS=(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))",
         "connect string, line 1, column 15: the ADDRESS has no HOST"},
        {"(DESCRIPTION=(ADDRESS=(HOST=(a=b)))(CONNECT_DATA=(SERVICE_NAME=svc)))",
         "connect string, line 1, column 24: a host is a value, not pairs"},
        {"(DESCRIPTION=(ADDRESS=(HOST=db))(SECURITY=(SSL_VERSION=1.1)))",
         "connect string, line 1, column 56: SSL_VERSION is TLSv1.2 or TLSv1.3"},
        {"(DESCRIPTION=(ADDRESS=(HOST=db))(SECURITY=(SSL_SERVER_DN_MATCH=maybe)))",
         "connect string, line 1, column 64: SSL_SERVER_DN_MATCH is on or off"},
        {"(DESCRIPTION=(ADDRESS=(HOST=d\"b)))",
         "connect string, line 1, column 30: quotes go around the whole value"},
        {"(DESCRIPTION (ADDRESS=(HOST=db)))",
         "connect string, line 1, column 14: expected '=' behind the name"},
        {"(DESCRIPTION=(ADDRESS=(HOST=d b)))",
         "connect string, line 1, column 30: a host has no blanks in it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_descriptor descriptor;
        struct octo_ora_error error;

        if (ora_names_resolve(cases[i].text, &nowhere, &descriptor, &error)) {
            fail_msg("%s: taken", cases[i].text);
        }
        assert_int_equal(error.kind, OCTO_ORA_USAGE);
        assert_string_equal(error.text, cases[i].expected);
    }
}

static void ora_names_resolve__too_much__is_refused(void **state)
{
    static char host[400];
    static char text[40000];
    struct ora_descriptor descriptor;
    struct octo_ora_error error;

    (void)state;
    memset(host, 'h', 256);
    (void)strcpy(host + 256, "/svc");
    assert_false(ora_names_resolve(host, &nowhere, &descriptor, &error));
    assert_string_equal(error.text,
                        "connect string, line 1, column 1: a host of over 255 characters");
    memset(text, 'x', sizeof(text) - 1);
    assert_false(ora_names_resolve(text, &nowhere, &descriptor, &error));
    assert_string_equal(error.text, "the connect string has more than 32767 characters");
    for (size_t i = 0; i < 6000; i += 2) {
        (void)memcpy(text + i, "h,", 2);
    }
    (void)strcpy(text + 6000, "h/s");
    assert_false(ora_names_resolve(text, &nowhere, &descriptor, &error));
    assert_string_equal(error.text, "connect string, line 1, column 1: more hosts than are taken");
    for (size_t i = 0; i < 17; i++) {
        (void)memcpy(text + i * 3, "(a=", 3);
    }
    text[51] = '\0';
    assert_false(ora_names_resolve(text, &nowhere, &descriptor, &error));
    assert_string_equal(error.text,
                        "connect string, line 1, column 49: brackets are nested too deeply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_names_resolve__connect_string__gives_descriptor),
        cmocka_unit_test(ora_names_resolve__what_is_none__is_told_with_its_place),
        cmocka_unit_test(ora_names_resolve__too_much__is_refused),
    };

    (void)unsetenv("TNS_ADMIN");
    (void)unsetenv("ORACLE_HOME");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

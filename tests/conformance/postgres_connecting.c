/* Connecting: passwords and certificates that fit or do not, a full server, nobody there. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "tests/support/postgres_server.h"
#include "tests/support/suite.h"

/* Connects over TCP with these parts of the URL. */
static bool try_connect(const char *user, const char *host, const char *query, struct err *err)
{
    char url[1024];
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = url, .busy_timeout_ms = 1000};
    struct db_conn *conn = NULL;

    err_clear(err);
    snprintf(url, sizeof url, "postgresql://%s@%s:%d/octo?%s", user, host, postgres_server_port(),
             query);
    if (!suite_backend->open(&options, DB_CONN_POOL, &conn, err)) {
        return false;
    }
    suite_backend->close(conn);
    return true;
}

/* The query of a URL that asks for verified TLS, with these files of the server's directory. */
static const char *tls(const char *authority, const char *certificate, const char *key)
{
    static char query[512];
    const char *directory = postgres_server_directory();

    snprintf(query, sizeof query,
             "sslmode=verify-full&sslrootcert=%s/%s&sslcert=%s/%s&sslkey=%s/%s", directory,
             authority, directory, certificate, directory, key);
    return query;
}

static void connect__password_and_certificate_fit__is_let_in(void **state)
{
    struct err err;

    (void)state;
    if (!try_connect("octo:secret", "localhost", tls("ca.crt", "client.crt", "client.key"), &err)) {
        fail_msg("%s", err.text);
    }
}

static void connect__server_is_full__says_too_many_clients(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = postgres_server_url(),
                                       .busy_timeout_ms = 1000};
    struct db_conn *conns[32] = {NULL};
    struct err err = {.code = ERR_NONE};
    size_t open = 0;

    (void)state;
    while (open < 32 && suite_backend->open(&options, DB_CONN_POOL, &conns[open], &err)) {
        open++;
    }
    for (size_t i = 0; i < open; i++) {
        suite_backend->close(conns[i]);
    }
    must_have_failed(open == 32, &err, ERR_CONNECT, "too many clients");
    assert_string_equal(err.sqlstate, "53300");
}

static void connect__what_does_not_fit__is_named_with_its_remedy(void **state)
{
    static const struct {
        const char *user, *host, *authority, *certificate, *key;
        enum err_code code;
        const char *words[2];
    } cases[] = {
        {"octo:wrong",
         "localhost",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"password authentication failed for user \"octo\"", "database URL"}},
        {"octo",
         "localhost",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"localhost", "password"}},
        {"octo_word:secret",
         "127.0.0.1",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"does not match host name \"127.0.0.1\"", "name the host"}},
        {"octo:secret",
         "localhost",
         "other_ca.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"certificate verify failed", "sslrootcert"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "stranger.crt",
         "stranger.key",
         ERR_CONFIG,
         {"unknown ca", "sslcert"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "client.crt",
         "stranger.key",
         ERR_CONFIG,
         {"stranger.key", "belong together"}},
        {"octo:secret",
         "localhost",
         "missing.crt",
         "client.crt",
         "client.key",
         ERR_CONFIG,
         {"missing.crt", "create the file"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "client.crt",
         "missing.key",
         ERR_CONFIG,
         {"missing.key", "create the file"}},
        {"octo:secret",
         "localhost",
         "ca.crt",
         "client.crt",
         "open.key",
         ERR_CONFIG,
         {"open.key", "chmod 600"}},
        {"octo:secret",
         "no-such-host.invalid",
         "ca.crt",
         "client.crt",
         "client.key",
         ERR_CONNECT,
         {"no-such-host.invalid", "check the host"}},
    };
    char open_key[128];
    struct err err;

    (void)state;
    snprintf(open_key, sizeof open_key, "%s/open.key", postgres_server_directory());
    if (access(open_key, F_OK) != 0) {
        char client_key[128];

        snprintf(client_key, sizeof client_key, "%s/client.key", postgres_server_directory());
        assert_int_equal(link(client_key, open_key), 0);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool is_open = strcmp(cases[i].key, "open.key") == 0;
        bool ok;

        chmod(open_key, is_open ? 0644 : 0600);
        ok = try_connect(cases[i].user, cases[i].host,
                         tls(cases[i].authority, cases[i].certificate, cases[i].key), &err);
        must_have_failed(ok, &err, cases[i].code, cases[i].words[0]);
        must_have_failed(ok, &err, cases[i].code, cases[i].words[1]);
    }
    unlink(open_key);
}

/* A role that needs a certificate, and none is shown. */
static void connect__certificate_is_missing__is_named(void **state)
{
    char query[256];
    struct err err;

    (void)state;
    snprintf(query, sizeof query, "sslmode=verify-full&sslrootcert=%s/ca.crt",
             postgres_server_directory());
    must_have_failed(try_connect("octo:secret", "localhost", query, &err), &err, ERR_CONFIG,
                     "valid client certificate");
    if (!try_connect("octo_word:secret", "localhost", query, &err)) {
        fail_msg("%s", err.text);
    }
}

/* The server reads its files anew in its own time. */
static bool try_until(bool wanted, struct err *err)
{
    uint64_t until = clock_after_ms(60000);
    bool ok;

    do {
        usleep(20000);
        ok =
            try_connect("octo:secret", "localhost", tls("ca.crt", "client.crt", "client.key"), err);
    } while (ok != wanted && !clock_has_passed(until));
    return ok;
}

static void connect__servers_certificate_has_expired__is_refused(void **state)
{
    struct err err;
    bool ok;

    (void)state;
    postgres_server_run("ALTER SYSTEM SET ssl_cert_file = '../expired.crt'");
    postgres_server_run("ALTER SYSTEM SET ssl_key_file = '../expired.key'");
    postgres_server_run("SELECT pg_reload_conf()");
    ok = try_until(false, &err);
    postgres_server_run("ALTER SYSTEM RESET ALL");
    postgres_server_run("SELECT pg_reload_conf()");
    must_have_failed(ok, &err, ERR_CONFIG, "expired");
    assert_true(try_until(true, &err));
}

static void connect__nobody_listens__says_so(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = "postgresql://octo:secret@localhost:1/octo"};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    must_have_failed(suite_backend->open(&options, DB_CONN_POOL, &conn, &err), &err, ERR_CONNECT,
                     "no server listens");
}

/* --- several addresses --- */

/* As try_connect, with the addresses of the list instead of what the name has. */
static bool try_addresses(const char *hosts, const char *addresses, const char *more,
                          struct err *err)
{
    char url[1024];
    struct db_options options = {
        .service = "test", .module = "octo-test", .location = url, .busy_timeout_ms = 1000};
    struct db_conn *conn = NULL;

    err_clear(err);
    options.connect_until_ns = clock_after_ms(60000);
    snprintf(url, sizeof url, "postgresql://octo:secret@/octo?host=%s&hostaddr=%s&port=%d&%s",
             hosts, addresses, postgres_server_port(), more);
    if (!suite_backend->open(&options, DB_CONN_POOL, &conn, err)) {
        return false;
    }
    suite_backend->close(conn);
    return true;
}

/* The server listens on 127.0.0.1 alone. */
static void connect__several_addresses__the_one_that_got_furthest_is_named(void **state)
{
    static const char SERVER[] = ": 127.0.0.1, port ";
    static const struct {
        const char *authority, *certificate, *key, *more;
        enum err_code code;
        const char *words;
    } cases[] = {
        {"other_ca.crt", "client.crt", "client.key", "", ERR_CONFIG, "certificate verify failed"},
        {"ca.crt", "stranger.crt", "stranger.key", "", ERR_CONFIG, "unknown ca"},
        {"ca.crt", "client.crt", "missing.key", "", ERR_CONFIG, "missing.key"},
        {"ca.crt", "client.crt", "client.key", "&dbname=nowhere", ERR_CONFIG, "does not exist"},
        {"ca.crt", "client.crt", "client.key", "&password=wrong", ERR_CONFIG, "password"},
        {"ca.crt", "client.crt", "client.key", "&target_session_attrs=standby", ERR_CONNECT,
         "not in hot standby mode"},
    };
    static const char *const orders[] = {"::1,127.0.0.1", "127.0.0.1,::1", "::1,127.0.0.1,::1"};
    static const char *const hosts[] = {"localhost,localhost", "localhost,localhost",
                                        "localhost,localhost,localhost"};
    char more[512];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t order = 0; order < sizeof orders / sizeof orders[0]; order++) {
            bool ok;

            snprintf(more, sizeof more, "%s%s",
                     tls(cases[i].authority, cases[i].certificate, cases[i].key), cases[i].more);
            ok = try_addresses(hosts[order], orders[order], more, &err);
            must_have_failed(ok, &err, cases[i].code, cases[i].words);
            must_have_failed(ok, &err, cases[i].code, SERVER);
        }
    }
}

static void connect__nobody_listens_on_any__the_last_is_named(void **state)
{
    struct err err;

    (void)state;
    must_have_failed(try_addresses("a.test,b.test", "127.0.0.2,127.0.0.3", "", &err), &err,
                     ERR_CONNECT, ": 127.0.0.3, port ");
    must_have_failed(try_addresses("b.test,a.test", "127.0.0.3,127.0.0.2", "", &err), &err,
                     ERR_CONNECT, ": 127.0.0.2, port ");
}

/* Of the hosts of a list the one that let us in is named when the session is lost. */
static void connect__several_hosts__the_one_in_use_is_named_from_then_on(void **state)
{
    char url[512];
    const struct db_options options = {
        .service = "test", .module = "octo-test", .location = url, .busy_timeout_ms = 1000};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    snprintf(url, sizeof url, "postgresql://octo_word:secret@/octo?host=/nowhere,%s&port=1,%d",
             postgres_server_directory(), postgres_server_port());
    if (!suite_backend->open(&options, DB_CONN_POOL, &conn, &err)) {
        fail_msg("%s", err.text);
    }
    postgres_server_run("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
                        " WHERE usename = 'octo_word'");
    assert_false(suite_backend->is_alive(conn, CLOCK_NEVER, &err)); /* the server's word */
    err_clear(&err);
    must_have_failed(suite_backend->is_alive(conn, CLOCK_NEVER, &err), &err, ERR_CONNECTION_LOST,
                     postgres_server_directory());
    assert_null(strstr(err.text, "nowhere"));
    suite_backend->close(conn);
}

/* A listener takes the connection and says nothing. */
static void connect__no_answer_in_time__the_silent_one_is_named(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char url[256], words[64];
    struct db_options options = {.service = "test", .module = "octo-test", .location = url};
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(url, sizeof url,
             "postgresql://octo@/octo?host=a.test,b.test&hostaddr=127.0.0.2,127.0.0.1"
             "&port=%d",
             ntohs(address.sin_port));
    snprintf(words, sizeof words, ": 127.0.0.1, port %d: no answer in time: check",
             ntohs(address.sin_port));
    options.connect_until_ns = clock_after_ms(100);
    must_have_failed(suite_backend->open(&options, DB_CONN_POOL, &conn, &err), &err, ERR_CONNECT,
                     words);
    close(fd);
}

/* Refused before a byte is sent, but a machine's own addresses are as good as TLS. */
static void connect__other_machine_without_verified_tls__is_refused(void **state)
{
    static const char *const locations[] = {
        "postgresql://octo:secret@192.0.2.1/octo",
        "postgresql://octo:secret@192.0.2.1/octo?sslmode=require",
        "postgresql://octo:secret@localhost,192.0.2.1/octo",
        "postgresql://octo:secret@localhost/octo?hostaddr=192.0.2.1",
        "postgresql://octo:secret@127.octo.invalid/octo",
        "postgresql://octo:secret@localhost.octo.invalid/octo",
    };
    struct db_options options = {.service = "test", .module = "octo-test"};
    struct db_conn *conn = NULL;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof locations / sizeof locations[0]; i++) {
        err_clear(&err);
        options.location = locations[i];
        must_have_failed(suite_backend->open(&options, DB_CONN_POOL, &conn, &err), &err, ERR_CONFIG,
                         "sslmode=verify-full");
    }
}

/* Behind a pooler that shares its sessions another's statement has the name, or ours is gone. */
static void prepared__by_somebody_else_or_gone__is_a_lost_session(void **state)
{
    static const struct db_statement taken = {
        .name = "taken", .variants[DB_POSTGRES] = {.operation = "SELECT", .text = "SELECT 1"}};
    static const char *const scripts[] = {"PREPARE taken AS SELECT 2", "DEALLOCATE ALL"};
    static const char *const states[] = {"42P05", "26000"};
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = postgres_server_url(),
                                       .busy_timeout_ms = 1000};
    int64_t changes;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct db_conn *conn = NULL;
        struct err err = {.code = ERR_NONE};
        uint64_t until_ns = clock_after_ms(60000);

        assert_true(suite_backend->open(&options, DB_CONN_POOL, &conn, &err));
        if (i == 1) {
            assert_true(suite_backend->execute(conn, &taken, NULL, 1, until_ns, &changes, &err));
        }
        assert_true(suite_backend->run_script(conn, scripts[i], CLOCK_NEVER, &err));
        must_have_failed(suite_backend->execute(conn, &taken, NULL, 1, until_ns, &changes, &err),
                         &err, ERR_CONNECTION_LOST, "octo doctor");
        assert_string_equal(err.sqlstate, states[i]);
        suite_backend->close(conn);
    }
}

static void target__url_with_password__is_shown_without(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location =
                                           "postgres://octo:sec@ret@db.example/octo?sslkey=x"};
    struct db *db = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    assert_true(db_open(&options, &db, &err));
    assert_string_equal(db_target(db), "postgresql:db.example/octo");
    assert_int_equal(db_dialect(db), DB_POSTGRES);
    db_close(db);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(connect__password_and_certificate_fit__is_let_in),
    cmocka_unit_test(connect__server_is_full__says_too_many_clients),
    cmocka_unit_test(connect__what_does_not_fit__is_named_with_its_remedy),
    cmocka_unit_test(connect__certificate_is_missing__is_named),
    cmocka_unit_test(connect__servers_certificate_has_expired__is_refused),
    cmocka_unit_test(connect__nobody_listens__says_so),
    cmocka_unit_test(connect__several_addresses__the_one_that_got_furthest_is_named),
    cmocka_unit_test(connect__nobody_listens_on_any__the_last_is_named),
    cmocka_unit_test(connect__several_hosts__the_one_in_use_is_named_from_then_on),
    cmocka_unit_test(connect__no_answer_in_time__the_silent_one_is_named),
    cmocka_unit_test(connect__other_machine_without_verified_tls__is_refused),
    cmocka_unit_test(prepared__by_somebody_else_or_gone__is_a_lost_session),
    cmocka_unit_test(target__url_with_password__is_shown_without),
};

SUITE_ROOM(postgres_connecting_room, tests);

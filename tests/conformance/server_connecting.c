/* Connecting: passwords and certificates that fit or do not, a full server, nobody there. */
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
    uint64_t until = clock_after_ms(5000);
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

/* Refused before a byte is sent, but a machine's own addresses are as good as TLS. */
static void connect__other_machine_without_verified_tls__is_refused(void **state)
{
    static const char *const locations[] = {
        "postgresql://octo:secret@192.0.2.1/octo",
        "postgresql://octo:secret@192.0.2.1/octo?sslmode=require",
        "postgresql://octo:secret@localhost,192.0.2.1/octo",
        "postgresql://octo:secret@localhost/octo?hostaddr=192.0.2.1",
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
    cmocka_unit_test(connect__other_machine_without_verified_tls__is_refused),
    cmocka_unit_test(target__url_with_password__is_shown_without),
};

SUITE_ROOM(server_connecting_room, tests);

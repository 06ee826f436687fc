/* service/settings.h, service/data_dir.h and service/internal_key.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kinds.h"
#include "service/data_dir.h"
#include "service/internal_key.h"
#include "service/settings.h"
#include "support/test.h"

enum { STORE, DESK, CONSOLE, BARE, KINDS };
static const struct service_traits *const KIND[KINDS] = {&kind_store, &kind_desk, &kind_console,
                                                         &kind_bare};

struct fixture {
    struct arena arena;
    struct settings *settings[KINDS];
    struct err err;
    char dir[64];
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    for (size_t i = 0; i < settings_of_all.count; i++) {
        unsetenv(settings_of_all.rows[i].env);
    }
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < KIND[kind]->settings->count; i++) {
            unsetenv(KIND[kind]->settings->rows[i].env);
        }
    }
    arena_init(&f->arena);
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/octo-settings-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    setenv("OCTO_DATA_DIR", f->dir, 1);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    (void)unlink(path);
    (void)rmdir(f->dir);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

static bool load(struct fixture *f)
{
    char name[] = "octo";
    char *argv[] = {name, NULL};
    int argc = 1;

    return settings_load(KIND, KINDS, &f->arena, &argc, argv, f->settings, &f->err);
}

static bool may_start(struct fixture *f, size_t kind)
{
    return settings_allow_start(KIND[kind], f->settings[kind], &f->arena, &f->err);
}

/* Each has what its own rows say, and what its traits fix. */
static void settings_load__defaults__are_the_services_own(void **state)
{
    struct fixture *f = *state;

    assert_true(load(f));
    assert_int_equal(f->settings[STORE]->port, 9080);
    assert_int_equal(f->settings[STORE]->pools[0].size, 4);
    assert_int_equal(f->settings[STORE]->pools[0].overflow, 6);
    assert_int_equal(f->settings[STORE]->worker_threads, 10);
    assert_int_equal(f->settings[STORE]->max_login_attempts, 8);
    assert_int_equal(f->settings[STORE]->session_timeout_s, 8 * 3600);
    assert_string_equal(f->settings[STORE]->peer_url, "http://127.0.0.1:9081");
    assert_int_equal(f->settings[DESK]->pools[1].size, 3);
    assert_int_equal(f->settings[DESK]->worker_threads, 20);
    assert_int_equal(f->settings[DESK]->session_timeout_s, 3600);
    assert_string_equal(f->settings[DESK]->peer_url, "http://127.0.0.1:9080");
    assert_string_equal(((struct desk_settings *)f->settings[DESK])->bell, "ding");
    assert_int_equal(f->settings[CONSOLE]->worker_threads, 4);
    assert_int_equal(f->settings[CONSOLE]->session_timeout_s, 60);
    assert_string_equal(f->settings[CONSOLE]->peer_url, "");
    assert_int_equal(f->settings[BARE]->worker_threads, 10); /* without a pool to go by */
}

/* Its own database comes before that of all, and is nobody else's. */
static void settings_load__own_database__comes_first(void **state)
{
    struct fixture *f = *state;

    setenv("OCTO_DATABASE_URL", "postgresql://all", 1);
    setenv("OCTO_DESK_DATABASE_URL", "postgresql://desk", 1);
    assert_true(load(f));
    assert_string_equal(f->settings[STORE]->database_url, "postgresql://all");
    assert_string_equal(f->settings[DESK]->database_url, "postgresql://desk");
}

/* Each service is a user of its own there, whose name and password may be said for it alone. */
static void settings_load__oracle__has_a_user_for_each_service(void **state)
{
    struct fixture *f = *state;

    setenv("ORACLE_DSN", "tcps://db.example/orders", 1);
    setenv("ORACLE_PASSWORD", "of-whoever-signs-in", 1);
    assert_true(load(f));
    assert_true(settings_are_of_server(f->settings[STORE]));
    assert_string_equal(f->settings[STORE]->oracle.dsn, "tcps://db.example/orders");
    assert_string_equal(f->settings[STORE]->oracle.user, "octo_store");
    assert_string_equal(f->settings[DESK]->oracle.user, "octo_desk");
    assert_string_equal(f->settings[DESK]->oracle.password, "of-whoever-signs-in");
}

/* One command line holds for all: each takes its own options, and nothing is left over but what
 * nobody knows. */
static void settings_load__options__are_taken_by_whom_they_concern(void **state)
{
    struct fixture *f = *state;
    char *argv[] = {(char[]){"octo"},
                    (char[]){"--bell=dong"},
                    (char[]){"--json"},
                    (char[]){"--host=::1"},
                    (char[]){"--desk-port"},
                    (char[]){"7000"},
                    (char[]){"--store-port=7001"},
                    NULL};
    int argc = (int)(sizeof(argv) / sizeof(argv[0])) - 1;

    assert_true(settings_load(KIND, KINDS, &f->arena, &argc, argv, f->settings, &f->err));
    assert_int_equal(argc, 2);
    assert_string_equal(argv[1], "--json");
    assert_string_equal(((struct desk_settings *)f->settings[DESK])->bell, "dong");
    assert_int_equal(f->settings[DESK]->port, 7000);
    assert_string_equal(f->settings[DESK]->peer_url, "http://[::1]:7001");
    assert_string_equal(f->settings[STORE]->peer_url, "http://[::1]:7000");
}

/* The peer is looked for where it says that it is, or else where this host's services listen. */
static void settings_load__host__is_the_peers_too(void **state)
{
    static const char *const cases[][2] = {{"::1", "http://[::1]:9081"},
                                           {"::", "http://[::1]:9081"},
                                           {"0.0.0.0", "http://127.0.0.1:9081"},
                                           {"127.0.0.2", "http://127.0.0.2:9081"},
                                           {"localhost", "http://localhost:9081"}};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(setenv("OCTO_HOST", cases[i][0], 1), 0);
        assert_true(load(f));
        assert_string_equal(f->settings[STORE]->peer_url, cases[i][1]);
    }
    setenv("SERVICE_DESK_URL", "https://desk.test", 1);
    assert_true(load(f));
    assert_string_equal(f->settings[STORE]->peer_url, "https://desk.test");
}

/* Over TLS or on this machine, unless somebody says that he wants it otherwise. */
static void settings_load__peers__are_called_in_private(void **state)
{
    static const char *const PRIVATE[] = {"https://desk.test", "HTTPS://10.0.0.7:9081",
                                          "http://127.0.0.1:9081", "http://[::1]:9081",
                                          "http://localhost"};
    static const char *const PLAIN[] = {"http://desk.test",     "http://127.octo.invalid:9081",
                                        "http://10.0.0.7",      "http://127.0.0.1@desk.test",
                                        "http://[2001:db8::1]", "http://localhost.test"};
    static const char *const NONE[] = {"ftp://desk.test", "http://", "desk",
                                       "postgresql://127.0.0.1"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(PRIVATE) / sizeof(PRIVATE[0]); i++) {
        setenv("SERVICE_DESK_URL", PRIVATE[i], 1);
        assert_true(load(f));
    }
    for (size_t i = 0; i < sizeof(PLAIN) / sizeof(PLAIN[0]); i++) {
        setenv("SERVICE_DESK_URL", PLAIN[i], 1);
        assert_false(load(f));
        assert_non_null(strstr(f->err.text, "SERVICE_DESK_URL"));
        assert_non_null(strstr(f->err.text, "OCTO_PEER_ALLOW_PLAINTEXT"));
        setenv("OCTO_PEER_ALLOW_PLAINTEXT", "true", 1);
        assert_true(load(f));
        unsetenv("OCTO_PEER_ALLOW_PLAINTEXT");
    }
    for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++) {
        setenv("SERVICE_DESK_URL", NONE[i], 1);
        assert_false(load(f));
        assert_non_null(strstr(f->err.text, "SERVICE_DESK_URL: no URL"));
    }
}

/* A pool of a fixed size can be had. */
static void settings_load__no_overflow__is_none(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(setenv("MAIN_OVERFLOW", "0", 1), 0);
    assert_true(load(f));
    assert_int_equal(f->settings[STORE]->pools[0].overflow, 0);
    assert_int_equal(f->settings[STORE]->worker_threads, 4);
}

/* A pool that another service has counts for nothing. */
static void settings_load__pools__are_the_services_own(void **state)
{
    struct fixture *f = *state;

    setenv("EVENTS_SIZE", "7", 1);
    setenv("LOOKUPS_SIZE", "9", 1);
    assert_true(load(f));
    assert_int_equal(settings_sessions(&kind_store, f->settings[STORE]), 4 + 6 + 7 + 1 + 1);
    assert_int_equal(settings_sessions(&kind_desk, f->settings[DESK]), 8 + 12 + 9 + 2 + 1);
    assert_int_equal(settings_sessions(&kind_bare, f->settings[BARE]), 0);
}

/* Production names the secret that is missing. */
static void settings_load__production__needs_its_secrets(void **state)
{
    struct fixture *f = *state;

    setenv("ENVIRONMENT", "production", 1);
    assert_false(load(f));
    assert_non_null(strstr(f->err.text, "INTERNAL_SERVICE_KEY"));
    setenv("INTERNAL_SERVICE_KEY", "0123456789abcdef0123456789abcdef", 1);
    assert_true(load(f));
    assert_int_equal(may_start(f, BARE), geteuid() != 0);
    assert_true(geteuid() != 0 || strstr(f->err.text, "OCTO_ALLOW_ROOT") != NULL);
    setenv("OCTO_ALLOW_ROOT", "true", 1);
    assert_true(load(f));
    assert_false(may_start(f, STORE));
    assert_non_null(strstr(f->err.text, "BOOTSTRAP_ADMIN_PASSWORD"));
    assert_true(may_start(f, BARE)); /* has no users */
    setenv("BOOTSTRAP_ADMIN_PASSWORD", "a-good-password", 1);
    assert_true(load(f));
    assert_true(may_start(f, STORE));
}

/* Whatever row is marked secret: a new one is tried too. */
/* What opens a receiver of telemetry or a sign-in provider was given out by it, and is as strong as
 * it made it. */
static bool is_anothers(const struct cfg_row *row)
{
    return strncmp(row->env, "OTEL_", 5) == 0 || strncmp(row->env, "OCI_", 4) == 0 ||
           strncmp(row->env, "IDCS_", 5) == 0;
}

static void weak_secrets_are_refused(struct fixture *f, const struct cfg_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct cfg_row *row = &table->rows[i];
        const bool is_url = row->secret == SECRET_URL;

        if (row->type != CFG_SECRET || is_anothers(row)) {
            continue;
        }
        assert_int_not_equal(row->secret, SECRET_NONE);
        setenv("INTERNAL_SERVICE_KEY", "0123456789abcdef0123456789abcdef", 1);
        setenv(row->env, is_url ? "postgresql://octo:a@localhost/octo" : "a", 1);
        f->err = (struct err){.code = ERR_NONE};
        assert_false(load(f));
        assert_int_equal(f->err.code, ERR_CONFIG);
        assert_non_null(strstr(f->err.text, row->env));
        setenv(row->env,
               is_url ? "postgresql://octo@localhost/octo" : "0123456789abcdef0123456789abcdef", 1);
        assert_true(load(f));
        unsetenv(row->env);
    }
}

static void settings_load__production__refuses_weak_secrets(void **state)
{
    struct fixture *f = *state;

    setenv("ENVIRONMENT", "production", 1);
    weak_secrets_are_refused(f, &settings_of_all);
    for (size_t kind = 0; kind < KINDS; kind++) {
        weak_secrets_are_refused(f, KIND[kind]->settings);
    }
}

/* They are warned of when the service is opened. */
static void settings_load__development__takes_weak_secrets(void **state)
{
    struct fixture *f = *state;

    setenv("INTERNAL_SERVICE_KEY", "a", 1);
    setenv("SEED_USER_PASSWORD", "b", 1);
    assert_true(load(f));
    assert_string_equal(f->settings[STORE]->internal_key, "a");
}

/* Each alone, and the error names it. */
static void settings_load__bad_words__are_refused(void **state)
{
    static const struct {
        const char *name, *word;
    } cases[] = {
        {"ENVIRONMENT", "staging"},
        {"OCTO_LOG_LEVEL", "loud"},
        {"OCTO_DESK_PORT", "70000"},
        {"OTEL_TRACES_SAMPLER", "sometimes"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"},
        {"OCI_APM_PRIVATE_DATAKEY", "key-without-an-endpoint"},
        {"OCTO_TRUST_PROXY", "true"}, /* not a setting any more */
        {"OCTO_TRUST_PROXY", "false"},
        {"OCTO_BUDGET_WORK", "600"},
        {"OCTO_BUDGET_VIEWS", "600/6000/1"},
        {"OCTO_BUDGET_READS", "-1/0"},
        {"OCTO_BUDGET_CARTS", "1/1000001"},
        {"OCTO_BUDGET_EVENTS", "60 / 600"},
        {"OCTO_BUDGET_SERVICE", "/"},
        {"OCTO_BUDGET_EXEMPT", "localhost"},
        {"OCTO_TRUSTED_PROXIES", "proxy.example"},
        {"OCTO_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0"},
        {"OCTO_TRUSTED_PROXIES", "::/0"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setenv(cases[i].name, cases[i].word, 1);
        f->err = (struct err){.code = ERR_NONE};
        assert_false(load(f));
        assert_int_equal(f->err.code, ERR_CONFIG);
        assert_non_null(strstr(f->err.text, cases[i].name));
        unsetenv(cases[i].name);
        assert_true(load(f));
    }
}

/* Nobody is believed unless he is named, this machine neither. */
static void settings_load__trusted_proxies__are_those_named(void **state)
{
    struct fixture *f = *state;
    struct net_address proxy;
    struct net_address local;

    assert_true(net_address_parse("10.1.2.3", 8, &proxy));
    assert_true(net_address_parse("127.0.0.1", 9, &local));
    assert_true(load(f));
    assert_false(networks_have(&f->settings[DESK]->trusted_networks, &local));
    setenv("OCTO_TRUSTED_PROXIES", "192.0.2.1, 10.0.0.0/8", 1);
    assert_true(load(f));
    assert_true(networks_have(&f->settings[DESK]->trusted_networks, &proxy));
    assert_true(networks_have(&f->settings[BARE]->trusted_networks, &proxy));
    assert_false(networks_have(&f->settings[DESK]->trusted_networks, &local));
}

/* This machine's own address is exempt until somebody else is named. */
static void settings_load__budgets__are_read(void **state)
{
    struct fixture *f = *state;
    struct net_address own;
    struct net_address neighbour;

    assert_true(net_address_parse("127.0.0.1", 9, &own));
    assert_true(net_address_parse("127.0.0.2", 9, &neighbour));
    setenv("OCTO_BUDGET_VIEWS", "12/345", 1);
    setenv("OCTO_BUDGET_CARTS", "0/0", 1);
    assert_true(load(f));
    assert_int_equal(f->settings[DESK]->budget_views.of_one, 12);
    assert_int_equal(f->settings[DESK]->budget_views.of_all, 345);
    assert_int_equal(f->settings[DESK]->budget_carts.of_one, 0);
    assert_true(networks_have(&f->settings[DESK]->exempt_networks, &own));
    assert_false(networks_have(&f->settings[DESK]->exempt_networks, &neighbour));
    setenv("OCTO_BUDGET_EXEMPT", "127.0.0.2", 1);
    assert_true(load(f));
    assert_false(networks_have(&f->settings[DESK]->exempt_networks, &own));
}

/* Made once, readable by its owner alone, and read by the next. */
static void internal_key_load__missing_key__is_made_once(void **state)
{
    struct fixture *f = *state;
    const char *key;
    const char *again;
    struct stat status;
    char path[128];

    assert_true(load(f));
    assert_false(internal_key_load(f->settings[STORE], &f->arena, false, &key, &f->err));
    assert_true(internal_key_load(f->settings[STORE], &f->arena, true, &key, &f->err));
    assert_int_equal(strlen(key), 64);
    assert_true(internal_key_load(f->settings[STORE], &f->arena, true, &again, &f->err));
    assert_string_equal(again, key);
    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* What the system says against it is told, with the path. */
static void internal_key_load__no_file__says_why(void **state)
{
    struct fixture *f = *state;
    const char *key;
    char path[128];

    assert_true(load(f));
    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(internal_key_load(f->settings[STORE], &f->arena, true, &key, &f->err));
    assert_int_equal(f->err.code, ERR_IO);
    assert_int_equal(f->err.native, EISDIR);
    assert_non_null(strstr(f->err.text, path));
    assert_int_equal(rmdir(path), 0);
    f->err = (struct err){.code = ERR_NONE};
    assert_false(data_dir_make("/dev/null/data", &f->err));
    assert_int_equal(f->err.native, ENOTDIR);
    assert_non_null(strstr(f->err.text, "/dev/null/data"));
}

/* An empty or cut file is no key: better no start than a guessable one. */
static void internal_key_load__short_file__is_refused(void **state)
{
    struct fixture *f = *state;
    const char *key;
    char path[128];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/internal.key", f->dir);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(dprintf(fd, "0123456789abcdef0123456789abcde\n") > 0);
    (void)close(fd);
    assert_true(load(f));
    assert_false(internal_key_load(f->settings[STORE], &f->arena, true, &key, &f->err));
    assert_int_equal(f->err.code, ERR_CONFIG);
    assert_non_null(strstr(f->err.text, path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_load__defaults__are_the_services_own, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__own_database__comes_first, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__oracle__has_a_user_for_each_service,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__options__are_taken_by_whom_they_concern,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__host__is_the_peers_too, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__peers__are_called_in_private, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__no_overflow__is_none, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__pools__are_the_services_own, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__production__needs_its_secrets, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__production__refuses_weak_secrets,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__development__takes_weak_secrets,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__bad_words__are_refused, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__budgets__are_read, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(settings_load__trusted_proxies__are_those_named,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(internal_key_load__missing_key__is_made_once, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(internal_key_load__no_file__says_why, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(internal_key_load__short_file__is_refused, open_fixture,
                                        close_fixture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

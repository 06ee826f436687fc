/*
 * How a PostgreSQL server is reached: libpq says which settings are in force, its lists and default
 * files are read the way it reads them itself.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"

#include "db/postgres/postgres_priv.h"

#define DEFAULT_DIRECTORY "/var/run/postgresql"
#define DEFAULT_PORT "5432"

enum { USER_BUFFER = 4096, TRY_MS = 5000 };

/* --- lists with commas --- */

static size_t count_entries(const char *list)
{
    size_t count = 1;

    for (; *list != '\0'; list++) {
        count += *list == ',';
    }
    return count;
}

/* A list of one holds for all. NULL for an empty entry. */
static const char *entry_at(const char *list, size_t at, struct arena *arena)
{
    const char *start = list;
    size_t length;

    for (size_t i = 0; count_entries(list) > 1 && i < at; i++) {
        start += strcspn(start, ",");
        start += *start == ',';
    }
    length = strcspn(start, ",");
    return length > 0 ? arena_dup(arena, start, length) : NULL;
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a != NULL ? a : b != NULL ? b : c;
}

static void read_endpoints(const PQconninfoOption *settings, struct arena *arena,
                           struct db_route *route)
{
    const char *hosts = pg_setting(settings, "host");
    const char *addresses = pg_setting(settings, "hostaddr");
    const char *ports = pg_setting(settings, "port");
    struct db_endpoint *endpoints;

    route->endpoint_count = count_entries(addresses[0] != '\0' ? addresses : hosts);
    endpoints = arena_array(arena, route->endpoint_count, sizeof(*endpoints));
    for (size_t i = 0; i < route->endpoint_count; i++) {
        const char *host = entry_at(hosts, i, arena);
        const char *address = entry_at(addresses, i, arena);

        endpoints[i].host = first_of(host, address, DEFAULT_DIRECTORY);
        endpoints[i].address = first_of(address, host, DEFAULT_DIRECTORY);
        endpoints[i].port = first_of(entry_at(ports, i, arena), DEFAULT_PORT, NULL);
    }
    route->endpoints = endpoints;
    route->is_local = pg_are_local(addresses[0] != '\0' ? addresses : hosts);
}

/* --- TLS --- */

static bool read_privacy(const char *mode, enum db_privacy *ret, struct err *err)
{
    static const struct {
        const char *mode;
        enum db_privacy privacy;
    } MODES[] = {
        {"disable", DB_PRIVACY_NONE},      {"allow", DB_PRIVACY_OPTIONAL},
        {"prefer", DB_PRIVACY_OPTIONAL},   {"require", DB_PRIVACY_REQUIRED},
        {"verify-ca", DB_PRIVACY_TRUSTED}, {"verify-full", DB_PRIVACY_FULL},
    };

    for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); i++) {
        if (strcmp(mode, MODES[i].mode) == 0) {
            *ret = MODES[i].privacy;
            return true;
        }
    }
    return err_set(err, ERR_CONFIG,
                   "sslmode \"%s\" is none of libpq's: write sslmode=verify-full in the database "
                   "URL",
                   mode);
}

/* NULL when there is no home. */
static const char *home(struct arena *arena)
{
    const char *given = getenv("HOME");
    struct passwd entry;
    struct passwd *found = NULL;
    char *buffer;

    if (given != NULL && given[0] != '\0') {
        return given;
    }
    buffer = arena_alloc(arena, USER_BUFFER);
    (void)getpwuid_r(geteuid(), &entry, buffer, USER_BUFFER, &found);
    return found != NULL ? found->pw_dir : NULL;
}

/* What is not set is a file of the home directory, where that is there. */
static const char *file_of(const PQconninfoOption *settings, const char *keyword, const char *name,
                           struct arena *arena)
{
    const char *given = pg_setting(settings, keyword);
    const char *directory = home(arena);
    const char *path;

    if (given[0] != '\0') {
        return arena_strdup(arena, given);
    }
    if (directory == NULL) {
        return NULL;
    }
    path = arena_printf(arena, "%s/.postgresql/%s", directory, name);
    return access(path, F_OK) == 0 ? path : NULL;
}

static const char *own_or_null(const PQconninfoOption *settings, const char *keyword,
                               struct arena *arena)
{
    const char *given = pg_setting(settings, keyword);

    return given[0] != '\0' ? arena_strdup(arena, given) : NULL;
}

static bool read_tls(const PQconninfoOption *settings, struct arena *arena, struct db_route *route,
                     struct err *err)
{
    if (!read_privacy(pg_setting(settings, "sslmode"), &route->privacy, err)) {
        return false;
    }
    route->root_file = file_of(settings, "sslrootcert", "root.crt", arena);
    route->revoked_directory = own_or_null(settings, "sslcrldir", arena);
    route->revoked_file = route->revoked_directory != NULL
                              ? own_or_null(settings, "sslcrl", arena)
                              : file_of(settings, "sslcrl", "root.crl", arena);
    route->certificate_file = file_of(settings, "sslcert", "postgresql.crt", arena);
    if (route->certificate_file != NULL) {
        route->key_file = file_of(settings, "sslkey", "postgresql.key", arena);
    }
    route->key_password = own_or_null(settings, "sslpassword", arena);
    return true;
}

bool pg_route(const struct db_options *options, struct arena *arena, struct db_route *ret,
              struct err *err)
{
    PQconninfoOption *settings = NULL;
    struct db_route route = {0};
    bool is_read = pg_settings(options, &settings, err) && read_tls(settings, arena, &route, err);

    if (is_read) {
        read_endpoints(settings, arena, &route);
        route.user = arena_strdup(arena, pg_setting(settings, "user"));
        route.database = arena_strdup(arena, pg_setting(settings, "dbname"));
        *ret = route;
    }
    PQconninfoFree(settings);
    return is_read;
}

bool pg_try(const struct db_options *options, const struct db_endpoint *endpoint,
            bool *ret_is_encrypted, struct err *err)
{
    PQconninfoOption *settings = NULL;
    struct db_conn *conn = NULL;
    bool is_taken;

    if (endpoint == NULL) {
        is_taken = pg_sign_in(options, &conn, err);
    } else {
        is_taken = pg_settings(options, &settings, err);
        if (is_taken) {
            conn = pg_start_at(options, settings, endpoint);
            is_taken = pg_connect_until(conn, true, clock_after_ms(TRY_MS), err);
        }
    }
    if (is_taken) {
        *ret_is_encrypted = PQsslInUse(conn->pg) != 0;
    }
    pg_close(conn);
    PQconninfoFree(settings);
    return is_taken;
}

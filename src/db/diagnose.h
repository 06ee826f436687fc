/*
 * db/diagnose.h: examines a database the way its service would use it: how it is reached, whether
 * it lets us in, what the role may do, whether the sessions fit. It changes nothing and makes
 * nothing. What stands between us and the server is left to the caller, who gets the route.
 * Threads: one at a time.
 */
#ifndef DB_DIAGNOSE_H
#define DB_DIAGNOSE_H

#include "core/finding.h"
#include "db/db.h"

/* What the URL asks of TLS, in order of strictness. */
enum db_privacy {
    DB_PRIVACY_NONE,     /* disable */
    DB_PRIVACY_OPTIONAL, /* allow, prefer */
    DB_PRIVACY_REQUIRED, /* require */
    DB_PRIVACY_TRUSTED,  /* verify-ca: the authority must be known */
    DB_PRIVACY_FULL,     /* verify-full: and the certificate be the host's */
};

struct db_endpoint {
    const char *host;    /* as the certificate names it */
    const char *address; /* where to connect: the host, an address, a socket's directory (/...) */
    const char *port;
};

/* How a database is reached, after environment and service files had their say. Texts live in the
 * arena; a file that is not in use is NULL. */
struct db_route {
    const struct db_endpoint *endpoints; /* any of them will do; none: it is embedded */
    size_t endpoint_count;
    const char *user;
    const char *database;
    enum db_privacy privacy;
    bool is_local;            /* only this machine: TLS is not needed */
    const char *root_file;    /* authorities of servers' certificates */
    const char *revoked_file; /* what they have revoked; a file, a directory */
    const char *revoked_directory;
    const char *certificate_file;
    const char *key_file;
    const char *key_password; /* secret */
};

/* Errors: ERR_CONFIG, with the remedy. */
MUST_CHECK bool db_route(struct db *db, struct arena *arena, struct db_route *ret, struct err *err);

/* Does the engine's own library take this endpoint's TLS, or go on without, as the URL asks for it?
 * It ends before anybody signs in. NULL for an endpoint: is the service let in, by whichever?
 * Errors have the library's reason. */
MUST_CHECK bool db_try(struct db *db, const struct db_endpoint *endpoint, bool *ret_is_encrypted,
                       struct err *err);

/* What the instance wants of the server, by what limits it. */
struct db_demand {
    int64_t server_sessions;
    int64_t database_sessions;
    int64_t role_sessions;
    const char *other_role; /* of the other service on the same server, NULL: none */
    int64_t disk_bytes;     /* of an embedded one's disk: with less the services are not ready */
};

/* --- is what we take for true of a server so? --- */

/* Told line by line; `seen` lasts until it returns. */
typedef void db_selftest_tell(void *arg, const char *check, enum finding_state state,
                              const char *seen);

struct db_selftest {
    const char *pooled; /* a location that leads to a pooled server; NULL: that is passed over */
    const struct db_catalogue *const *catalogues; /* whose statements the server shall read */
    size_t catalogue_count;
    db_selftest_tell *tell;
    void *arg;
};

/* What nobody here knows for certain of an engine's servers, and which check settles it. */
struct db_rule {
    const char *check;
    const char *rule;
};

/* Is the server one that services can work with? True of an embedded database. `ret_is_pooled`:
 * a pooler stands between, which keeps a session for each of ours. Errors have the remedy. */
MUST_CHECK bool db_check(struct db *db, bool *ret_is_pooled, struct err *err);

/* Adds this engine's findings. With `obstacle`, what stands in the way, nothing is tried and each
 * check is skipped with that reason. True when the schema can be looked at. */
bool db_diagnose(struct db *db, const struct db_demand *demand, const char *obstacle,
                 struct findings *out);

#endif

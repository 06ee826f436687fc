/*
 * service/traits.h: what makes one service differ from another, as data. A service fills in one
 * constant table, and nothing in this directory asks which service it serves: a further one is a
 * further table. Texts and tables are literals.
 */
#ifndef SERVICE_TRAITS_H
#define SERVICE_TRAITS_H

#include "db/db.h"
#include "db/migrate.h"
#include "http/server.h"

struct cfg_table;
struct attack; /* service/security.h, as are the next two */
struct attack_type;
struct attack_record;
struct sweep_table; /* service/sweep.h */

/* What the sessions of a pool are for. Each purpose is one pool's; one pool may have several. */
enum pool_purpose {
    POOL_FOR_REQUESTS = 1 << 0, /* handlers; opening the service too */
    POOL_FOR_EVENTS = 1 << 1,   /* audit rows, security events, page views */
    POOL_FOR_SIGN_INS = 1 << 2, /* looking up who calls. In a pool of its own that stands behind
                                   admission control */
};

struct pool_traits {
    const char *name;
    unsigned purposes;
};

/* A user that the service starts with. admin gets the bootstrap password or a generated one. */
struct first_user {
    const char *username;
    const char *role;
    const char *email; /* NULL: its name in the mail domain of the settings */
};

/* Inserts security events, inside a write transaction. */
typedef bool attack_store(struct ctx *ctx, struct db_session *session,
                          const struct attack_record *records, size_t count, struct err *err);

struct service_traits {
    const char *name;   /* "shop": of its log, of its database's file or schema, of its metrics */
    const char *title;  /* "Drone Shop": for people */
    const char *module; /* "octo-drone-shop": MODULE and service.name */
    const char *page_style; /* of its pages (http/server.h); NULL: as all have */

    /* Its own settings: where it is, its pools' sizes, what only it has. They fill a struct of that
     * size, which begins with struct settings. */
    const struct cfg_table *settings;
    size_t settings_size;
    /* Reads what its own settings hold, into the arena, and says what is wrong with them
     * (ERR_CONFIG); NULL: there is nothing to read. */
    bool (*check_settings)(struct arena *arena, struct settings *settings, struct err *err);

    const struct workflow *workflows; /* of its routes (http/server.h) */
    size_t workflow_count;

    const char *peer;     /* "crm": the service that it calls; NULL: none */
    const char *shown_by; /* "console": the service whose pages show its traces; NULL: none */

    /* The database. A service without pools has none, and neither users nor an audit trail. */
    const struct pool_traits *pools; /* at most SETTINGS_POOLS_MAX, as big as settings->pools says;
                                        the first one is made first and has POOL_FOR_REQUESTS */
    size_t pool_count;
    const struct db_catalogue *catalogue;
    const struct db_script *scripts;
    const size_t *script_count;

    /* Signing in. */
    const char *cookie; /* that carries a session's token. Browsers know no ports: each service of a
                           host has a name of its own, or gets the others' tokens */
    /* Sessions that are no rows of the database: sets rq->ctx.caller to whose this token is, and
     * leaves it as it is for one that is nobody's. Runs on loop threads: must not wait. NULL: they
     * are rows, where the service has a pool for them. */
    void (*find_session)(struct request *rq, const char *token);
    const char *sign_in_page;   /* where single sign-on says that it failed; NULL: there is none */
    const char *signed_in_page; /* where it leads */
    const struct first_user *users;
    size_t user_count;
    int64_t session_s;                    /* 0: as the settings say */
    const struct attack *failed_sign_in;  /* each is one of these; NULL: no event */
    const struct attack *refused_sign_in; /* after too many that failed; NULL: no event */

    /* Security events: types beside those that all services have, and where they are kept. */
    const struct attack_type *attacks;
    size_t attack_count;
    attack_store *store_attacks; /* NULL: events are not stored */

    /* Tables of its own whose rows run out, beside those that all services have. */
    const struct sweep_table *sweeps;
    size_t sweep_count;
};

#endif

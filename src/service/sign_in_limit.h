/*
 * service/sign_in_limit.h: how often signing in may fail, and who may try all the same.
 *
 * A failure counts for the address it comes from, for the name that was given, and for the two
 * together, each within LOGIN_WINDOW_S. Beyond any of the three limits no password is looked at. A
 * name counts as it was given, trimmed and folded as the look-up folds it, whether there is such a
 * user or not, and a user's e-mail address counts apart from his user name: so what is refused says
 * nothing about who is a user. An address of IPv6 counts as its network of 64 bits.
 *
 * Who has signed in with this name from this address before may still try: after a pause that
 * doubles with each of his own failures there, a minute at most. So no failures of others keep him
 * out. That he may is not told either: a wrong password beyond the limits gives the same refusal.
 *
 * The counts are rows, so that replicas share them. A failure is written after its password was
 * hashed: there are never more rows than can be hashed in the window, nor after a sweep more than
 * LOGIN_FAILURE_ROWS. Names are in them as keyed digests, since people type passwords there.
 *
 * Addresses that are beyond their limit are remembered in the process too, so that a request from
 * there is refused before it takes a thread or a place in a queue; but none that a user has signed
 * in from, whom only the database knows. Threads: any.
 */
#ifndef SERVICE_SIGN_IN_LIMIT_H
#define SERVICE_SIGN_IN_LIMIT_H

#include "core/digest.h"
#include "db/db.h"
#include "trace/ctx.h"

enum {
    LOGIN_WINDOW_S = 300,      /* how long a failure counts */
    SIGN_IN_ADDRESS_TIMES = 4, /* as many times the failures of a pair are an address's limit, */
    SIGN_IN_NAME_TIMES = 10,   /* and these a name's */
    SIGN_IN_PAUSE_MOST_S = 64,
    SIGN_IN_ADDRESSES_MOST = 16, /* of a user that are remembered */
    SIGN_IN_ADDRESS_DAYS = 90,   /* for so long */
    LOGIN_FAILURE_ROWS = 65536,
};

struct sign_in_limits;
struct sign_in_limits *sign_in_limits_new(void);
void sign_in_limits_free(struct sign_in_limits *limits); /* NULL is accepted */
/* Seconds for which whoever comes from there is refused; 0: for none that are known of here. */
int64_t sign_in_refused_s(struct sign_in_limits *limits, const struct ctx *ctx);

enum sign_in_scope { BY_ADDRESS, BY_NAME, BY_PAIR, SIGN_IN_SCOPES };

struct sign_in_tally {
    int64_t failures;
    int64_t first_age_us; /* below 0 where its clock was ahead; 0 without failures, as the next */
    int64_t last_age_us;
};

/* One attempt to sign in; texts are in the unit's arena. */
struct sign_in_try {
    const char *who[SIGN_IN_SCOPES]; /* as the rows have it */
    struct sign_in_tally tallies[SIGN_IN_SCOPES];
    int64_t refused_s; /* beyond a limit: until it is within all of them again; 0: it is */
    bool may_try;      /* whether the password is looked at */
};

/* The key makes names' digests. */
void sign_in_try_init(struct sign_in_try *try, struct ctx *ctx,
                      const uint8_t key[DIGEST_SHA256_SIZE], const char *name);
/* Counts what failed and judges. user_id 0: nobody has this name; that takes as many round trips.
 * `most` failures of a pair are allowed. */
MUST_CHECK bool sign_in_try_judge(struct sign_in_try *try, struct db_session *session,
                                  struct sign_in_limits *limits, int64_t user_id, int64_t most,
                                  struct err *err);
/* Both in a transaction. The second one remembers where from. */
MUST_CHECK bool sign_in_try_failed(const struct sign_in_try *try, struct db_session *session,
                                   struct err *err);
MUST_CHECK bool sign_in_try_succeeded(const struct sign_in_try *try, struct db_session *session,
                                      int64_t user_id, struct err *err);

/* Of a pair that has failed so often, before it may try again beyond the limits. */
int64_t sign_in_pause_s(int64_t failures, int64_t most);

#endif

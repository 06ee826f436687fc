/*
 * Whom a server has refused by name or password is not sent to it again for a while. A few wrong
 * tries lock an account (FAILED_LOGIN_ATTEMPTS of its profile, ten unless somebody says), and pools
 * try for as long as they run: a password that was changed would lock the user out for everybody.
 * The pause is a minute at first, and twice as long each time, up to an hour. A start of the
 * program begins anew.
 */
#include <inttypes.h>

#include "core/clock.h"
#include "core/text.h"
#include "core/thread.h"

#include "db/oracle/oracle_priv.h"

enum {
    KEPT = 16, /* more than a program has users; the oldest gives way */
    PAUSE_MS_FIRST = 60000,
    PAUSE_MS_MAX = 3600000,
    MS_PER_S = 1000,
};

/* Numbers of ORA errors. */
enum { WRONG_PASSWORD = 1017, NO_SESSION = 1045, IS_LOCKED = 28000, HAS_EXPIRED = 28001 };

struct refusal {
    uint64_t whose;
    uint64_t until_ns; /* 0: the place is free */
    uint64_t pause_ms;
    struct err why;
};

static struct mutex lock = {.raw = PTHREAD_MUTEX_INITIALIZER}; /* guards what follows */
static struct refusal refusals[KEPT];

/* Where, who and with which password: another one is another try. */
static uint64_t whose(const struct db_options *options)
{
    uint64_t hash = text_hash(TEXT_HASH_START, options->location);

    hash = text_hash(hash, options->user);
    return text_hash(hash, options->password);
}

/* NULL: there is none. */
static struct refusal *find_locked(uint64_t of) REQUIRES(lock)
{
    for (size_t i = 0; i < KEPT; i++) {
        if (refusals[i].until_ns != 0 && refusals[i].whose == of) {
            return &refusals[i];
        }
    }
    return NULL;
}

static struct refusal *oldest_locked(void) REQUIRES(lock)
{
    struct refusal *oldest = &refusals[0];

    for (size_t i = 1; i < KEPT; i++) {
        if (refusals[i].until_ns < oldest->until_ns) {
            oldest = &refusals[i];
        }
    }
    return oldest;
}

bool oracle_may_try(const struct db_options *options, struct err *err)
{
    const struct refusal *found;
    int64_t left_ms = 0;

    mutex_lock(&lock);
    found = find_locked(whose(options));
    if (found != NULL) {
        left_ms = clock_ms_left(found->until_ns);
        *err = found->why;
    }
    mutex_unlock(&lock);
    if (left_ms == 0) {
        err_clear(err);
        return true;
    }
    return err_wrap(err, "not tried again for %" PRId64 " s, so that the account is not locked",
                    left_ms / MS_PER_S + 1);
}

static bool counts(int number)
{
    return number == WRONG_PASSWORD || number == NO_SESSION || number == IS_LOCKED ||
           number == HAS_EXPIRED;
}

void oracle_note_refused(const struct db_options *options, const struct err *why)
{
    const uint64_t of = whose(options);
    struct refusal *refusal;
    uint64_t pause_ms = PAUSE_MS_FIRST;

    if (!counts(why->native)) {
        return;
    }
    mutex_lock(&lock);
    refusal = find_locked(of);
    if (refusal != NULL) {
        pause_ms = refusal->pause_ms * 2 < PAUSE_MS_MAX ? refusal->pause_ms * 2 : PAUSE_MS_MAX;
    } else {
        refusal = oldest_locked();
    }
    *refusal = (struct refusal){
        .whose = of, .until_ns = clock_after_ms(pause_ms), .pause_ms = pause_ms, .why = *why};
    mutex_unlock(&lock);
}

void oracle_note_welcome(const struct db_options *options)
{
    struct refusal *refusal;

    mutex_lock(&lock);
    refusal = find_locked(whose(options));
    if (refusal != NULL) {
        refusal->until_ns = 0;
    }
    mutex_unlock(&lock);
}

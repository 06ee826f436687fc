#include "service/sign_in_limit.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/keyed_hash.h"
#include "core/network.h"
#include "core/text.h"
#include "core/thread.h"
#include "sql_core.h"

enum {
    REFUSED_SETS = 256, /* a power of two */
    REFUSED_WAYS = 4,
    MS_PER_S = 1000,
    NAME_DIGEST_HEX = 32, /* half of SHA-256: none two names share it */
};

static const char *const SCOPES[SIGN_IN_SCOPES] = {"address", "name", "pair"};

/* --- addresses that are refused, in this process --- */

struct refused {
    uint64_t hash;
    uint64_t until_ns;
};

struct sign_in_limits {
    struct hash_secret secret;
    struct mutex lock;
    struct refused refused[REFUSED_SETS][REFUSED_WAYS]; /* lock */
};

struct sign_in_limits *sign_in_limits_new(void)
{
    struct sign_in_limits *limits = mem_alloc(sizeof(*limits));

    limits->secret = keyed_hash_secret();
    mutex_init(&limits->lock);
    return limits;
}

void sign_in_limits_free(struct sign_in_limits *limits)
{
    if (limits != NULL) {
        mutex_fini(&limits->lock);
        free(limits);
    }
}

/* What counts as one client, as text. */
static void put_address(const struct ctx *ctx, char out[NET_ADDRESS_TEXT_MAX])
{
    const char *text = ctx->client_ip != NULL ? ctx->client_ip : "-";
    struct net_address address;

    if (net_address_parse(text, strlen(text), &address)) {
        address = net_address_counted(&address);
        net_address_format(&address, out);
    } else {
        (void)memccpy(out, text, '\0', NET_ADDRESS_TEXT_MAX);
        out[NET_ADDRESS_TEXT_MAX - 1] = '\0';
    }
}

/* The place of this address, or the one to give up for it: whose time is over first. */
static struct refused *place_locked(struct sign_in_limits *limits, uint64_t hash)
    REQUIRES(limits->lock);
static struct refused *place_locked(struct sign_in_limits *limits, uint64_t hash)
{
    struct refused *set = limits->refused[hash & (REFUSED_SETS - 1)];
    struct refused *place = set;

    for (size_t i = 0; i < REFUSED_WAYS; i++) {
        if (set[i].hash == hash) {
            return &set[i];
        }
        place = set[i].until_ns < place->until_ns ? &set[i] : place;
    }
    return place;
}

static void remember(struct sign_in_limits *limits, const char *address, int64_t seconds)
{
    const uint64_t hash = keyed_hash(&limits->secret, address, strlen(address));

    mutex_lock(&limits->lock);
    *place_locked(limits, hash) =
        (struct refused){hash, clock_after_ms((uint64_t)seconds * MS_PER_S)};
    mutex_unlock(&limits->lock);
}

int64_t sign_in_refused_s(struct sign_in_limits *limits, const struct ctx *ctx)
{
    char address[NET_ADDRESS_TEXT_MAX];
    const struct refused *place;
    uint64_t until_ns;
    uint64_t hash;

    put_address(ctx, address);
    hash = keyed_hash(&limits->secret, address, strlen(address));
    mutex_lock(&limits->lock);
    place = place_locked(limits, hash);
    until_ns = place->hash == hash ? place->until_ns : 0;
    mutex_unlock(&limits->lock);
    return clock_has_passed(until_ns) ? 0 : clock_ms_left(until_ns) / MS_PER_S + 1;
}

/* --- one attempt --- */

static const char *digest_of(struct arena *arena, const uint8_t key[DIGEST_SHA256_SIZE],
                             const char *name)
{
    char key_hex[DIGEST_SHA256_HEX_MAX];
    char *hex = arena_alloc(arena, DIGEST_SHA256_HEX_MAX);
    char *keyed;

    digest_hex(key, DIGEST_SHA256_SIZE, key_hex);
    keyed = arena_printf(arena, "%s%s", key_hex, name);
    digest_sha256_hex(keyed, strlen(keyed), hex);
    explicit_bzero(key_hex, sizeof(key_hex));
    explicit_bzero(keyed, strlen(keyed));
    hex[NAME_DIGEST_HEX] = '\0';
    return hex;
}

void sign_in_try_init(struct sign_in_try *try, struct ctx *ctx,
                      const uint8_t key[DIGEST_SHA256_SIZE], const char *name)
{
    struct arena *arena = ctx->arena;
    char address[NET_ADDRESS_TEXT_MAX];

    put_address(ctx, address);
    *try = (struct sign_in_try){.may_try = true};
    try->who[BY_ADDRESS] = arena_strdup(arena, address);
    try->who[BY_NAME] = digest_of(arena, key, text_lowered(arena, text_trimmed(arena, name)));
    try->who[BY_PAIR] = arena_printf(arena, "%s %s", address, try->who[BY_NAME]);
}

static bool count(struct sign_in_try *try, struct db_session *session, struct err *err)
{
    struct sql_login_failures_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_login_failures_open(session, try->who[BY_ADDRESS], try->who[BY_NAME],
                                 try->who[BY_PAIR], LOGIN_WINDOW_S, &cursor, err)) {
        return false;
    }
    while ((step = sql_login_failures_next(cursor, &row, err)) == DB_ROW) {
        for (size_t i = 0; i < SIGN_IN_SCOPES; i++) {
            if (strcmp(row.scope, SCOPES[i]) == 0) {
                try->tallies[i] = (struct sign_in_tally){row.failures, row.first_age, row.last_age};
            }
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* Until the first failure counts no longer, if there are too many; 0: there are not. */
static int64_t refused_s(const struct sign_in_tally *tally, int64_t most)
{
    const int64_t left_us = LOGIN_WINDOW_S * CLOCK_US_PER_S - tally->first_age_us;

    if (tally->failures < most) {
        return 0;
    }
    return left_us > 0 ? (left_us + CLOCK_US_PER_S - 1) / CLOCK_US_PER_S : 1;
}

int64_t sign_in_pause_s(int64_t failures, int64_t most)
{
    int64_t pause_s = 1;

    if (failures < most) {
        return 0;
    }
    for (int64_t i = most; i < failures && pause_s < SIGN_IN_PAUSE_MOST_S; i++) {
        pause_s *= 2;
    }
    return pause_s;
}

bool sign_in_try_judge(struct sign_in_try *try, struct db_session *session,
                       struct sign_in_limits *limits, int64_t user_id, int64_t most,
                       struct err *err)
{
    const int64_t limit_of[SIGN_IN_SCOPES] = {
        [BY_ADDRESS] = most * SIGN_IN_ADDRESS_TIMES,
        [BY_NAME] = most * SIGN_IN_NAME_TIMES,
        [BY_PAIR] = most,
    };
    const struct sign_in_tally *pair = &try->tallies[BY_PAIR];
    struct sql_sign_in_address_find_row place;
    int64_t address_s;

    if (!count(try, session, err)) {
        return false;
    }
    for (size_t i = 0; i < SIGN_IN_SCOPES; i++) {
        const int64_t seconds = refused_s(&try->tallies[i], limit_of[i]);

        try->refused_s = seconds > try->refused_s ? seconds : try->refused_s;
    }
    if (try->refused_s == 0) {
        return true;
    }
    if (sql_sign_in_address_find(session, user_id, try->who[BY_ADDRESS], &place, err) != DB_ROW) {
        return false;
    }
    try->may_try = place.is_users &&
                   pair->last_age_us >= sign_in_pause_s(pair->failures, most) * CLOCK_US_PER_S;
    address_s = refused_s(&try->tallies[BY_ADDRESS], limit_of[BY_ADDRESS]);
    if (address_s > 0 && !place.is_anybodys) {
        remember(limits, try->who[BY_ADDRESS], address_s);
    }
    return true;
}

bool sign_in_try_failed(const struct sign_in_try *try, struct db_session *session, struct err *err)
{
    for (size_t i = 0; i < SIGN_IN_SCOPES; i++) {
        if (!sql_login_failure_add(session, SCOPES[i], try->who[i], err)) {
            return false;
        }
    }
    return true;
}

bool sign_in_try_succeeded(const struct sign_in_try *try, struct db_session *session,
                           int64_t user_id, struct err *err)
{
    return (try->tallies[BY_PAIR].failures == 0 ||
            sql_login_failure_clear(session, SCOPES[BY_PAIR], try->who[BY_PAIR], err)) &&
           sql_sign_in_address_note(session, user_id, try->who[BY_ADDRESS], err) &&
           sql_sign_in_address_trim(session, user_id, SIGN_IN_ADDRESSES_MOST, err);
}

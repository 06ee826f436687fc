#include "console/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/digest.h"
#include "core/rng.h"
#include "core/thread.h"

enum { TOKEN_BYTES = 32, MS_PER_S = 1000 };

struct session {
    uint8_t digest[DIGEST_SHA256_SIZE]; /* of the token */
    uint64_t ends_ns;                   /* by the clock that nobody sets */
    int64_t expires_us;                 /* the same for people */
    struct session_user user;
    char *username; /* NULL: the place is free */
};

struct sessions {
    struct mutex lock;
    struct session all[SESSIONS_ALL]; /* lock */
};

struct sessions *sessions_new(void)
{
    struct sessions *sessions = mem_alloc(sizeof(*sessions));

    mutex_init(&sessions->lock);
    return sessions;
}

static void clear(struct session *session)
{
    free(session->username);
    explicit_bzero(session, sizeof(*session));
}

void sessions_free(struct sessions *sessions)
{
    if (sessions == NULL) {
        return;
    }
    for (size_t i = 0; i < SESSIONS_ALL; i++) {
        clear(&sessions->all[i]);
    }
    mutex_fini(&sessions->lock);
    free(sessions);
}

static bool is_live(const struct session *session)
{
    return session->username != NULL && !clock_has_passed(session->ends_ns);
}

static bool ends_before(const struct session *session, const struct session *other)
{
    return other == NULL || session->ends_ns < other->ends_ns;
}

/* A free place, or that of a session which has ended. Where the user has as many as he may, or all
 * places are taken, the one that would end first: his, or anybody's. */
static struct session *place_locked(struct sessions *sessions, int64_t user_id)
    REQUIRES(sessions->lock);
static struct session *place_locked(struct sessions *sessions, int64_t user_id)
{
    struct session *vacant = NULL;
    struct session *first = NULL;
    struct session *own = NULL;
    size_t own_count = 0;

    for (size_t i = 0; i < SESSIONS_ALL; i++) {
        struct session *session = &sessions->all[i];

        if (!is_live(session)) {
            vacant = session;
            continue;
        }
        first = ends_before(session, first) ? session : first;
        if (session->user.id == user_id) {
            own_count++;
            own = ends_before(session, own) ? session : own;
        }
    }
    if (own_count >= SESSIONS_OF_USER) {
        return own;
    }
    return vacant != NULL ? vacant : first;
}

void sessions_open(struct sessions *sessions, const struct auth_user *user, int64_t life_s,
                   char ret_token[SESSION_TOKEN_MAX], int64_t *ret_expires_us)
{
    uint8_t token[TOKEN_BYTES];
    struct session session = {.ends_ns = clock_after_ms((uint64_t)life_s * MS_PER_S),
                              .expires_us = clock_utc_us() + life_s * CLOCK_US_PER_S,
                              .user = {.id = user->id, .role = auth_role(user->role)},
                              .username = mem_strdup(user->username)};
    struct session *place;

    (void)snprintf(session.user.stamp, sizeof(session.user.stamp), "%s", user->stamp);
    rng_secret(token, sizeof(token));
    digest_hex(token, sizeof(token), ret_token);
    explicit_bzero(token, sizeof(token));
    digest_sha256(ret_token, strlen(ret_token), session.digest);
    *ret_expires_us = session.expires_us;
    mutex_lock(&sessions->lock);
    place = place_locked(sessions, user->id);
    clear(place);
    *place = session;
    mutex_unlock(&sessions->lock);
}

static struct session *find_locked(struct sessions *sessions, const char *token)
    REQUIRES(sessions->lock);
static struct session *find_locked(struct sessions *sessions, const char *token)
{
    uint8_t digest[DIGEST_SHA256_SIZE];

    digest_sha256(token, strlen(token), digest);
    for (size_t i = 0; i < SESSIONS_ALL; i++) {
        struct session *session = &sessions->all[i];

        if (is_live(session) && digest_equal(session->digest, digest, sizeof(digest))) {
            return session;
        }
    }
    return NULL;
}

bool sessions_find(struct sessions *sessions, struct arena *arena, const char *token,
                   struct caller *ret)
{
    const struct session *session;

    mutex_lock(&sessions->lock);
    session = find_locked(sessions, token);
    if (session != NULL) {
        *ret = (struct caller){.role = session->user.role,
                               .user_id = session->user.id,
                               .username = arena_strdup(arena, session->username),
                               .auth_method = "password",
                               .expires_us = session->expires_us};
    }
    mutex_unlock(&sessions->lock);
    return session != NULL;
}

void sessions_end(struct sessions *sessions, const char *token)
{
    struct session *session;

    mutex_lock(&sessions->lock);
    session = find_locked(sessions, token);
    if (session != NULL) {
        clear(session);
    }
    mutex_unlock(&sessions->lock);
}

/* ---- whether they still may ---- */

static bool is_same(const struct session_user *a, const struct session_user *b)
{
    return a->id == b->id && a->role == b->role && strcmp(a->stamp, b->stamp) == 0;
}

static bool has(const struct session_user *users, size_t count, const struct session_user *user)
{
    bool has_it = false;

    for (size_t i = 0; !has_it && i < count; i++) {
        has_it = is_same(&users[i], user);
    }
    return has_it;
}

size_t sessions_users(struct sessions *sessions, struct arena *arena, struct session_user **ret)
{
    struct session_user *users = arena_array(arena, SESSIONS_ALL, sizeof(*users));
    size_t count = 0;

    mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_ALL; i++) {
        const struct session *session = &sessions->all[i];

        if (is_live(session) && !has(users, count, &session->user)) {
            users[count++] = session->user;
        }
    }
    mutex_unlock(&sessions->lock);
    *ret = users;
    return count;
}

void sessions_end_of(struct sessions *sessions, const struct session_user *user)
{
    mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_ALL; i++) {
        struct session *session = &sessions->all[i];

        if (is_live(session) && is_same(&session->user, user)) {
            clear(session);
        }
    }
    mutex_unlock(&sessions->lock);
}

size_t sessions_count(struct sessions *sessions)
{
    size_t count = 0;

    mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_ALL; i++) {
        count += is_live(&sessions->all[i]);
    }
    mutex_unlock(&sessions->lock);
    return count;
}

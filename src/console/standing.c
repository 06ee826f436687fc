#include "console/standing.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/thread.h"
#include "http/json_in.h"
#include "net/http_client.h"

enum {
    EVERY_MS = 1000,
    ASK_MS = 5000, /* of one question */
    ANSWER_MAX = 4096,
    FOUND = 200,
    GONE = 404,
};

struct standing {
    struct service *service;
    struct sessions *sessions;
    struct mutex lock; /* guards what follows */
    struct cond wakes;
    bool is_stopping;
    struct thread asker;
};

/* ---- one user ---- */

/* Is he as he signed in? False, with an error or a status that says nothing of him: nobody knows.
 */
static bool read_standing(const struct http_answer *answer, const struct session_user *user,
                          bool *ret_holds, struct err *err)
{
    struct json *body = NULL;
    const char *stamp;
    const char *role;
    bool is_active = false;
    bool ok;

    if (answer->status == GONE) {
        *ret_holds = false;
        return true;
    }
    if (answer->status != FOUND || answer->body.data == NULL ||
        !json_parse(answer->body.data, answer->body.length, &body, err)) {
        return false;
    }
    stamp = json_text(json_get(body, "stamp"));
    role = json_text(json_get(body, "role"));
    ok = stamp != NULL && role != NULL && json_bool(json_get(body, "is_active"), &is_active);
    if (ok) {
        *ret_holds =
            is_active && strcmp(stamp, user->stamp) == 0 && (unsigned)auth_role(role) == user->role;
    }
    json_free(body);
    return ok;
}

/* Nobody traces it: it would be most of what there is. */
static void ask(struct standing *standing, const struct session_user *user)
{
    const struct service *service = standing->service;
    struct http_call call = {.method = "GET", .body_max = ANSWER_MAX};
    struct http_answer answer = {0};
    struct err err = {0};
    struct arena arena;
    struct ctx ctx;
    bool holds = true;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, NULL, service->traits->module, "BG standing", ASK_MS);
    ctx_unsample(&ctx);
    call.path = arena_printf(&arena, "/api/auth/standing/%lld", (long long)user->id);
    if (http_client_call(&ctx, service->peer, &call, &answer, &err) &&
        read_standing(&answer, user, &holds, &err) && !holds) {
        sessions_end_of(standing->sessions, user);
        log_line(LOG_INFO, NULL, "sessions ended", "user_id=%lld", (long long)user->id);
    }
    buf_fini(&answer.body);
    arena_fini(&arena);
}

/* ---- all of them ---- */

static void ask_all(struct standing *standing)
{
    struct session_user *users;
    struct arena arena;
    size_t count;

    arena_init(&arena);
    count = sessions_users(standing->sessions, &arena, &users);
    for (size_t i = 0; i < count; i++) {
        ask(standing, &users[i]);
    }
    arena_fini(&arena);
}

static void run(void *arg)
{
    struct standing *standing = arg;

    mutex_lock(&standing->lock);
    while (!standing->is_stopping) {
        if (cond_wait_until(&standing->wakes, &standing->lock, clock_after_ms(EVERY_MS))) {
            continue;
        }
        mutex_unlock(&standing->lock);
        ask_all(standing);
        mutex_lock(&standing->lock);
    }
    mutex_unlock(&standing->lock);
}

struct standing *standing_start(struct service *service, struct sessions *sessions)
{
    struct standing *standing = mem_alloc(sizeof(*standing));

    standing->service = service;
    standing->sessions = sessions;
    mutex_init(&standing->lock);
    cond_init(&standing->wakes);
    if (service->peer != NULL) {
        thread_start(&standing->asker, "standing", run, standing);
    }
    return standing;
}

void standing_stop(struct standing *standing)
{
    if (standing == NULL) {
        return;
    }
    mutex_lock(&standing->lock);
    standing->is_stopping = true;
    cond_signal(&standing->wakes);
    mutex_unlock(&standing->lock);
    thread_join(&standing->asker);
    cond_fini(&standing->wakes);
    mutex_fini(&standing->lock);
    free(standing);
}

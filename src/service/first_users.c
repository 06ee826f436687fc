#include "service/first_users.h"

#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "service/password.h"
#include "sql_core.h"
#include "trace/span.h"

enum { BOOTSTRAP_MS = 30000 };

struct new_user {
    struct first_user user;
    bool is_missing;
    char hash[PASSWORD_HASH_MAX]; /* of one who is missing */
};

struct bootstrap {
    struct new_user *users;
    size_t count;
    bool is_admin_anothers; /* somebody else made him meanwhile, with a password of his own */
};

static void list_users(struct service *service, struct arena *arena, struct bootstrap *ret)
{
    const char *domain = service->settings->seed_email_domain;

    ret->count = service->traits->user_count;
    ret->users = arena_array(arena, ret->count, sizeof(*ret->users));
    for (size_t i = 0; i < ret->count; i++) {
        struct first_user user = service->traits->users[i];

        if (user.email == NULL) {
            user.email = text_lowered(arena, arena_printf(arena, "%s@%s", user.username, domain));
        }
        ret->users[i].user = user;
    }
}

static bool is_admin(const struct first_user *user)
{
    return strcmp(user->username, "admin") == 0;
}

/* The command's, which opens several services, or one of its own. */
static const char *generate_password_of_admin(struct service *service)
{
    const char *given = service->settings->first_password;

    if (given == NULL) {
        password_generate(service->generated_password);
    } else {
        (void)snprintf(service->generated_password, sizeof(service->generated_password), "%s",
                       given);
    }
    return service->generated_password;
}

/* The hash of a user who is missing: admin gets the preset password or a new one. */
static bool hash_password_of(struct service *service, struct new_user *new_user, struct err *err)
{
    const char *password = service->settings->seed_user_password;

    if (is_admin(&new_user->user)) {
        password = service->settings->bootstrap_password;
        password = password[0] != '\0' ? password : generate_password_of_admin(service);
    }
    if (password[0] == '\0') {
        (void)memccpy(new_user->hash, PASSWORD_UNUSABLE, '\0', sizeof(new_user->hash));
        return true;
    }
    return password_hash(password, new_user->hash, err);
}

/* Who presets the password of an admin who is there believes that it holds. */
static void warn_if_ignored(const struct service *service, const char *hash)
{
    const char *preset = service->settings->bootstrap_password;

    if (preset[0] != '\0' && !password_fits(preset, hash)) {
        log_line(LOG_WARNING, NULL, "BOOTSTRAP_ADMIN_PASSWORD is ignored",
                 "reason=\"admin exists, with another password\" "
                 "remedy=\"octo password admin sets it anew\"");
    }
}

static bool find_missing(struct ctx *ctx, struct service *service, struct bootstrap *bootstrap,
                         struct err *err)
{
    const char *admin_hash = NULL;
    struct db_session *session = NULL;

    if (!db_checkout(ctx, service->main_pool, &session, err)) {
        return false;
    }
    for (size_t i = 0; i < bootstrap->count; i++) {
        const struct first_user *user = &bootstrap->users[i].user;
        struct sql_user_by_login_row row;
        enum db_step step = sql_user_by_login(session, user->username, user->email, &row, err);

        if (step == DB_FAILED) {
            db_checkin(session);
            return false;
        }
        bootstrap->users[i].is_missing = step == DB_NO_ROW;
        if (step == DB_ROW && is_admin(user)) {
            admin_hash = row.password_hash;
        }
    }
    db_checkin(session);
    if (admin_hash != NULL) {
        warn_if_ignored(service, admin_hash);
    }
    return true;
}

static bool add_users(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct bootstrap *bootstrap = arg;

    (void)ctx;
    bootstrap->is_admin_anothers = false;
    for (size_t i = 0; i < bootstrap->count; i++) {
        const struct new_user *new_user = &bootstrap->users[i];
        const struct first_user *user = &new_user->user;
        int64_t added = 0;

        if (!new_user->is_missing) {
            continue;
        }
        if (!sql_user_add_count(session, user->username, user->email, new_user->hash, user->role,
                                &added, err)) {
            return false;
        }
        bootstrap->is_admin_anothers |= added == 0 && is_admin(user);
    }
    return true;
}

/* Passwords are hashed before the transaction begins: that takes its time. */
static bool add_missing(struct ctx *ctx, struct service *service, struct bootstrap *bootstrap,
                        struct err *err)
{
    bool is_any_missing = false;

    for (size_t i = 0; i < bootstrap->count; i++) {
        if (bootstrap->users[i].is_missing) {
            is_any_missing = true;
            if (!hash_password_of(service, &bootstrap->users[i], err)) {
                return false;
            }
        }
    }
    if (is_any_missing && !db_write(ctx, service->main_pool, add_users, bootstrap, err)) {
        return false;
    }
    if (bootstrap->is_admin_anothers) { /* what was made here fits nobody */
        explicit_bzero(service->generated_password, sizeof(service->generated_password));
    }
    return true;
}

bool first_users_make(struct service *service, struct err *err)
{
    struct bootstrap bootstrap = {.users = NULL};
    struct arena arena;
    struct ctx ctx;
    struct span *root;
    bool is_done;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, service->tracer, service->traits->module, "BG bootstrap",
                        BOOTSTRAP_MS);
    root = span_begin(&ctx, ctx.action, SPAN_INTERNAL);
    list_users(service, &arena, &bootstrap);
    is_done =
        find_missing(&ctx, service, &bootstrap, err) && add_missing(&ctx, service, &bootstrap, err);
    if (!is_done) {
        span_fail(root, err);
    }
    span_end(&ctx, root);
    explicit_bzero(bootstrap.users, bootstrap.count * sizeof(*bootstrap.users));
    arena_fini(&arena);
    return is_done || err_wrap(err, "make the first users");
}

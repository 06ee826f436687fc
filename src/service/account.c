#include "service/account.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"
#include "service/audit.h"
#include "service/database.h"
#include "service/password.h"
#include "sql_core.h"
#include "sql_core_catalogue.h"

enum { PASSWORD_MOST = 200, CHECKOUT_MS = 10000 };
static const char COMMAND_NAME[] = "octo password"; /* who did it, in tags and audit */

/* --- the database --- */

bool account_database_open(const struct service_traits *traits, const struct settings *settings,
                           const char *module, struct arena *arena, struct account_database *ret,
                           struct err *err)
{
    const char *file = settings_database(traits, settings, arena);
    struct db_options options = database_options(traits, settings, module, arena);
    const struct db_pool_options pool = {
        .name = "account", .size = 1, .checkout_timeout_ms = CHECKOUT_MS};
    struct account_database database = {.db = NULL};

    options.catalogue = &sql_core_catalogue;
    if (!settings_are_of_server(settings) && access(file, F_OK) != 0) {
        return err_set(err, ERR_NOT_FOUND, "no database %.300s yet: octo up makes it", file);
    }
    if (!db_open(&options, &database.db, err) ||
        !db_pool_new(database.db, &pool, &database.pool, err)) {
        db_close(database.db);
        return false;
    }
    *ret = database;
    return true;
}

void account_database_close(struct account_database *database)
{
    db_close(database->db);
    *database = (struct account_database){.db = NULL};
}

/* --- passwords --- */

bool account_password_is_fit(const char *password, struct err *err)
{
    if (!utf8_is_valid(password, strlen(password))) {
        return err_set(err, ERR_INVALID, "the password is no UTF-8");
    }
    if (strlen(password) < SETTINGS_PASSWORD_LEAST) {
        return err_set(err, ERR_INVALID, "the password has fewer than %d characters",
                       SETTINGS_PASSWORD_LEAST);
    }
    return utf8_count(password) <= PASSWORD_MOST ||
           err_set(err, ERR_INVALID, "the password has more than %d characters", PASSWORD_MOST);
}

struct change {
    const char *username;
    const char *email;
    char hash[PASSWORD_HASH_MAX];
    struct account_change done;
};

static bool audit(struct ctx *ctx, struct db_session *session, int64_t user_id, int64_t sessions,
                  struct err *err)
{
    const char *resource = arena_printf(ctx->arena, "user:%" PRId64, user_id);
    const char *details = arena_printf(ctx->arena, "{\"sessions_ended\":%" PRId64 "}", sessions);

    return sql_audit_insert(session, NULL, NULL, "user.password_set", resource, details, "",
                            COMMAND_NAME, NULL, NULL, NULL, NULL, ctx->trace.trace_id,
                            db_now(session), err);
}

static bool change_password(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct change *change = arg;
    struct sql_session_count_row count;
    struct sql_user_by_login_row user;

    switch (sql_user_by_login(session, change->username, change->email, &user, err)) {
    case DB_FAILED:
        return false;
    case DB_NO_ROW:
        return err_set(err, ERR_NOT_FOUND, "no user %.100s", change->username);
    case DB_ROW:
        break;
    }
    if (sql_session_count(session, user.id, &count, err) != DB_ROW ||
        !sql_user_password_set(session, user.id, change->hash, err)) {
        return false;
    }
    change->done = (struct account_change){
        .username = user.username, .is_active = user.is_active, .sessions_ended = count.sessions};
    return audit(ctx, session, user.id, count.sessions, err);
}

bool account_set_password(struct ctx *ctx, struct db_pool *pool, const char *username,
                          const char *password, struct account_change *ret, struct err *err)
{
    const char *email = text_email(ctx->arena, username);
    struct change change = {.username = text_trimmed(ctx->arena, username),
                            .email = email != NULL ? email : ""};
    bool ok = account_password_is_fit(password, err) && password_hash(password, change.hash, err) &&
              db_write(ctx, pool, change_password, &change, err);

    explicit_bzero(change.hash, sizeof(change.hash));
    if (ok) {
        *ret = change.done;
    }
    return ok;
}

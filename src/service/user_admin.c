#include "service/user_admin.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "service/account.h"
#include "service/audit.h"
#include "service/auth.h"
#include "service/listing.h"
#include "service/password.h"
#include "service/search.h"
#include "service/write.h"
#include "sql_core.h"

enum { DETAILS_BYTES = 1024 }; /* two roles of 50 characters, each of them escaped, and words */

/* What may stand in a user's row: auth_role knows them all. */
static const char *const ROLE_WORDS[] = {"user",    "viewer", "support",        "analyst",
                                         "manager", "admin",  "chaos-operator", NULL};

static const struct reply_field user_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),           REPLY_FIELD("username", REPLY_TEXT),
    REPLY_FIELD("email", REPLY_TEXT),      REPLY_FIELD("role", REPLY_TEXT),
    REPLY_FIELD("is_active", REPLY_BOOL),  REPLY_FIELD("last_login", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape USER_REPLY = REPLY_SHAPE("AdminUser", user_reply_fields);

static void put_user(struct json_out *out, const char *key, const struct sql_user_row *row)
{
    json_begin_object(out, key);
    json_put_int(out, "id", row->id);
    json_put_text(out, "username", row->username);
    json_put_text(out, "email", row->email);
    json_put_text(out, "role", row->role);
    json_put_bool(out, "is_active", row->is_active);
    json_put_time_or_null(out, "last_login", row->last_login_us_is_null, row->last_login_us);
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

/* --- list --- */

struct list_params {
    const char *search;
    const char *role;
    const char *status;
    struct listing_page page;
};

static const char *const STATUS_WORDS[] = {"active", "inactive", NULL};
static const char *const SORT_WORDS[] = {"id", NULL};
static const struct param list_fields[] = {
    PARAM_TEXT(struct list_params, search, 200),
    PARAM_WORD(struct list_params, role, ROLE_WORDS),
    PARAM_WORD(struct list_params, status, STATUS_WORDS),
    PARAM_LISTING(struct list_params, SORT_WORDS, "id"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_users(struct listing *listing, struct db_session *session, void *arg,
                      struct err *err)
{
    const struct request *rq = listing->rq;
    const struct list_params *given = rq->params;
    const int64_t active = given->status != NULL && strcmp(given->status, "active") == 0;
    struct sql_user_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    (void)arg;
    if (!sql_user_page_open(session, search_pattern(rq->ctx.arena, given->search), given->role,
                            given->status != NULL ? &active : NULL, listing_id_after(listing),
                            listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_user_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_user(&listing->rp->json, NULL, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("users", &USER_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("AdminUserList", &LISTING_REPLY, list_reply_fields);

static bool users_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "users", &given->page, put_users, NULL, err);
}

/* --- one --- */

static bool no_user(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND,
                   "there is no user %" PRId64 "; GET /api/admin/users lists them", id);
}

static const struct reply_field show_reply_fields[] = {
    REPLY_PART("user", &USER_REPLY, 0),
};
static const struct reply_shape SHOW_REPLY = REPLY_SHAPE("AdminUserEnvelope", show_reply_fields);

static void reply_user(struct reply *rp, const struct sql_user_row *row)
{
    json_begin_object(&rp->json, NULL);
    put_user(&rp->json, "user", row);
    json_end_object(&rp->json);
}

static bool users_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct sql_user_row row;
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_user_shown(session, given->id, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "read user %" PRId64, given->id);
    }
    if (step == DB_NO_ROW) {
        return no_user(err, given->id);
    }
    reply_user(rp, &row);
    reply_version(rq, rp);
    return true;
}

/* --- a new one --- */

struct user_body {
    const char *username;
    const char *email;
    const char *password;
    const char *role; /* NULL: "user", who sees least */
};

static const struct json_field create_fields[] = {
    JSON_TOKEN(struct user_body, username, 1, 100, "._-", JSON_REQUIRED),
    JSON_EMAIL(struct user_body, email, JSON_REQUIRED),
    JSON_TEXT(struct user_body, password, SETTINGS_PASSWORD_LEAST, 200, JSON_REQUIRED),
    JSON_WORD(struct user_body, role, ROLE_WORDS, JSON_OPTIONAL),
};
static const struct json_shape USER_CREATE =
    JSON_SHAPE("AdminUserCreate", struct user_body, create_fields);
static const struct json_field register_fields[] = {
    JSON_TOKEN(struct user_body, username, 3, 100, "._-", JSON_REQUIRED),
    JSON_EMAIL(struct user_body, email, JSON_REQUIRED),
    JSON_TEXT(struct user_body, password, SETTINGS_PASSWORD_LEAST, 200, JSON_REQUIRED),
};
const struct json_shape USER_REGISTER =
    JSON_SHAPE("RegisterRequest", struct user_body, register_fields);

static const struct reply_field create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("user_id", REPLY_ID),
};
const struct reply_shape USER_CREATED_REPLY = REPLY_SHAPE("AdminUserCreated", create_reply_fields);

struct user_create {
    struct request *rq;
    struct reply *rp;
    char hash[PASSWORD_HASH_MAX];
};

static void note_user(struct request *rq, const char *action, int64_t id, const char *details)
{
    audit_note(rq, action, arena_printf(rq->ctx.arena, "user:%" PRId64, id), details);
}

static bool create_user(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct user_create *create = arg;
    const struct user_body *body = create->rq->body;
    const char *role = body->role != NULL ? body->role : "user";
    struct json_out *out = &create->rp->json;
    struct sql_user_create_row made;

    switch (sql_user_create(session, body->username, body->email, create->hash, role, &made, err)) {
    case DB_FAILED:
        return err_wrap(err, "make a user");
    case DB_NO_ROW:
        return err_field(err, ERR_CONFLICT, "/username",
                         "there is a user of that name or that e-mail address already");
    case DB_ROW:
        break;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "user_id", made.id);
    json_end_object(out);
    note_user(create->rq, "user.created", made.id,
              arena_printf(ctx->arena, "{\"role\":\"%s\"}", role));
    return true;
}

/* The password is hashed before the transaction begins: that takes its time. */
bool users_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct user_body *body = rq->body;
    struct user_create create = {.rq = rq, .rp = rp};
    bool ok;

    if (auth_name_is_reserved(body->username)) {
        return err_field(err, ERR_INVALID, "/username",
                         "%s is what records call a program: choose another name", body->username);
    }
    if (!account_password_is_fit(body->password, err)) {
        return err_field(err, ERR_INVALID, "/password", "%s",
                         arena_strdup(rq->ctx.arena, err->text));
    }
    ok = password_hash(body->password, create.hash, err) &&
         service_write(rq, rp, service_of(rq)->main_pool, create_user, &create, err);
    explicit_bzero(create.hash, sizeof(create.hash));
    return ok;
}

/* --- what a user may do --- */

/* Both routes change one of these. */
struct access_change {
    struct request *rq;
    struct reply *rp;
    int64_t id;
    const char *role;      /* NULL: stays */
    const bool *is_active; /* NULL: stays */
};

/* The caller's row and the one that is to be changed. */
struct access_rows {
    struct sql_user_row caller;
    struct sql_user_row user;
    bool has_caller;
    bool has_user;
};

static bool lock_rows(struct arena *arena, struct db_session *session, int64_t caller_id,
                      int64_t user_id, struct access_rows *ret, struct err *err)
{
    struct sql_user_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    *ret = (struct access_rows){.has_user = false};
    if (!sql_user_pair_lock_open(session, caller_id, user_id, &cursor, err)) {
        return false;
    }
    while ((step = sql_user_next(cursor, &row, err)) == DB_ROW) {
        row.username = arena_strdup(arena, row.username);
        row.email = arena_strdup(arena, row.email);
        row.role = arena_strdup(arena, row.role);
        if (row.id == caller_id) {
            ret->caller = row;
            ret->has_caller = true;
        }
        if (row.id == user_id) {
            ret->user = row;
            ret->has_user = true;
        }
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

/* Nobody changes himself, and who does this is still an administrator when it is done: so there is
 * always one left, also when two take each other's access at the same time. */
static bool may_change(const struct access_change *change, const struct access_rows *rows,
                       struct err *err)
{
    if (!rows->has_user) {
        return no_user(err, change->id);
    }
    if (rows->caller.id == change->id) {
        return err_set(err, ERR_CONFLICT,
                       "you cannot change what you may do yourself; another administrator can");
    }
    if (!rows->has_caller || !rows->caller.is_active ||
        auth_role(rows->caller.role) != ROLE_ADMIN) {
        return err_set(err, ERR_FORBIDDEN, "you are no administrator any more");
    }
    return true;
}

static const char *change_details(struct arena *arena, const struct sql_user_row *old,
                                  const struct sql_user_row *new, int64_t sessions)
{
    struct json_out out;
    struct buf text;
    const char *kept;

    buf_init(&text, DETAILS_BYTES);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    json_put_text(&out, "from", old->role);
    json_put_text(&out, "to", new->role);
    json_put_bool(&out, "is_active", new->is_active);
    json_put_int(&out, "sessions_ended", sessions);
    json_end_object(&out);
    kept = arena_dup(arena, text.data, text.length);
    buf_fini(&text);
    return kept;
}

/* Sessions end where something changes: what they were opened for no longer holds. */
static bool store_access(const struct access_change *change, struct db_session *session,
                         const struct sql_user_row *old, const struct sql_user_row *new,
                         struct err *err)
{
    struct arena *arena = change->rq->ctx.arena;
    int64_t sessions = 0;

    assert(old->role != NULL && new->role != NULL);
    if (strcmp(old->role, new->role) != 0 || old->is_active != new->is_active) {
        if (!sql_user_access_set(session, new->id, new->role, new->is_active, err) ||
            !sql_user_sessions_end_count(session, new->id, &sessions, err)) {
            return err_wrap(err, "change user %" PRId64, new->id);
        }
    }
    note_user(change->rq, "user.access_changed", new->id,
              change_details(arena, old, new, sessions));
    return true;
}

static bool change_access(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct access_change *change = arg;
    struct sql_user_row changed;
    struct access_rows rows;

    if (!lock_rows(ctx->arena, session, ctx->caller.user_id, change->id, &rows, err)) {
        return err_wrap(err, "read user %" PRId64, change->id);
    }
    if (!may_change(change, &rows, err)) {
        return false;
    }
    reply_user(change->rp, &rows.user);
    if (!reply_is_of_version(change->rq, change->rp, err)) {
        return false;
    }
    changed = rows.user;
    changed.role = change->role != NULL ? change->role : changed.role;
    changed.is_active = change->is_active != NULL ? *change->is_active : changed.is_active;
    if (!store_access(change, session, &rows.user, &changed, err)) {
        return false;
    }
    reply_user(change->rp, &changed);
    return true;
}

static bool write_access(const struct access_change *change, struct err *err)
{
    struct access_change copy = *change;

    if (!service_write(change->rq, change->rp, service_of(change->rq)->main_pool, change_access,
                       &copy, err)) {
        return false;
    }
    reply_version(change->rq, change->rp);
    return true;
}

struct role_body {
    const char *role;
};

static const struct json_field role_fields[] = {
    JSON_WORD(struct role_body, role, ROLE_WORDS, JSON_REQUIRED),
};
static const struct json_shape ROLE_PATCH = JSON_SHAPE("RolePatch", struct role_body, role_fields);

static bool users_set_role(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct role_body *body = rq->body;

    return write_access(
        &(struct access_change){.rq = rq, .rp = rp, .id = given->id, .role = body->role}, err);
}

struct active_body {
    bool is_active;
    bool has_is_active;
};

static const struct json_field active_fields[] = {
    JSON_BOOL(struct active_body, is_active, JSON_REQUIRED),
};
static const struct json_shape ACTIVE_PATCH =
    JSON_SHAPE("AdminUserPatch", struct active_body, active_fields);

static bool users_set_active(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct active_body *body = rq->body;

    return write_access(
        &(struct access_change){.rq = rq, .rp = rp, .id = given->id, .is_active = &body->is_active},
        err);
}

static const struct param user_fields[] = {PARAM_ID(struct id_params, id, "user_id")};
static const struct param_shape USER_PARAMS = PARAM_SHAPE(struct id_params, user_fields);

static const struct route ROUTES[] = {
    {GET, "/api/admin/users", users_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY, .summary = "Users"},
    {POST, "/api/admin/users", users_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY | ROUTE_SIGNS_IN,
     .body = &USER_CREATE, .body_max = AUTH_LOGIN_BODY_MAX,
     .example = "{\"username\":\"grace\",\"email\":\"grace@example.org\","
                "\"password\":\"correct horse battery\",\"role\":\"viewer\"}",
     .reply = &USER_CREATED_REPLY, .summary = "Make a user"},
    {GET, "/api/admin/users/{user_id}", users_get, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &USER_PARAMS, .reply = &SHOW_REPLY, .outcomes = GIVES_304, .summary = "One user"},
    {PATCH, "/api/admin/users/{user_id}", users_set_active, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &USER_PARAMS, .body = &ACTIVE_PATCH,
     .example = "{\"is_active\":false}", .reply = &SHOW_REPLY,
     .summary = "Whether a user may sign in; ends all sessions"},
    {PATCH, "/api/admin/users/{user_id}/role", users_set_role, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &USER_PARAMS, .body = &ROLE_PATCH,
     .example = "{\"role\":\"manager\"}", .reply = &SHOW_REPLY,
     .summary = "What a user may do; ends all sessions"},
};
const struct route_table service_user_admin_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                      "users", "Who may sign in, and what for"};

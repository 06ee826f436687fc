#include "service/api_keys.h"

#include <string.h>

#include "core/digest.h"
#include "core/rng.h"
#include "service/audit.h"
#include "service/auth.h"
#include "service/listing.h"
#include "service/write.h"
#include "sql_core.h"

enum {
    ID_BYTES = 8,
    ID_SIZE = 2 * ID_BYTES + 1,
    NAME_MOST = 80,
};

static const char *const PERMISSIONS[] = {"read", "write", NULL};

static const char *permission(bool may_write)
{
    return PERMISSIONS[may_write ? 1 : 0];
}

/* --- making one --- */

struct key_body {
    const char *username;
    const char *permission; /* NULL: to read */
};

static const struct json_field body_fields[] = {
    JSON_TOKEN(struct key_body, username, 1, NAME_MOST, "@._-", JSON_REQUIRED),
    JSON_WORD(struct key_body, permission, PERMISSIONS, JSON_OPTIONAL),
};
static const struct json_shape KEY_BODY = JSON_SHAPE("ApiKeyCreate", struct key_body, body_fields);

static const struct reply_field made_fields[] = {
    REPLY_FIELD("api_key", REPLY_TEXT), /* shown this once */
    REPLY_FIELD("key_id", REPLY_TEXT),
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_WORD("permission", PERMISSIONS, 0),
};
static const struct reply_shape MADE_REPLY = REPLY_SHAPE("ApiKeyCreated", made_fields);

struct new_key {
    struct request *rq;
    bool may_write;
    char id[ID_SIZE];
    char text[AUTH_API_KEY_SIZE];
    char digest[DIGEST_SHA256_HEX_MAX];
};

static void draw_key(struct new_key *key)
{
    uint8_t bytes[(AUTH_API_KEY_SIZE - 1) / 2];
    uint8_t id[ID_BYTES];

    rng_secret(bytes, sizeof(bytes));
    rng_secret(id, sizeof(id));
    digest_hex(bytes, sizeof(bytes), key->text);
    digest_hex(id, sizeof(id), key->id);
    digest_sha256_hex(key->text, strlen(key->text), key->digest);
    explicit_bzero(bytes, sizeof(bytes));
}

static bool store_key(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct new_key *key = arg;
    const struct key_body *body = key->rq->body;

    return sql_api_key_add(session, key->id, key->digest, body->username, key->may_write ? 1 : 0,
                           ctx->caller.username, err) ||
           err_wrap(err, "store the key");
}

/* Not by service_write: that keeps the reply under an Idempotency-Key, and the key with it. */
static bool make_key(struct request *rq, struct reply *rp, struct err *err)
{
    const struct key_body *body = rq->body;
    struct new_key key = {.rq = rq,
                          .may_write = body->permission != NULL &&
                                       strcmp(body->permission, permission(true)) == 0};
    struct json_out *out = &rp->json;

    draw_key(&key);
    if (!db_write(&rq->ctx, service_of(rq)->main_pool, store_key, &key, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_text(out, "api_key", key.text);
    json_put_text(out, "key_id", key.id);
    json_put_text(out, "username", body->username);
    json_put_text(out, "permission", permission(key.may_write));
    json_end_object(out);
    explicit_bzero(key.text, sizeof(key.text));
    audit_note(rq, "api_key.created", arena_printf(rq->ctx.arena, "api_key:%s", key.id), NULL);
    return true;
}

/* --- the list --- */

static const struct reply_field key_fields[] = {
    REPLY_FIELD("key_id", REPLY_TEXT),
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_WORD("permission", PERMISSIONS, 0),
    REPLY_FIELD("created_by", REPLY_TEXT),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("revoked_at", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape KEY_REPLY = REPLY_SHAPE("ApiKey", key_fields);
static const struct reply_field list_reply_fields[] = {
    REPLY_PART("keys", &KEY_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ApiKeyList", &LISTING_REPLY, list_reply_fields);

static const char *const SORTS[] = {"-created_at", NULL};

struct list_params {
    struct listing_page page;
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_keys(struct listing *listing, struct db_session *session, void *arg,
                     struct err *err)
{
    struct json_out *out = &listing->rp->json;
    struct db_cursor *cursor = NULL;
    struct sql_api_key_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_api_keys_newest_open(session, listing_id_before(listing), listing_most(listing),
                                  &cursor, err)) {
        return false;
    }
    while ((step = sql_api_key_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        json_begin_object(out, NULL);
        json_put_text(out, "key_id", row.key_id);
        json_put_text(out, "username", row.username);
        json_put_text(out, "permission", permission(row.may_write != 0));
        json_put_text(out, "created_by", row.created_by);
        json_put_time(out, "created_at", row.created_at_us);
        json_put_time_or_null(out, "revoked_at", row.revoked_at_us_is_null, row.revoked_at_us);
        json_end_object(out);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool list_keys(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "keys", &given->page, put_keys, NULL, err);
}

/* --- ending one --- */

struct key_params {
    const char *key_id;
};

static const struct param key_params[] = {
    {.name = "key_id",
     .kind = PARAM_KIND_TEXT,
     .place = PARAM_IN_PATH,
     .offset = offsetof(struct key_params, key_id),
     .most = ID_SIZE - 1,
     .marks = ""},
};
static const struct param_shape KEY_PARAMS = PARAM_SHAPE(struct key_params, key_params);

static const struct reply_field ended_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("revoked"), 0),
    REPLY_FIELD("key_id", REPLY_TEXT),
};
static const struct reply_shape ENDED_REPLY = REPLY_SHAPE("ApiKeyRevoked", ended_fields);

struct ending {
    struct request *rq;
    struct reply *rp;
};

static bool end_key(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct ending *ending = arg;
    const struct key_params *given = ending->rq->params;
    struct json_out *out = &ending->rp->json;
    int64_t changes = 0;

    if (!sql_api_key_revoke_count(session, given->key_id, &changes, err)) {
        return err_wrap(err, "revoke the key");
    }
    if (changes == 0) {
        return err_field(err, ERR_NOT_FOUND, "key_id",
                         "there is no such key that is not revoked: GET /api/keys/list has them");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "revoked");
    json_put_text(out, "key_id", given->key_id);
    json_end_object(out);
    audit_note(ending->rq, "api_key.revoked", arena_printf(ctx->arena, "api_key:%s", given->key_id),
               NULL);
    return true;
}

static bool revoke_key(struct request *rq, struct reply *rp, struct err *err)
{
    struct ending ending = {.rq = rq, .rp = rp};

    return service_write(rq, rp, service_of(rq)->main_pool, end_key, &ending, err);
}

/* --- asking what one is good for --- */

static const struct reply_field holder_fields[] = {
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_WORD("auth_method", REPLY_WORDS("api_key"), 0),
};
static const struct reply_shape HOLDER_REPLY = REPLY_SHAPE("ApiKeyHolder", holder_fields);
static const struct reply_field valid_fields[] = {
    REPLY_FIELD("valid", REPLY_BOOL),
    REPLY_PART("user", &HOLDER_REPLY, 0),
};
static const struct reply_shape VALID_REPLY = REPLY_SHAPE("ApiKeyValid", valid_fields);

/* One that is no good does not come as far as this. */
static bool validate_key(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;

    (void)err;
    json_begin_object(out, NULL);
    json_put_bool(out, "valid", true);
    json_begin_object(out, "user");
    json_put_text(out, "username", auth_partner(rq));
    json_put_text(out, "auth_method", rq->ctx.caller.auth_method);
    json_end_object(out);
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {POST, "/api/keys/generate", make_key, ROLE_ADMIN, .body = &KEY_BODY,
     .example = "{\"username\":\"northern-dealers\",\"permission\":\"write\"}",
     .reply = &MADE_REPLY, .summary = "Make a key for a partner's program; it is shown this once"},
    {GET, "/api/keys/list", list_keys, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Keys of partners' programs, by what may be shown of them"},
    {GET, "/api/keys/validate", validate_key, ROLE_PARTNER, .flags = ROUTE_RERUN_READS,
     .reply = &VALID_REPLY, .outcomes = GIVES_429, .summary = "Whose the key is that was sent"},
    {DELETE, "/api/keys/{key_id}", revoke_key, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .params = &KEY_PARAMS, .reply = &ENDED_REPLY, .summary = "Revoke a key"},
};

const struct route_table service_api_key_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "api-keys", "Keys of partners' programs"};

/*
 * shop/coupons.c: coupons: what one would take off, without using it; and for administrators all of
 * them, to add to and to edit. A use is counted by the transaction that places an order
 * (order_place.c), by the same conditions.
 */
#include <inttypes.h>
#include <string.h>

#include "service/listing.h"
#include "service/staff.h"
#include "shop/pricing.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { CODE_MOST = 50, PERCENT_MOST = 10000, USES_MOST = 1000000000, USES_DEFAULT = 100 };

/* --- what one would take off --- */

struct apply_body {
    const char *code;
    int64_t subtotal_cents;
    bool has_subtotal;
};

static const struct json_field apply_fields[] = {
    JSON_TEXT(struct apply_body, code, 1, CODE_MOST, JSON_REQUIRED),
    JSON_MONEY(struct apply_body, subtotal, JSON_REQUIRED),
};
static const struct json_shape COUPON_APPLY =
    JSON_SHAPE("CouponApply", struct apply_body, apply_fields);

static const char *const REASONS[] = {"unknown", "inactive", "exhausted", NULL};

static const struct reply_field apply_reply_fields[] = {
    REPLY_FIELD("valid", REPLY_BOOL),
    REPLY_FIELD("code", REPLY_TEXT),
    REPLY_FIELD("discount", REPLY_MONEY),
    REPLY_WORD("reason", REASONS, REPLY_NULLABLE),
};
static const struct reply_shape APPLY_REPLY = REPLY_SHAPE("CouponResult", apply_reply_fields);

/* Why a coupon takes nothing off; NULL: it does. `is_there`: there is one of that code. */
static const char *reason_of(bool is_there, const struct sql_coupon_row *coupon)
{
    if (!is_there) {
        return REASONS[0];
    }
    if (coupon->is_active == 0) {
        return REASONS[1];
    }
    return coupon->max_uses != 0 && coupon->used_count >= coupon->max_uses ? REASONS[2] : NULL;
}

static bool coupon_apply(struct request *rq, struct reply *rp, struct err *err)
{
    const struct apply_body *body = rq->body;
    struct coupon_value value = {.amount_cents = 0};
    struct db_session *session = NULL;
    struct sql_coupon_row row;
    enum db_step step = DB_FAILED;
    const char *reason = NULL;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_coupon_by_code(session, body->code, &row, err);
    db_checkin(session);
    if (step == DB_FAILED) {
        return err_wrap(err, "look at the coupon");
    }
    reason = reason_of(step == DB_ROW, &row);
    if (reason == NULL) {
        value = (struct coupon_value){.percent_hundredths = row.discount_percent_cents,
                                      .amount_cents = row.discount_amount_cents};
    }
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "valid", reason == NULL);
    json_put_text(&rp->json, "code", body->code);
    json_put_money(&rp->json, "discount", pricing_of(body->subtotal_cents, value).discount_cents);
    json_put_text(&rp->json, "reason", reason);
    json_end_object(&rp->json);
    return true;
}

/* --- all of them, for administrators --- */

static const struct reply_field coupon_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("code", REPLY_TEXT),
    REPLY_FIELD("discount_percent", REPLY_REAL),
    REPLY_FIELD("discount_amount", REPLY_MONEY),
    REPLY_FIELD("is_active", REPLY_FLAG),
    REPLY_FIELD("max_uses", REPLY_COUNT),
    REPLY_FIELD("used_count", REPLY_COUNT),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape COUPON_REPLY = REPLY_SHAPE("Coupon", coupon_reply_fields);

static void put_coupon(struct json_out *out, const struct sql_coupon_row *coupon)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", coupon->id);
    json_put_text(out, "code", coupon->code);
    json_put_money(out, "discount_percent", coupon->discount_percent_cents);
    json_put_money(out, "discount_amount", coupon->discount_amount_cents);
    json_put_int(out, "is_active", coupon->is_active);
    json_put_int(out, "max_uses", coupon->max_uses);
    json_put_int(out, "used_count", coupon->used_count);
    json_put_time(out, "created_at", coupon->created_at_us);
    json_end_object(out);
}

static const char *const SORTS[] = {"code", "-created_at", NULL};

struct list_params {
    struct listing_page page;
    const char *status; /* "all", "active", "inactive" */
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "code"),
    PARAM_WORD_OR(struct list_params, status, ACTIVE_WORDS, "all"),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static bool put_coupons(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const int64_t *is_active = active_of_word(given->status);
    struct db_cursor *cursor = NULL;
    struct sql_coupon_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (strcmp(given->page.sort, "code") == 0
            ? !sql_coupons_by_code_open(session, is_active, listing_text(listing),
                                        listing_id_after(listing), listing_most(listing), &cursor,
                                        err)
            : !sql_coupons_newest_open(session, is_active, listing_id_before(listing),
                                       listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_coupon_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_coupon(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, row.code);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static const struct reply_field list_reply_fields[] = {
    REPLY_PART("coupons", &COUPON_REPLY, REPLY_LIST),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("CouponList", &LISTING_REPLY, list_reply_fields);

static bool coupons_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "coupons", &given->page, put_coupons, NULL, err);
}

static bool no_coupon(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "coupon_id",
                     "there is no coupon %" PRId64 ": GET /api/admin/coupons lists them", id);
}

static bool coupon_show(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct db_session *session = NULL;
    struct sql_coupon_row row;
    enum db_step step = DB_FAILED;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_coupon_by_id(session, given->id, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_coupon(err, given->id) : err_wrap(err, "read the coupon");
    }
    put_coupon(&rp->json, &row);
    reply_version(rq, rp);
    return true;
}

/* --- changes --- */

struct coupon_body {
    const char *code;
    int64_t discount_percent_cents; /* hundredths */
    bool has_discount_percent;
    int64_t discount_amount_cents;
    bool has_discount_amount;
    int64_t is_active;
    bool has_is_active;
    int64_t max_uses;
    bool has_max_uses;
};

static const struct json_field write_fields[] = {
    JSON_TEXT(struct coupon_body, code, 1, CODE_MOST, JSON_REQUIRED),
    {.name = "discount_percent",
     .kind = JSON_KIND_MONEY,
     .offset = offsetof(struct coupon_body, discount_percent_cents),
     .flag_offset = offsetof(struct coupon_body, has_discount_percent),
     .has_flag = true,
     .most = PERCENT_MOST},
    JSON_MONEY(struct coupon_body, discount_amount, JSON_OPTIONAL),
    JSON_INT(struct coupon_body, is_active, 0, 1, JSON_OPTIONAL),
    JSON_INT(struct coupon_body, max_uses, 0, USES_MOST, JSON_OPTIONAL),
};
static const struct json_shape COUPON_WRITE =
    JSON_SHAPE("CouponWrite", struct coupon_body, write_fields);

static bool write_failed(struct err *err)
{
    if (err->code == ERR_UNIQUE) {
        return err_field(err, ERR_UNIQUE, "/code", "another coupon has this code already");
    }
    return err_wrap(err, "store the coupon");
}

static bool create_coupon(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct coupon_body *body = write->body;
    struct sql_coupon_row row;

    (void)ctx;
    if (sql_coupon_add(session, body->code, body->discount_percent_cents,
                       body->discount_amount_cents, body->has_is_active ? body->is_active : 1,
                       body->has_max_uses ? body->max_uses : USES_DEFAULT, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    put_coupon(&write->rp->json, &row);
    staff_note(write, "coupon", row.id);
    return true;
}

static bool coupon_create(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_create(rq, rp, create_coupon, err);
}

static bool change_coupon(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct staff_write *write = arg;
    const struct coupon_body *body = write->body;
    struct sql_coupon_row row;
    const enum db_step step = sql_coupon_to_change(session, write->id, &row, err);

    (void)ctx;
    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_coupon(err, write->id) : err_wrap(err, "read the coupon");
    }
    put_coupon(&write->rp->json, &row);
    if (!reply_is_of_version(write->rq, write->rp, err)) {
        return false;
    }
    if (body->has_max_uses && body->max_uses != 0 && body->max_uses < row.used_count) {
        return err_field(err, ERR_INVALID, "/max_uses",
                         "the coupon was used %" PRId64 " times already: give at least that, or 0 "
                         "for no limit",
                         row.used_count);
    }
    if (sql_coupon_change(session, write->id, body->code,
                          body->has_discount_percent ? &body->discount_percent_cents : NULL,
                          body->has_discount_amount ? &body->discount_amount_cents : NULL,
                          body->has_is_active ? &body->is_active : NULL,
                          body->has_max_uses ? &body->max_uses : NULL, &row, err) != DB_ROW) {
        return write_failed(err);
    }
    put_coupon(&write->rp->json, &row);
    staff_note(write, "coupon", row.id);
    return true;
}

static bool coupon_change(struct request *rq, struct reply *rp, struct err *err)
{
    return staff_edit(rq, rp, change_coupon, err);
}

static const struct param id_fields[] = {PARAM_ID(struct id_params, id, "coupon_id")};
static const struct param_shape ID_PARAMS = PARAM_SHAPE(struct id_params, id_fields);

static const char NEW_EXAMPLE[] =
    "{\"code\":\"HARVEST\",\"discount_percent\":7.5,\"discount_amount\":0,\"max_uses\":200}";
static const char EDIT_EXAMPLE[] =
    "{\"code\":\"FIRSTFLIGHT\",\"discount_percent\":10,\"is_active\":1,\"max_uses\":2000}";

static const struct route ROUTES[] = {
    {POST, "/api/shop/coupon/apply", coupon_apply, ANYONE, .body = &COUPON_APPLY,
     .example = "{\"code\":\"FIRSTFLIGHT\",\"subtotal\":1899.00}", .reply = &APPLY_REPLY,
     .summary = "Price a coupon without using it"},
    {GET, "/api/admin/coupons", coupons_list, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY,
     .summary = "Coupons and how often they were used"},
    {POST, "/api/admin/coupons", coupon_create, ROLE_ADMIN, .flags = ROUTE_TAKES_KEY,
     .body = &COUPON_WRITE, .example = NEW_EXAMPLE, .reply = &COUPON_REPLY,
     .summary = "Create a coupon"},
    {GET, "/api/admin/coupons/{coupon_id}", coupon_show, ROLE_ADMIN, .flags = ROUTE_RERUN_READS,
     .params = &ID_PARAMS, .reply = &COUPON_REPLY, .outcomes = GIVES_304, .summary = "One coupon"},
    {PUT, "/api/admin/coupons/{coupon_id}", coupon_change, ROLE_ADMIN,
     .flags = ROUTE_TAKES_KEY | ROUTE_EDITS, .params = &ID_PARAMS, .body = &COUPON_WRITE,
     .example = EDIT_EXAMPLE, .reply = &COUPON_REPLY,
     .summary = "Replace a coupon; its uses stay counted, numbers that are not given as they are"},
};

const struct route_table shop_coupon_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "coupons", "What takes something off"};

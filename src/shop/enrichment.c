/*
 * shop/enrichment.c: what the CRM knows of a customer of the shop.
 */
#include <inttypes.h>
#include <string.h>

#include "service/peer.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

struct enrichment_params {
    int64_t customer_id;
};

static const struct param enrichment_params[] = {
    {.name = "customer_id",
     .kind = PARAM_KIND_INT,
     .is_required = true,
     .offset = offsetof(struct enrichment_params, customer_id),
     .least = 1,
     .most = INT64_MAX},
};
static const struct param_shape ENRICHMENT_PARAMS =
    PARAM_SHAPE(struct enrichment_params, enrichment_params);

static const struct reply_field enrichment_fields[] = {
    REPLY_FIELD("customer_id", REPLY_ID), REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("email", REPLY_TEXT),     REPLY_FIELD("enriched", REPLY_BOOL),
    REPLY_FIELD("source", REPLY_TEXT),    REPLY_FIELD("crm_profile", REPLY_OBJECT),
};
static const struct reply_shape ENRICHMENT_REPLY =
    REPLY_SHAPE("CustomerEnrichment", enrichment_fields);

static bool read_customer(struct request *rq, int64_t id, struct sql_customer_by_id_row *ret,
                          struct err *err)
{
    struct db_session *session = NULL;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_customer_by_id(session, id, ret, err);
    db_checkin(session);
    if (step == DB_NO_ROW) {
        return err_field(err, ERR_NOT_FOUND, "customer_id", "there is no customer %" PRId64, id);
    }
    return step == DB_ROW || err_wrap(err, "read the customer");
}

/* His row in the CRM, found by the address. */
static bool put_profile(struct request *rq, struct json_out *out, const char *email,
                        struct err *err)
{
    const char *path = peer_path(rq->ctx.arena, "/api/customers?limit=1&email=", email);
    const struct json *profile;
    struct json *body = NULL;
    const char *text;
    size_t length;

    if (!peer_get(rq, path, &body, err)) {
        return err_wrap(err, "ask the CRM for the customer");
    }
    profile = json_at(json_get(body, "customers"), 0);
    if (!json_is_object(profile)) {
        json_free(body);
        return err_field(err, ERR_NOT_FOUND, "customer_id", "the CRM does not know this customer");
    }
    text = json_write(rq->ctx.arena, profile, &length);
    json_put_raw(out, "crm_profile", text, length);
    json_free(body);
    return true;
}

static bool customer_enrichment(struct request *rq, struct reply *rp, struct err *err)
{
    const struct enrichment_params *given = rq->params;
    struct sql_customer_by_id_row customer;
    struct json_out *out = &rp->json;

    if (!read_customer(rq, given->customer_id, &customer, err)) {
        return false;
    }
    json_begin_object(out, NULL);
    json_put_int(out, "customer_id", given->customer_id);
    json_put_text(out, "name", customer.name);
    json_put_text(out, "email", customer.email);
    json_put_bool(out, "enriched", true);
    json_put_text(out, "source", service_of(rq)->traits->peer);
    if (!put_profile(rq, out, customer.email, err)) {
        return false;
    }
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/integrations/crm/customer-enrichment", customer_enrichment, SHOP_INSIDERS,
     .flags = ROUTE_CALLS_PEER, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,
     .params = &ENRICHMENT_PARAMS, .reply = &ENRICHMENT_REPLY, .outcomes = GIVES_404,
     .summary = "What the CRM knows of a customer"},
};

const struct route_table shop_enrichment_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "integrations",
                                                   "What the shop does together with the CRM"};

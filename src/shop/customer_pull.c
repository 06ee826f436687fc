/*
 * shop/customer_pull.c: brings customers whom the CRM has and the shop has not. Orders carry
 * customers to the CRM; this is the other way round, by hand, and whoever is known here already
 * stays as he is.
 */
#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/peer.h"
#include "service/write.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { PULL_MOST = 500 };

#define PULLERS ((unsigned)(ROLE_ADMIN | ROLE_MANAGER | ROLE_SERVICE))

struct pull_params {
    int64_t limit;
};

static const struct param pull_fields[] = {
    {.name = "limit",
     .kind = PARAM_KIND_INT,
     .offset = offsetof(struct pull_params, limit),
     .least = 1,
     .most = PULL_MOST,
     .fallback = 200,
     .has_fallback = true},
};
static const struct param_shape PULL_PARAMS = PARAM_SHAPE(struct pull_params, pull_fields);

static const struct reply_field pull_reply_fields[] = {
    REPLY_FIELD("configured", REPLY_BOOL),
    REPLY_FIELD("synced", REPLY_BOOL),
    REPLY_FIELD("customers_seen", REPLY_COUNT),
    REPLY_FIELD("inserted", REPLY_COUNT),
};
static const struct reply_shape PULL_REPLY = REPLY_SHAPE("CustomerPull", pull_reply_fields);

struct pull {
    struct request *rq;
    struct reply *rp;
    struct sql_customer_pulled_args *rows;
    size_t count;
};

static const char *text_of(struct arena *arena, const struct json *customer, const char *name)
{
    return arena_strdup(arena, json_text(json_get(customer, name)));
}

/* One without a name or an address is left out: the columns want both. */
static void take_customer(struct pull *pull, const struct json *customer)
{
    struct arena *arena = pull->rq->ctx.arena;
    const char *name = text_of(arena, customer, "name");
    const char *email = text_of(arena, customer, "email");
    const char *industry = text_of(arena, customer, "industry");
    int64_t id = 0;

    if (name == NULL || name[0] == '\0' || email == NULL || email[0] == '\0' ||
        !json_int(json_get(customer, "id"), &id)) {
        return;
    }
    pull->rows[pull->count++] = sql_customer_pulled_args(
        name, email, text_of(arena, customer, "phone"), text_of(arena, customer, "company"),
        industry != NULL ? industry : "Enterprise",
        arena_printf(arena, "crm_id=%" PRId64 "; source=enterprise-crm-portal", id));
}

static bool ask_for_customers(struct pull *pull, struct err *err)
{
    const struct pull_params *given = pull->rq->params;
    const char *path =
        arena_printf(pull->rq->ctx.arena,
                     "/api/customers?sort_by=created_at&order=desc&limit=%" PRId64, given->limit);
    const struct json *customers;
    struct json *body = NULL;
    bool is_list;

    if (!peer_get(pull->rq, path, &body, err)) {
        return err_wrap(err, "ask the CRM for its customers");
    }
    customers = json_get(body, "customers");
    is_list = json_is_list(customers);
    pull->rows = arena_array(pull->rq->ctx.arena, PULL_MOST, sizeof(*pull->rows));
    for (size_t i = 0; i < json_length(customers) && i < PULL_MOST; i++) {
        take_customer(pull, json_at(customers, i));
    }
    json_free(body);
    return is_list || err_set(err, ERR_PEER, "the CRM answered without customers");
}

static bool store_customers(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct pull *pull = arg;
    struct json_out *out = &pull->rp->json;
    int64_t inserted = 0;

    if (pull->count > 0 &&
        !sql_customer_pulled_batch(session, pull->rows, pull->count, &inserted, err)) {
        return err_wrap(err, "store the customers");
    }
    json_begin_object(out, NULL);
    json_put_bool(out, "configured", true);
    json_put_bool(out, "synced", true);
    json_put_int(out, "customers_seen", (int64_t)pull->count);
    json_put_int(out, "inserted", inserted);
    json_end_object(out);
    audit_note(pull->rq, "customers.pulled",
               arena_printf(ctx->arena, "customers:%" PRId64, inserted), NULL);
    return true;
}

static bool pull_customers(struct request *rq, struct reply *rp, struct err *err)
{
    struct pull pull = {.rq = rq, .rp = rp};

    return ask_for_customers(&pull, err) &&
           service_write(rq, rp, service_of(rq)->main_pool, store_customers, &pull, err);
}

#define PULL_ROUTE(path_)                                                                          \
    {                                                                                              \
        POST, path_, pull_customers, PULLERS,                                                      \
            .flags = ROUTE_TAKES_KEY | ROUTE_CALLS_PEER, .params = &PULL_PARAMS,                   \
            .reply = &PULL_REPLY,                                                                  \
            .summary = "Take customers of the CRM whom the shop does not know"                     \
    }

static const struct route ROUTES[] = {
    PULL_ROUTE("/api/integrations/crm/sync-customers"),
    PULL_ROUTE("/api/dashboard/demo/sync-customers"),
};

const struct route_table shop_customer_pull_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                      "integrations",
                                                      "What the shop does together with the CRM"};

/*
 * How the portal hangs together with the shop and with what it stands on: whether the shop is well,
 * what it sells, and what its customers ordered there; and where the console is. Each of the shop's
 * is also known by an older name, "mushop".
 */
#include "service/integrations.h"

#include "service/listing.h"
#include "service/peer.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

enum { CATEGORY_MOST = 100 };

/* --- what the shop sells --- */

struct catalogue_params {
    const char *category; /* NULL: all */
};

static const struct param catalogue_fields[] = {
    PARAM_TEXT(struct catalogue_params, category, CATEGORY_MOST),
};
static const struct param_shape CATALOGUE_PARAMS =
    PARAM_SHAPE(struct catalogue_params, catalogue_fields);

static const struct reply_field catalogue_reply_fields[] = {
    REPLY_FIELD("source", REPLY_TEXT),
    REPLY_FIELD("products", REPLY_OBJECT | REPLY_LIST), /* as the shop has them */
    REPLY_FIELD("count", REPLY_COUNT),
};
static const struct reply_shape CATALOGUE_REPLY =
    REPLY_SHAPE("ShopCatalogue", catalogue_reply_fields);

static bool shop_catalogue(struct request *rq, struct reply *rp, struct err *err)
{
    const struct catalogue_params *given = rq->params;
    const char *path = peer_path(rq->ctx.arena, "/api/products?limit=500&category=",
                                 given->category != NULL ? given->category : "");
    const struct json *products;
    struct json *body = NULL;
    const char *text;
    size_t length;

    if (!peer_get(rq, path, &body, err)) {
        return err_wrap(err, "ask the shop for its catalogue");
    }
    products = json_get(body, "products");
    if (!json_is_list(products)) {
        json_free(body);
        return err_set(err, ERR_PEER, "the shop answered without products");
    }
    text = json_write(rq->ctx.arena, products, &length);
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "source", service_of(rq)->traits->peer);
    json_put_raw(&rp->json, "products", text, length);
    json_put_int(&rp->json, "count", (int64_t)json_length(products));
    json_end_object(&rp->json);
    json_free(body);
    return true;
}

/* --- what a customer ordered there --- */

static const char *const SORTS[] = {"-created_at", NULL};

struct history_params {
    struct listing_page page;
    const char *customer_email;
};

static const struct param history_fields[] = {
    PARAM_LISTING(struct history_params, SORTS, "-created_at"),
    {.name = "customer_email",
     .kind = PARAM_KIND_EMAIL,
     .is_required = true,
     .offset = offsetof(struct history_params, customer_email),
     .most = 200},
};
static const struct param_shape HISTORY_PARAMS = PARAM_SHAPE(struct history_params, history_fields);

static const struct reply_field order_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("source_order_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape ORDER_REPLY = REPLY_SHAPE("ShopOrderOfCustomer", order_fields);
static const struct reply_field history_reply_fields[] = {
    REPLY_FIELD("customer_email", REPLY_TEXT),
    REPLY_PART("orders", &ORDER_REPLY, REPLY_LIST),
};
static const struct reply_shape HISTORY_REPLY =
    REPLY_SHAPE_ON("ShopOrderHistory", &LISTING_REPLY, history_reply_fields);

static bool put_orders(struct listing *listing, struct db_session *session, void *arg,
                       struct err *err)
{
    const struct history_params *given = listing->rq->params;
    const struct crm_settings *settings = crm_settings(service_of(listing->rq));
    struct json_out *out = &listing->rp->json;
    struct sql_shop_orders_of_customer_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_shop_orders_of_customer_open(session, settings->sync_source, given->customer_email,
                                          listing_id_before(listing), listing_most(listing),
                                          &cursor, err)) {
        return false;
    }
    while ((step = sql_shop_orders_of_customer_next(cursor, &row, err)) == DB_ROW &&
           listing_takes(listing)) {
        json_begin_object(out, NULL);
        json_put_int(out, "order_id", row.id);
        json_put_id(out, "source_order_id", row.source_order_id_is_null, row.source_order_id);
        json_put_money(out, "total", row.total_cents);
        json_put_text(out, "status", row.status);
        json_put_time(out, "created_at", row.created_at_us);
        json_end_object(out);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

static bool shop_order_history(struct request *rq, struct reply *rp, struct err *err)
{
    const struct history_params *given = rq->params;

    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "customer_email", given->customer_email);
    if (!listing_put(rq, rp, "orders", &given->page, put_orders, NULL, err)) {
        return false;
    }
    json_end_object(&rp->json);
    return true;
}

/* --- the console, which shows what became of requests --- */

static const struct reply_field console_config_fields[] = {
    REPLY_FIELD("available", REPLY_BOOL),
    REPLY_FIELD("control_plane_url", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape CONSOLE_CONFIG_REPLY =
    REPLY_SHAPE("ConsoleConfig", console_config_fields);

static bool console_config(struct request *rq, struct reply *rp, struct err *err)
{
    const char *url = service_of(rq)->settings->console_url;
    const bool is_there = url[0] != '\0';

    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_bool(&rp->json, "available", is_there);
    json_put_text(&rp->json, "control_plane_url", is_there ? url : NULL);
    json_end_object(&rp->json);
    return true;
}

/* Its pages, as they are called there (web/console/console.tsx). */
static const struct {
    const char *name;
    const char *path;
} CONSOLE_PAGES[] = {
    {"Traces", "/console/traces"},
    {"Performance Hub", "/console/hub"},
    {"SQL Warehouse", "/console/warehouse"},
    {"Statements", "/console/statements"},
    {"Audit", "/console/audit"},
};

static const struct reply_field connection_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("url", REPLY_TEXT),
};
static const struct reply_shape CONNECTION_REPLY =
    REPLY_SHAPE("ConsoleConnection", connection_fields);
static const struct reply_field connections_fields[] = {
    REPLY_PART("connections", &CONNECTION_REPLY, REPLY_LIST),
    REPLY_FIELD("total", REPLY_COUNT),
};
static const struct reply_shape CONNECTIONS_REPLY =
    REPLY_SHAPE("ConsoleConnectionList", connections_fields);

static bool console_connections(struct request *rq, struct reply *rp, struct err *err)
{
    const char *url = service_of(rq)->settings->console_url;
    struct json_out *out = &rp->json;
    int64_t total = 0;

    (void)err;
    json_begin_object(out, NULL);
    json_begin_list(out, "connections");
    for (size_t i = 0; url[0] != '\0' && i < sizeof(CONSOLE_PAGES) / sizeof(CONSOLE_PAGES[0]);
         i++) {
        json_begin_object(out, NULL);
        json_put_text(out, "name", CONSOLE_PAGES[i].name);
        json_put_text(out, "url", arena_printf(rq->ctx.arena, "%s%s", url, CONSOLE_PAGES[i].path));
        json_end_object(out);
        total++;
    }
    json_end_list(out);
    json_put_int(out, "total", total);
    json_end_object(out);
    return true;
}

#define SHOP_ROUTES(name_)                                                                         \
    {GET,                                                                                          \
     "/api/integrations/" name_ "/product-catalog",                                                \
     shop_catalogue,                                                                               \
     CRM_READERS,                                                                                  \
     .flags = ROUTE_CALLS_PEER,                                                                    \
     .params = &CATALOGUE_PARAMS,                                                                  \
     .reply = &CATALOGUE_REPLY,                                                                    \
     .summary = "What the shop sells, as it says now"},                                            \
    {                                                                                              \
        GET, "/api/integrations/" name_ "/order-history", shop_order_history, CRM_READERS,         \
            .flags = ROUTE_RERUN_READS, .shows = SHOWS_REVENUE | SHOWS_CUSTOMERS,                  \
            .params = &HISTORY_PARAMS, .reply = &HISTORY_REPLY,                                    \
            .summary = "What a customer ordered in the shop, as far as it was synchronised"        \
    }

static const struct route ROUTES[] = {
    INTEGRATION_ROUTES("/api/integrations/drone-shop/health", CRM_READERS),
    SHOP_ROUTES("drone-shop"),
    SHOP_ROUTES("mushop"),
    {GET, "/api/integrations/mushop/health", integrations_health, ANYONE, .budget = BUDGET_WORK,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_CALLS_PEER, .sees_all = CRM_READERS,
     .shows = SHOWS_TOPOLOGY, .reply = &PEER_HEALTH_REPLY,
     .summary = "The same as /api/integrations/drone-shop/health"},
    {GET, "/api/integrations/console/config", console_config, CRM_READERS, .flags = ROUTE_NO_IO,
     .shows = SHOWS_TOPOLOGY, .reply = &CONSOLE_CONFIG_REPLY,
     .summary = "Whether there is a console that shows what became of requests, and where"},
    {GET, "/api/integrations/console/connections", console_connections, ROLE_ADMIN,
     .flags = ROUTE_NO_IO, .shows = SHOWS_TOPOLOGY, .reply = &CONNECTIONS_REPLY,
     .summary = "The console's pages, and where they are"},
    {GET, "/api/integrations/topology", integrations_status, CRM_READERS, .shows = SHOWS_TOPOLOGY,
     .reply = &INTEGRATIONS_STATUS_REPLY, .summary = "The same as status, for staff alone"},
};
const struct route_table crm_integration_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                   "integrations",
                                                   "How the portal hangs together with the shop"};

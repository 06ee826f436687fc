/*
 * The portal's page at "/about", for people without a script: what it is, and the last orders with
 * the traces of their purchases.
 */
#include "service/home.h"

#include "crm/crm_priv.h"

static const struct home_link LINKS[] = {
    {"/api/observability/360/sync-health", "Synchronisation", "How the pull from the shop goes"},
};

static const struct home HOME = {
    .headline = "Who bought what, and which click it was",
    .lede = "The customers and orders that the Drone Shop makes, pulled from it and kept. An order "
            "keeps the trace of the request that placed it, from the click to the last statement.",
    .links = LINKS,
    .link_count = sizeof(LINKS) / sizeof(LINKS[0]),
    .sign_in_options = "-c cookies ",
    .then = "/api/orders -b cookies",
};

static const struct home_newest NEWEST = {
    .title = "Last orders",
    .columns = {"Order", "Total", "State", "Placed"},
    .route = "GET /api/orders",
    .none = "None yet: buy something in the shop, then run octo sync.",
};

struct home_rows {
    struct arena *arena;
    struct home_row orders[HOME_ROWS_MAX];
    size_t order_count;
};

static bool read_orders(struct db_session *session, void *arg, struct err *err)
{
    struct home_rows *rows = arg;
    struct sql_home_orders_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_home_orders_open(session, HOME_ROWS_MAX, &cursor, err)) {
        return false;
    }
    while ((step = sql_home_orders_next(cursor, &row, err)) == DB_ROW) {
        rows->orders[rows->order_count++] = (struct home_row){
            .id = row.id,
            .at_us = row.created_at_us,
            .state = arena_strdup(rows->arena, row.status),
            .cents = row.total_cents,
            .trace_id = arena_strdup(rows->arena, row.correlation_id),
        };
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool show_home(struct request *rq, struct reply *rp, struct err *err)
{
    struct home_rows rows = {.arena = rq->ctx.arena};
    const bool is_up = home_read(rq, read_orders, &rows);

    (void)err;
    home_begin(rq, rp, &HOME, is_up);
    if (is_up) {
        home_put_newest(rq, rp, &NEWEST, rows.orders, rows.order_count);
    }
    home_end(rq, rp, &HOME);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/about", show_home, ANYONE, .flags = ROUTE_RERUN_READS | ROUTE_KNOWS_CALLER,
     .sees_all = CRM_READERS, .shows = SHOWS_REVENUE, .media = "text/html",
     .summary = "A page that says what this is"},
};
const struct route_table crm_home_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "about",
                                            "For people"};

/*
 * shop/wallet.c: what buyers have earned by buying, each his own and nobody else's.
 */
#include "core/text.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { BONUS_HUNDREDTHS = 200 }; /* of a percent: two percent of what was bought */

static const struct reply_field wallet_fields[] = {
    REPLY_FIELD("username", REPLY_TEXT),
    REPLY_FIELD("balance", REPLY_MONEY),
    REPLY_FIELD("currency", REPLY_TEXT),
    REPLY_FIELD("order_count", REPLY_COUNT),
};
static const struct reply_shape WALLET_REPLY = REPLY_SHAPE("Wallet", wallet_fields);

static bool wallet_show(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *out = &rp->json;
    struct db_session *session = NULL;
    struct sql_wallet_row row;
    enum db_step step;

    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    step = sql_wallet(session, rq->ctx.caller.email, &row, err);
    db_checkin(session);
    if (step != DB_ROW) {
        return err_wrap(err, "sum orders up");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "username", rq->ctx.caller.username);
    json_put_money(out, "balance", money_percent(row.bought_cents, BONUS_HUNDREDTHS));
    json_put_text(out, "currency", "USD");
    json_put_int(out, "order_count", row.orders);
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/shop/wallet", wallet_show, ROLE_PEOPLE, .flags = ROUTE_RERUN_READS,
     .reply = &WALLET_REPLY, .summary = "What the caller has earned by buying"},
};

const struct route_table shop_wallet_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), "orders",
                                               "Orders"};

/*
 * shop/checkout.c: the two ways to buy: checkout of a cart, and POST /api/orders for signed-in
 * callers. Both place the order in one transaction and say that the CRM will hear of it; the buyer
 * never waits for the CRM.
 */
#include <inttypes.h>
#include <string.h>

#include "core/clock.h"
#include "core/rd.h"
#include "core/text.h"
#include "http/json_scan.h"
#include "service/audit.h"
#include "service/events.h"
#include "service/write.h"
#include "shop/cart_session.h"
#include "shop/order_link.h"
#include "shop/order_place.h"
#include "shop/stock_events.h"

#include "shop/shop_priv.h"

struct purchase {
    struct request *rq;
    struct reply *rp;
    const char *status; /* of the reply: "order_placed", "created" */
    struct cart_session cart;
    struct order_placement placement;
};

static const struct reply_field crm_push_reply_fields[] = {
    REPLY_FIELD("synced", REPLY_BOOL),
    REPLY_FIELD("queued", REPLY_BOOL),
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("reason", REPLY_TEXT | REPLY_NULLABLE),
};
static const struct reply_shape CRM_PUSH_REPLY = REPLY_SHAPE("CrmPush", crm_push_reply_fields);
static const struct reply_field purchase_reply_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("tracking_number", REPLY_TEXT),
    REPLY_FIELD("subtotal", REPLY_MONEY),
    REPLY_FIELD("discount", REPLY_MONEY),
    REPLY_FIELD("shipping_cost", REPLY_MONEY),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("session_id", REPLY_TEXT | REPLY_OPTIONAL),
    REPLY_FIELD("order_link", REPLY_TEXT),
    REPLY_PART("customer_sync", &CUSTOMER_SYNC_REPLY, 0),
    REPLY_PART("crm_sync", &CRM_PUSH_REPLY, 0),
};
static const struct reply_shape PURCHASE_REPLY = REPLY_SHAPE("Purchase", purchase_reply_fields);
static const struct reply_field checkout_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("order_placed"), 0),
};
static const struct reply_shape CHECKOUT_REPLY =
    REPLY_SHAPE_ON("CheckoutResponse", &PURCHASE_REPLY, checkout_reply_fields);
static const struct reply_field order_create_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
};
static const struct reply_shape ORDER_CREATE_REPLY =
    REPLY_SHAPE_ON("OrderCreated", &PURCHASE_REPLY, order_create_reply_fields);

static void put_purchase(const struct purchase *purchase)
{
    const struct shop *shop = shop_of(purchase->rq);
    const struct order_placement *placement = &purchase->placement;
    struct json_out *out = &purchase->rp->json;

    json_begin_object(out, NULL);
    json_put_text(out, "status", purchase->status);
    json_put_int(out, "order_id", placement->order_id);
    json_put_text(out, "tracking_number", placement->tracking_number);
    json_put_money(out, "subtotal", placement->price.subtotal_cents);
    json_put_money(out, "discount", placement->price.discount_cents);
    json_put_money(out, "shipping_cost", placement->price.shipping_cents);
    json_put_money(out, "total", placement->price.total_cents);
    shop_put_customer_sync(shop, out, "customer_sync");
    json_begin_object(out, "crm_sync");
    json_put_bool(out, "synced", false);
    json_put_bool(out, "queued", placement->is_pushed);
    json_put_int(out, "order_id", placement->order_id);
    json_put_text(out, "reason", placement->is_pushed ? NULL : "the CRM fetches orders by itself");
    json_end_object(out);
    json_end_object(out);
}

static const char *audit_details(const struct purchase *purchase)
{
    const struct order_placement *placement = &purchase->placement;
    struct buf text;
    struct json_out out;
    const char *details = NULL;

    buf_init(&text, 4096);
    json_out_init(&out, &text);
    json_begin_object(&out, NULL);
    json_put_text(&out, "source", placement->source);
    json_put_text(&out, "session_id", purchase->cart.mark);
    json_put_text(&out, "coupon", placement->coupon_code);
    json_put_money(&out, "total", placement->price.total_cents);
    json_end_object(&out);
    details = arena_dup(purchase->rq->ctx.arena, text.data, text.length);
    buf_fini(&text);
    return details;
}

static bool purchase_work(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct purchase *purchase = arg;

    if (!order_place(ctx, session, &purchase->placement, err)) {
        return false;
    }
    put_purchase(purchase);
    audit_note(purchase->rq, "order.created",
               arena_printf(ctx->arena, "order:%" PRId64, purchase->placement.order_id),
               audit_details(purchase));
    return true;
}

static const struct reply_field placed_event_fields[] = {
    REPLY_FIELD("order_id", REPLY_ID),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("units", REPLY_ID),
    REPLY_FIELD("source", REPLY_TEXT),
};
const struct event_shape SHOP_ORDER_PLACED =
    EVENT_SHAPE("placed", "OrderPlacedEvent", placed_event_fields);

static void tell_staff(const struct purchase *purchase, struct service *service)
{
    const struct order_placement *placement = &purchase->placement;
    struct event event;

    event_begin(&event, &purchase->rq->ctx);
    json_put_int(&event.json, "order_id", placement->order_id);
    json_put_money(&event.json, "total", placement->price.total_cents);
    json_put_int(&event.json, "units", placement->unit_count);
    json_put_text(&event.json, "source", placement->source);
    event_post(&event, service, EVENTS_ORDERS, &SHOP_ORDER_PLACED);
}

enum { DAY_S = 24 * 3600 };

/* Of a reply that may be that of an earlier request with the same key. */
static int64_t order_told(const struct reply *rp)
{
    struct json_scan scan = json_scan_of((struct json_piece){rp->body.data, rp->body.length});
    struct json_piece name;
    struct json_piece value;

    while (json_scan_next(&scan, &name, &value)) {
        if (json_piece_is(name, "order_id")) {
            struct rd digits = rd_of(value.text, value.length);

            return (int64_t)rd_decimal(&digits, INT64_MAX);
        }
    }
    return 0;
}

/* Puts the page of the order into the finished reply, with the key that opens it behind the '#',
 * which browsers send nobody. So what is kept under an Idempotency-Key holds no key of an order. */
static void tell_link(const struct shop *shop, struct reply *rp)
{
    const int64_t today = clock_utc_us() / 1000000 / DAY_S;
    const int64_t end_s = today * DAY_S + ORDER_LINK_LIFE_S; /* the same however often it is told */
    const int64_t order_id = order_told(rp);
    char key[ORDER_LINK_MAX];

    if (order_id > 0 && !rp->body.bad) {
        order_link_make(shop->service.internal_key, order_id, end_s, key);
        rp->body.length--; /* the brace that ends the object */
        buf_printf(&rp->body, ",\"order_link\":\"/shop/orders/OCTO-%06" PRId64 "#%s\"}", order_id,
                   key);
    }
}

/* Runs the transaction under its own span and tells the outbox and the counters. */
static bool buy(struct purchase *purchase, const char *span_name, struct err *err)
{
    struct request *rq = purchase->rq;
    struct shop *shop = shop_of(rq);
    struct order_placement *placement = &purchase->placement;
    struct span *span = span_begin(&rq->ctx, span_name, SPAN_INTERNAL);
    bool done = false;

    placement->is_pushed = shop->outbox != NULL;
    placement->is_paid_at_once = !settings_is_production(shop->service.settings);
    placement->session_id = purchase->cart.hash;
    cart_session_own_key(rq, &purchase->cart);
    done = service_write(rq, purchase->rp, shop->service.main_pool, purchase_work, purchase, err);
    if (done) {
        cart_session_tell(purchase->rp, &purchase->cart);
        tell_link(shop, purchase->rp);
    }
    if (done && !service_was_replayed(rq)) {
        counter_add(shop->orders_placed, 1);
        counter_add(shop->order_cents, (uint64_t)placement->price.total_cents);
        outbox_wake(shop->outbox);
        tell_staff(purchase, &shop->service);
        stock_tell(&shop->service, placement->product_ids, placement->product_count);
        span_int(span, "orders.order_id", placement->order_id);
        span_int(span, "orders.item_count", placement->unit_count);
        span_int(span, "orders.total_cents", placement->price.total_cents);
        span_text(span, "shop.coupon_code", placement->coupon_code);
        span_text(span, "shop.session_id", purchase->cart.mark);
    } else if (!done) {
        counter_add(shop->checkouts_failed, 1);
        span_fail(span, err);
    }
    span_end(&rq->ctx, span);
    return done;
}

static bool checkout(struct request *rq, struct reply *rp, struct err *err)
{
    const struct buyer *buyer = rq->body;
    struct purchase purchase = {
        .rq = rq,
        .rp = rp,
        .status = "order_placed",
        .placement = {.buyer = buyer, .source = "shop_checkout"},
    };

    return cart_session_of(rq, buyer->session_id, &purchase.cart, err) &&
           buy(&purchase, "shop.checkout", err);
}

/* The cart only when its session is named: a signed-in caller's cookie may be of another errand. */
static bool order_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct buyer *buyer = rq->body;
    struct purchase purchase = {
        .rq = rq,
        .rp = rp,
        .status = "created",
        .cart = cart_session_named(rq->ctx.arena, buyer->session_id),
        .placement = {.buyer = buyer, .source = "orders_api"},
    };

    if (rq->ctx.caller.role == ROLE_USER &&
        (rq->ctx.caller.email == NULL ||
         !text_equal_fold(buyer->customer_email, rq->ctx.caller.email))) {
        return err_field(err, ERR_INVALID, "/customer_email",
                         "you may order for yourself only: send your own address");
    }
    return buy(&purchase, "orders.create", err);
}

static const char BUYER_EXAMPLE[] =
    "{\"customer_name\":\"Ada "
    "Example\",\"customer_email\":\"ada@example.org\",\"shipping_address\":\"1 Example "
    "Street\",\"payment_method\":\"credit_card\",\"items\":[{\"product_id\":1,\"quantity\":2}]}";

/* Two long texts and a hundred lines, all written with escapes. */
enum { BUYER_BODY_MAX = 256 * 1024 };

static const struct route ROUTES[] = {
    {POST, "/api/shop/checkout", checkout, ANYONE, .flags = ROUTE_KNOWS_CALLER | ROUTE_TAKES_KEY,
     .cookie = &CART_COOKIE, .body = &CHECKOUT_REQUEST, .body_max = BUYER_BODY_MAX,
     .example = BUYER_EXAMPLE, .reply = &CHECKOUT_REPLY, .summary = "Place an order from the cart"},
    {POST, "/api/orders", order_create, ROLE_USER | ROLE_STAFF, .flags = ROUTE_TAKES_KEY,
     .body = &ORDER_CREATE, .body_max = BUYER_BODY_MAX, .example = BUYER_EXAMPLE,
     .reply = &ORDER_CREATE_REPLY, .summary = "Create an order from a cart or a list of lines"},
};

const struct route_table shop_checkout_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "checkout", "Buying"};

#include "crm/order_store.h"

#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "sql_crm.h"

#define US_PER_SECOND INT64_C(1000000)

enum {
    RETRY_FIRST_S = 15,
    RETRY_DOUBLINGS = 8, /* 15 s, 30 s ... a little over an hour */
    PLACEHOLDER_SKU_MAX = 16,
};

static bool differs(const char *given, const char *stored)
{
    return given != NULL && (stored == NULL || strcmp(given, stored) != 0);
}

static bool add_customer(struct ctx *ctx, struct db_session *db, const struct order_store *store,
                         int64_t *ret_id, struct err *err)
{
    const struct feed_order *order = store->order;
    const char *notes =
        arena_printf(ctx->arena, "Made by the order synchronisation with %s", store->source);
    const char *company = order->company != NULL ? order->company : store->source;
    struct sql_sync_customer_add_row added;

    if (sql_sync_customer_add(db, order->name, order->email, order->phone, company, notes, &added,
                              err) != DB_ROW) {
        return err_wrap(err, "add the customer");
    }
    *ret_id = added.id;
    return true;
}

/* What the portal's own people wrote stays unless the feed says something else itself. */
static bool put_customer(struct ctx *ctx, struct db_session *db, const struct order_store *store,
                         int64_t *ret_id, struct err *err)
{
    const struct feed_order *order = store->order;
    const char *name = order->is_name_given ? order->name : NULL;
    struct sql_sync_customer_by_email_row found;

    switch (sql_sync_customer_by_email(db, order->email, &found, err)) {
    case DB_FAILED:
        return err_wrap(err, "look up the customer");
    case DB_NO_ROW:
        return add_customer(ctx, db, store, ret_id, err);
    case DB_ROW:
        break;
    }
    *ret_id = found.id;
    if (differs(name, found.name) || differs(order->phone, found.phone) ||
        differs(order->company, found.company)) {
        return sql_sync_customer_change(db, found.id, name, order->phone, order->company, err) ||
               err_wrap(err, "update the customer");
    }
    return true;
}

static bool put_order(struct ctx *ctx, struct db_session *db, const struct order_store *store,
                      int64_t customer_id, int64_t *ret_id, struct err *err)
{
    const struct feed_order *order = store->order;
    struct sql_sync_order_put_row row;

    if (sql_sync_order_put(
            db, customer_id, order->total_cents, order->subtotal_cents, order->discount_cents,
            order->shipping_cents, order->status, order->payment_method, order->payment_status,
            order->currency, order->coupon_code, order->notes, order->shipping_address,
            order->created_us, store->source, order->source_order_id, order->email,
            order->backlog_status, order->payload, ctx->trace.trace_id, &row, err) != DB_ROW) {
        return err_wrap(err, "write the order");
    }
    *ret_id = row.id;
    return true;
}

static enum db_step find_product(struct db_session *db, const char *sku, int64_t *ret_id,
                                 struct err *err)
{
    struct sql_sync_product_by_sku_row found;
    enum db_step step = sql_sync_product_by_sku(db, sku, &found, err);

    if (step == DB_ROW) {
        *ret_id = found.id;
    }
    return step;
}

/* Makes the placeholder of a reference, unless an earlier order has done so. */
static bool find_placeholder(struct db_session *db, const struct feed_line *line, int64_t *ret_id,
                             struct err *err)
{
    const char *name = line->name != NULL ? line->name : line->reference;
    struct sql_sync_product_placeholder_row made;
    uint8_t digest[DIGEST_MD5_SIZE];
    char sku[PLACEHOLDER_SKU_MAX];
    enum db_step step;

    digest_md5(line->reference, strlen(line->reference), digest);
    (void)snprintf(sku, sizeof(sku), "SYNC-%02X%02X%02X%02X", digest[0], digest[1], digest[2],
                   digest[3]);
    step = find_product(db, sku, ret_id, err);
    if (step == DB_NO_ROW) {
        step = sql_sync_product_placeholder(db, name, sku, line->unit_price_cents, &made, err);
        if (step == DB_ROW) {
            *ret_id = made.id;
        }
    }
    return step == DB_ROW || err_wrap(err, "find a placeholder for product %s", line->reference);
}

bool order_store_product(struct db_session *db, const struct feed_line *line, int64_t *ret_id,
                         struct err *err)
{
    enum db_step step = line->sku != NULL ? find_product(db, line->sku, ret_id, err) : DB_NO_ROW;

    if (step == DB_NO_ROW) {
        return find_placeholder(db, line, ret_id, err);
    }
    return step == DB_ROW || err_wrap(err, "look up product %s", line->sku);
}

static bool put_lines(struct ctx *ctx, struct db_session *db, const struct feed_order *order,
                      int64_t order_id, bool is_new, struct err *err)
{
    struct sql_order_line_add_args *rows;

    if (!is_new && !sql_sync_lines_clear(db, order_id, err)) {
        return err_wrap(err, "clear the lines");
    }
    if (order->line_count == 0) {
        return true;
    }
    rows = arena_array(ctx->arena, order->line_count, sizeof(*rows));
    for (size_t i = 0; i < order->line_count; i++) {
        const struct feed_line *line = &order->lines[i];
        int64_t product_id = 0;

        if (!order_store_product(db, line, &product_id, err)) {
            return false;
        }
        rows[i] = sql_order_line_add_args(order_id, &product_id, line->sku, line->name,
                                          line->quantity, line->unit_price_cents);
    }
    return sql_order_line_add_batch(db, rows, order->line_count, NULL, err) ||
           err_wrap(err, "write the lines");
}

static bool put_shipment(struct db_session *db, const struct feed_order *order, int64_t order_id,
                         struct err *err)
{
    const struct feed_shipment *shipment = order->shipment;

    return shipment == NULL ||
           sql_sync_shipment_put(db, order_id, shipment->tracking_number, shipment->carrier,
                                 shipment->status, shipment->origin_region,
                                 shipment->destination_region, shipment->weight_hundredths,
                                 shipment->shipping_cost_cents, shipment->estimated_us,
                                 shipment->actual_us, shipment->created_us, err) ||
           err_wrap(err, "write the shipment");
}

/* An order that the shop pushed is there before its first synchronisation; in the audit trail it is
 * created by that one all the same. */
static bool find_outcome(struct db_session *db, const struct order_store *store, bool is_new,
                         enum store_outcome *ret, struct err *err)
{
    struct sql_sync_audit_success_row row;

    *ret = STORE_CREATED;
    if (!is_new) {
        enum db_step step =
            sql_sync_audit_success(db, store->source, store->order->source_order_id, &row, err);

        if (step == DB_FAILED) {
            return err_wrap(err, "read the audit trail");
        }
        *ret = step == DB_ROW ? STORE_UPDATED : STORE_CREATED;
    }
    return true;
}

static bool note_success(struct ctx *ctx, struct db_session *db, const struct order_store *store,
                         bool is_new, enum store_outcome *ret, struct err *err)
{
    const char *trace_id = ctx->trace.trace_id;
    const struct feed_order *order = store->order;
    const char *message = NULL;
    enum store_outcome outcome;

    if (!find_outcome(db, store, is_new, &outcome, err)) {
        return false;
    }
    if (order->is_total_suspicious) {
        message = "the declared total differs from the sum of the lines";
    }
    if (!sql_sync_audit_add(db, store->source, &order->source_order_id,
                            outcome == STORE_CREATED ? "created" : "updated", "success", message,
                            trace_id, trace_id, err) ||
        !sql_sync_failure_clear(db, store->source, order->source_order_id, err)) {
        return err_wrap(err, "write the audit trail");
    }
    *ret = outcome;
    return true;
}

bool order_store(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct order_store *store = arg;
    const struct feed_order *order = store->order;
    struct sql_sync_order_look_row stored = {0};
    enum db_step step = sql_sync_order_look(db, store->source, order->source_order_id,
                                            order->payload, &stored, err);
    int64_t customer_id = 0;
    int64_t order_id = 0;

    if (step == DB_FAILED) {
        return err_wrap(err, "look up the order");
    }
    if (step == DB_ROW && stored.is_unchanged != 0) {
        store->ret_outcome = STORE_UNCHANGED;
        store->ret_order_id = stored.id;
        return true;
    }
    if (!put_customer(ctx, db, store, &customer_id, err) ||
        !put_order(ctx, db, store, customer_id, &order_id, err) ||
        !put_lines(ctx, db, order, order_id, step == DB_NO_ROW, err) ||
        !put_shipment(db, order, order_id, err) ||
        !note_success(ctx, db, store, step == DB_NO_ROW, &store->ret_outcome, err)) {
        return false;
    }
    store->ret_order_id = order_id;
    return true;
}

/* Doubles the wait with each attempt, up to a limit. */
static int64_t retry_after_us(int64_t attempts)
{
    int64_t doublings = attempts - 1 < RETRY_DOUBLINGS ? attempts - 1 : RETRY_DOUBLINGS;

    return (RETRY_FIRST_S * US_PER_SECOND) << doublings;
}

static bool keep_failure(struct db_session *db, const struct order_failure *failure,
                         struct err *err)
{
    struct sql_sync_failure_attempts_row row = {0};

    if (sql_sync_failure_attempts(db, failure->source, failure->source_order_id, &row, err) ==
        DB_FAILED) {
        return err_wrap(err, "count the attempts");
    }
    return sql_sync_failure_put(db, failure->source, failure->source_order_id, row.attempts + 1,
                                db_now(db) + retry_after_us(row.attempts + 1), failure->message,
                                failure->payload, err) ||
           err_wrap(err, "keep the failed order");
}

bool order_store_failure(struct ctx *ctx, struct db_session *db,
                         const struct order_failure *failure, struct err *err)
{
    const char *trace_id = ctx->trace.trace_id;
    int64_t marked = 0;

    if (failure->source_order_id == 0) {
        return sql_sync_audit_add(db, failure->source, NULL, "skip", "invalid", failure->message,
                                  trace_id, trace_id, err) ||
               err_wrap(err, "note an order without a number");
    }
    if (!keep_failure(db, failure, err) ||
        !sql_sync_order_fail_count(db, failure->source, failure->source_order_id, failure->message,
                                   trace_id, &marked, err)) {
        return err_wrap(err, "mark the failed order");
    }
    return sql_sync_audit_add(db, failure->source, &failure->source_order_id,
                              marked > 0 ? "updated" : "created", "failed", failure->message,
                              trace_id, trace_id, err) ||
           err_wrap(err, "note the failed order");
}

#include "crm/order_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "crm/names.h"
#include "crm/order_products.h"
#include "http/json_out.h"
#include "sql_crm.h"

enum {
    RETRY_FIRST_S = 15,
    NUMBER_TEXT_MAX = 24, /* of a list, with its comma */
    ERROR_BYTES_MAX = 4000,
};

/* One batch on its way into the database. */
struct storing {
    struct ctx *ctx;
    struct db_session *session;
    const char *source;
    struct order_store **changed; /* the orders that are not stored as they are */
    size_t count;
    struct order_product *products; /* of all their lines */
    size_t product_count;
};

/* Rows of a table are locked as they are written, so whoever writes several does so in the order of
 * their keys: then two that want the same ones queue, and neither waits for the other. */
static int by_email(const void *a, const void *b)
{
    const struct order_store *left = *(struct order_store *const *)a;
    const struct order_store *right = *(struct order_store *const *)b;
    const int order = strcmp(left->order->email, right->order->email);

    /* The newest state of a customer with several orders is the last one of the batch. */
    return order != 0 ? order : (left > right) - (left < right);
}

static int by_number(const void *a, const void *b)
{
    const int64_t left = (*(struct order_store *const *)a)->order->source_order_id;
    const int64_t right = (*(struct order_store *const *)b)->order->source_order_id;

    return (left > right) - (left < right);
}

static int by_parcel(const void *a, const void *b)
{
    const struct order_store *left = *(struct order_store *const *)a;
    const struct order_store *right = *(struct order_store *const *)b;
    const int order =
        strcmp(left->order->shipment->tracking_number, right->order->shipment->tracking_number);

    return order != 0 ? order : (left > right) - (left < right);
}

/* "[17,16,15]": the numbers or ids of orders, as statements about several of them take them. */
typedef int64_t order_number(const struct order_store *store);

static const char *list_numbers(const struct storing *s, order_number *number)
{
    struct json_out out;
    struct buf list;
    const char *text;

    buf_init(&list, (s->count + 1) * NUMBER_TEXT_MAX);
    json_out_init(&out, &list);
    json_begin_list(&out, NULL);
    for (size_t i = 0; i < s->count; i++) {
        json_put_int(&out, NULL, number(s->changed[i]));
    }
    json_end_list(&out);
    text = arena_dup(s->ctx->arena, list.data, list.length);
    buf_fini(&list);
    return text;
}

static int64_t source_number(const struct order_store *store)
{
    return store->order->source_order_id;
}

static int64_t stored_id(const struct order_store *store)
{
    return store->ret_order_id;
}

/* --- what is there already --- */

static void take_stored(struct order_store *store, const struct sql_sync_orders_row *row)
{
    bool is_same = row->payload != NULL && strcmp(row->payload, store->order->payload) == 0;

    store->ret_order_id = row->id;
    store->ret_outcome = row->is_synced != 0 && is_same ? STORE_UNCHANGED : STORE_UPDATED;
}

/* Finds out what becomes of each order. Those that stay as they are leave the batch. */
static bool look_up_orders(struct storing *s, struct err *err)
{
    const char *numbers = list_numbers(s, source_number);
    struct sql_sync_orders_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;
    size_t left = 0;

    for (size_t i = 0; i < s->count; i++) {
        s->changed[i]->ret_outcome = STORE_CREATED;
    }
    if (!sql_sync_orders_open(s->session, s->source, numbers, &cursor, err)) {
        return err_wrap(err, "look up the orders");
    }
    while ((step = sql_sync_orders_next(cursor, &row, err)) == DB_ROW) {
        take_stored(s->changed[row.position], &row);
    }
    db_cursor_close(cursor);
    for (size_t i = 0; i < s->count; i++) {
        if (s->changed[i]->ret_outcome != STORE_UNCHANGED) {
            s->changed[left++] = s->changed[i];
        }
    }
    s->count = left;
    return step == DB_NO_ROW || err_wrap(err, "look up the orders");
}

/* --- customers --- */

static bool look_up_customers(struct storing *s, struct names *emails, struct err *err)
{
    const char *list = names_ask(emails);
    struct sql_sync_customers_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (list == NULL) {
        return true;
    }
    if (!sql_sync_customers_open(s->session, list, &cursor, err)) {
        return err_wrap(err, "look up the customers");
    }
    while ((step = sql_sync_customers_next(cursor, &row, err)) == DB_ROW) {
        names_answer(emails, row.position, row.id);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW || err_wrap(err, "look up the customers");
}

static bool add_customer(struct storing *s, const struct feed_order *order, struct err *err)
{
    const char *notes =
        arena_printf(s->ctx->arena, "Made by the order synchronisation with %s", s->source);
    const char *company = order->company != NULL ? order->company : s->source;

    return sql_sync_customer_add(s->session, order->name, order->email, order->phone, company,
                                 notes, err) ||
           err_wrap(err, "add the customer");
}

/* What the portal's own people wrote stays unless the feed says something else itself. */
static bool change_customer(struct storing *s, const struct feed_order *order, struct err *err)
{
    const char *name = order->is_name_given ? order->name : NULL;

    return (name == NULL && order->phone == NULL && order->company == NULL) ||
           sql_sync_customer_change(s->session, order->email, name, order->phone, order->company,
                                    err) ||
           err_wrap(err, "update the customer");
}

/* A customer with several orders in the batch is added by the first and changed by the others. */
static bool put_customers(struct storing *s, struct names *emails, struct err *err)
{
    names_init(emails, s->ctx->arena, s->count);
    for (size_t i = 0; i < s->count; i++) {
        names_add(emails, s->changed[i]->order->email);
    }
    names_seal(emails);
    if (!look_up_customers(s, emails, err)) {
        return false;
    }
    qsort(s->changed, s->count, sizeof(struct order_store *), by_email);
    for (size_t i = 0; i < s->count; i++) {
        const struct feed_order *order = s->changed[i]->order;

        if ((names_find(emails, order->email)->id == 0 && !add_customer(s, order, err)) ||
            !change_customer(s, order, err)) {
            return false;
        }
    }
    return look_up_customers(s, emails, err);
}

/* --- products --- */

/* Those of all lines, in the order of the orders. */
static bool find_products(struct storing *s, struct err *err)
{
    size_t at = 0;

    for (size_t i = 0; i < s->count; i++) {
        s->product_count += s->changed[i]->order->line_count;
    }
    if (s->product_count == 0) {
        return true;
    }
    s->products = arena_array(s->ctx->arena, s->product_count, sizeof(*s->products));
    for (size_t i = 0; i < s->count; i++) {
        for (size_t j = 0; j < s->changed[i]->order->line_count; j++) {
            s->products[at++].line = &s->changed[i]->order->lines[j];
        }
    }
    return order_products_find(s->ctx, s->session, s->products, s->product_count, err);
}

/* --- orders --- */

static struct sql_sync_order_put_args
order_args(const struct storing *s, const struct feed_order *order, int64_t customer_id)
{
    return sql_sync_order_put_args(
        customer_id, order->total_cents, order->subtotal_cents, order->discount_cents,
        order->shipping_cents, order->status, order->payment_method, order->payment_status,
        order->currency, order->coupon_code, order->notes, order->shipping_address,
        order->created_us, s->source, order->source_order_id, order->email, order->backlog_status,
        order->payload, order->correlation_id, s->ctx->trace.trace_id);
}

/* Takes the row of an order that has been written; orders are in the order of their numbers. */
static void take_written(struct storing *s, const struct sql_sync_order_put_row *row)
{
    const struct feed_order wanted = {.source_order_id = row->source_order_id};
    const struct order_store sought = {.order = &wanted};
    const struct order_store *key = &sought;
    struct order_store **found =
        bsearch(&key, s->changed, s->count, sizeof(struct order_store *), by_number);

    if (found != NULL) {
        (*found)->ret_order_id = row->id;
        (*found)->ret_outcome = row->was_there != 0 ? STORE_UPDATED : (*found)->ret_outcome;
    }
}

static bool write_orders(struct storing *s, const struct names *emails, struct err *err)
{
    struct sql_sync_order_put_args *sets = arena_array(s->ctx->arena, s->count, sizeof(*sets));
    struct sql_sync_order_put_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    for (size_t i = 0; i < s->count; i++) {
        const struct feed_order *order = s->changed[i]->order;

        sets[i] = order_args(s, order, names_find(emails, order->email)->id);
    }
    if (!sql_sync_order_put_open_batch(s->session, sets, s->count, &cursor, err)) {
        return err_wrap(err, "write the orders");
    }
    while ((step = sql_sync_order_put_next(cursor, &row, err)) == DB_ROW) {
        take_written(s, &row);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW || err_wrap(err, "write the orders");
}

/* Orders get their ids, and lose the lines that they had: even one that was not there a moment ago
 * may have been pushed meanwhile. */
static bool put_orders(struct storing *s, const struct names *emails, struct err *err)
{
    const char *numbers = list_numbers(s, source_number);

    return write_orders(s, emails, err) &&
           ((sql_sync_lines_clear(s->session, list_numbers(s, stored_id), err) &&
             sql_sync_failures_clear(s->session, s->source, numbers, err)) ||
            err_wrap(err, "clear what earlier runs left"));
}

/* --- lines, shipments, audit trail --- */

static bool put_lines(struct storing *s, struct err *err)
{
    struct sql_order_line_add_args *rows;
    size_t at = 0;

    if (s->product_count == 0) {
        return true;
    }
    rows = arena_array(s->ctx->arena, s->product_count, sizeof(*rows));
    for (size_t i = 0; i < s->count; i++) {
        for (size_t j = 0; j < s->changed[i]->order->line_count; j++, at++) {
            const struct order_product *product = &s->products[at];
            const struct feed_line *line = product->line;

            rows[at] =
                sql_order_line_add_args(s->changed[i]->ret_order_id, &product->ret_id, line->sku,
                                        line->name, line->quantity, line->unit_price_cents);
        }
    }
    return sql_order_line_add_batch(s->session, rows, s->product_count, NULL, err) ||
           err_wrap(err, "write the lines");
}

static bool put_shipment(struct storing *s, const struct order_store *store, struct err *err)
{
    const struct feed_shipment *shipment = store->order->shipment;

    return sql_sync_shipment_put(s->session, store->ret_order_id, shipment->tracking_number,
                                 shipment->carrier, shipment->status, shipment->origin_region,
                                 shipment->destination_region, shipment->weight_hundredths,
                                 shipment->shipping_cost_cents, shipment->estimated_us,
                                 shipment->actual_us, shipment->created_us, err) ||
           err_wrap(err, "write the shipment");
}

static bool put_shipments(struct storing *s, struct err *err)
{
    struct order_store **sent = arena_array(s->ctx->arena, s->count, sizeof(struct order_store *));
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        if (s->changed[i]->order->shipment != NULL) {
            sent[count++] = s->changed[i];
        }
    }
    qsort(sent, count, sizeof(struct order_store *), by_parcel);
    for (size_t i = 0; i < count; i++) {
        if (!put_shipment(s, sent[i], err)) {
            return false;
        }
    }
    return true;
}

static bool note_success(struct storing *s, const struct order_store *store, struct err *err)
{
    const char *trace_id = s->ctx->trace.trace_id;
    const struct feed_order *order = store->order;
    const char *message =
        order->is_total_suspicious ? "the declared total differs from the sum of the lines" : NULL;

    return sql_sync_audit_add(s->session, s->source, &order->source_order_id,
                              store->ret_outcome == STORE_CREATED ? "created" : "updated",
                              "success", message, trace_id, trace_id, err) ||
           err_wrap(err, "write the audit trail");
}

static bool note_successes(struct storing *s, struct err *err)
{
    for (size_t i = 0; i < s->count; i++) {
        if (!note_success(s, s->changed[i], err)) {
            return false;
        }
    }
    return true;
}

/* Tables are written in the order in which POST /api/orders writes them too: customers, products,
 * orders. */
static bool store_changed(struct storing *s, struct err *err)
{
    struct names emails;

    if (!put_customers(s, &emails, err)) {
        return false;
    }
    qsort(s->changed, s->count, sizeof(struct order_store *), by_number);
    return find_products(s, err) && put_orders(s, &emails, err) && put_lines(s, err) &&
           put_shipments(s, err) && note_successes(s, err);
}

bool order_store(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct order_batch *batch = arg;
    struct storing s = {
        .ctx = ctx, .session = session, .source = batch->source, .count = batch->count};

    s.changed = arena_array(ctx->arena, batch->count, sizeof(struct order_store *));
    for (size_t i = 0; i < batch->count; i++) {
        s.changed[i] = &batch->orders[i];
    }
    return look_up_orders(&s, err) && (s.count == 0 || store_changed(&s, err));
}

/* --- failures --- */

/* Doubles the wait with each attempt, up to a limit. */
static int64_t retry_after_s(int64_t attempts)
{
    int64_t pause_s = RETRY_FIRST_S;

    while (--attempts > 0 && pause_s < ORDER_RETRY_LONGEST_S) {
        pause_s *= 2;
    }
    return pause_s;
}

static bool keep_failure(struct db_session *session, const struct order_failure *failure,
                         struct err *err)
{
    struct sql_sync_failure_attempts_row row = {0};

    if (sql_sync_failure_attempts(session, failure->source, failure->source_order_id, &row, err) ==
        DB_FAILED) {
        return err_wrap(err, "count the attempts");
    }
    return sql_sync_failure_put(session, failure->source, failure->source_order_id,
                                row.attempts + 1, retry_after_s(row.attempts + 1), failure->message,
                                failure->payload, err) ||
           err_wrap(err, "keep the failed order");
}

bool order_store_failure(struct ctx *ctx, struct db_session *session,
                         const struct order_failure *failure, struct err *err)
{
    const char *trace_id = ctx->trace.trace_id;
    const char *message = failure->message;
    const char *shown =
        arena_dup(ctx->arena, message, utf8_cut(message, strlen(message), ERROR_BYTES_MAX));
    int64_t marked = 0;

    if (failure->source_order_id == 0) {
        return sql_sync_audit_add(session, failure->source, NULL, "skip", "invalid",
                                  failure->message, trace_id, trace_id, err) ||
               err_wrap(err, "note an order without a number");
    }
    if (!keep_failure(session, failure, err) ||
        !sql_sync_order_fail_count(session, failure->source, failure->source_order_id, shown,
                                   &marked, err)) {
        return err_wrap(err, "mark the failed order");
    }
    return sql_sync_audit_add(session, failure->source, &failure->source_order_id,
                              marked > 0 ? "updated" : "created", "failed", failure->message,
                              trace_id, trace_id, err) ||
           err_wrap(err, "note the failed order");
}

#include "crm/product_outbox.h"

#include <string.h>

#include "core/digest.h"
#include "core/text.h"
#include "http/json_in.h"

#define TABLE "product_outbox"

enum { REQUEST_MAX = 64 * 1024, ANSWER_MAX = 64 * 1024 };

/* --- what is noted --- */

static bool is_published(const struct sql_product_row *product)
{
    return product != NULL &&
           (product->category == NULL || strcmp(product->category, "External Sync") != 0);
}

static bool put_row(struct ctx *ctx, struct db_session *session,
                    const struct sql_product_row *product, struct err *err)
{
    struct span *span = outbox_span(ctx, TABLE);
    const bool ok = sql_product_outbox_put(session, product->sku, product->name,
                                           product->price_cents, outbox_payload(ctx), err);

    if (!ok) {
        span_fail(span, err);
    }
    span_end(ctx, span);
    return ok || err_wrap(err, "note the product for the shop");
}

bool product_outbox_note(struct ctx *ctx, struct db_session *session, const struct outbox *outbox,
                         const struct sql_product_row *before, const struct sql_product_row *after,
                         struct err *err)
{
    const bool is_told = is_published(after);
    const bool is_gone = is_published(before) && !(is_told && strcmp(before->sku, after->sku) == 0);

    return outbox == NULL || ((!is_told || put_row(ctx, session, after, err)) &&
                              (!is_gone || put_row(ctx, session, before, err)));
}

static bool look(struct db_session *session, int64_t longest_s, bool *ret_is_due,
                 bool *ret_is_ahead, struct err *err)
{
    struct sql_product_outbox_look_row row;

    if (sql_product_outbox_look(session, longest_s, &row, err) != DB_ROW) {
        return false;
    }
    *ret_is_due = row.is_due;
    *ret_is_ahead = row.is_ahead;
    return true;
}

static bool claim(struct ctx *ctx, struct db_session *session, int64_t lease_s,
                  struct outbox_batch *batch, struct err *err)
{
    struct db_cursor *cursor = NULL;
    struct sql_product_outbox_claim_row row;
    enum db_step step = DB_FAILED;

    if (!sql_product_outbox_claim_open(session, lease_s, OUTBOX_BATCH_MAX, &cursor, err)) {
        return false;
    }
    while ((step = sql_product_outbox_claim_next(cursor, &row, err)) == DB_ROW) {
        if (batch->count < OUTBOX_BATCH_MAX) {
            batch->parcels[batch->count++] =
                (struct outbox_parcel){.key = arena_strdup(ctx->arena, row.sku),
                                       .number = row.change_number,
                                       .attempts = row.attempts,
                                       .payload = arena_strdup(ctx->arena, row.payload)};
        }
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool settle(struct ctx *ctx, struct db_session *session, const struct outbox_batch *batch,
                   struct err *err)
{
    struct sql_product_outbox_settle_args *rows =
        arena_array(ctx->arena, batch->count, sizeof(*rows));

    for (size_t i = 0; i < batch->count; i++) {
        const struct outbox_parcel *parcel = &batch->parcels[i];

        rows[i] = sql_product_outbox_settle_args(parcel->key, parcel->number, parcel->failure,
                                                 outbox_backoff_s(parcel->attempts));
    }
    return sql_product_outbox_settle_batch(session, rows, batch->count, NULL, err);
}

/* --- what is told --- */

void put_published_product(struct json_out *out, const struct sql_published_product_row *row)
{
    json_begin_object(out, NULL);
    json_put_text(out, "name", row->name);
    json_put_text(out, "sku", row->sku);
    json_put_money(out, "price", row->price_cents);
    json_put_int(out, "stock", row->stock);
    json_put_int(out, "is_active", row->is_active);
    if (row->description != NULL) {
        json_put_text(out, "description", row->description);
    }
    if (row->category != NULL) {
        json_put_text(out, "category", row->category);
    }
    if (row->image_url != NULL) {
        json_put_text(out, "image_url", row->image_url);
    }
    json_put_int(out, "change_number", row->change_number);
    json_end_object(out);
}

struct telling {
    const struct outbox_parcel *parcel;
    const char *source;
    struct json_out *out;
};

static void begin_telling(const struct telling *telling, const char *action)
{
    json_begin_object(telling->out, NULL);
    json_put_text(telling->out, "action", action);
    json_put_text(telling->out, "source", telling->source);
    json_begin_list(telling->out, "products");
}

static void end_telling(const struct telling *telling)
{
    json_end_list(telling->out);
    json_end_object(telling->out);
}

/* That it is gone. Its number is that of the change that is told of, also where it went with a
 * later one: that one is told of too, and what made the article number anew has a higher one. */
static bool put_gone(const struct telling *telling, struct db_session *session, struct err *err)
{
    struct sql_product_outbox_called_row row;

    if (sql_product_outbox_called(session, telling->parcel->key, &row, err) != DB_ROW) {
        return false;
    }
    begin_telling(telling, "deactivate");
    json_begin_object(telling->out, NULL);
    json_put_text(telling->out, "name", row.name);
    json_put_text(telling->out, "sku", telling->parcel->key);
    json_put_money(telling->out, "price", row.price_cents);
    json_put_int(telling->out, "change_number", telling->parcel->number);
    json_end_object(telling->out);
    end_telling(telling);
    return true;
}

static bool put_telling(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct telling *telling = arg;
    struct sql_published_product_row row;
    const enum db_step step = sql_product_to_publish(session, telling->parcel->key, &row, err);

    (void)ctx;
    buf_clear(telling->out->buf);
    json_out_init(telling->out, telling->out->buf);
    if (step == DB_NO_ROW) {
        return put_gone(telling, session, err);
    }
    if (step == DB_ROW) {
        begin_telling(telling, "upsert");
        put_published_product(telling->out, &row);
        end_telling(telling);
    }
    return step == DB_ROW;
}

/* The shop's own words, where it refuses. */
static bool refused(const struct http_answer *answer, struct err *err)
{
    struct err unread = {0};
    struct json *body = NULL;
    const char *detail;

    if (!json_parse(answer->body.data != NULL ? answer->body.data : "", answer->body.length, &body,
                    &unread)) {
        return err_set(err, ERR_PEER, "the shop answered %d", answer->status);
    }
    detail = json_text(json_get(body, "detail"));
    (void)err_set(err, ERR_PEER, "the shop answered %d%s%s", answer->status,
                  detail != NULL ? ": " : "", detail != NULL ? detail : "");
    json_free(body);
    return false;
}

/* The key is made of what is said: the same thing is taken once, however often it is said. */
static bool tell(struct ctx *ctx, struct service *service, const struct buf *body, struct err *err)
{
    char key[DIGEST_SHA256_HEX_MAX];
    const struct http_call call = {.method = "POST",
                                   .path = "/api/integrations/crm/catalog-sync",
                                   .body = body->data,
                                   .body_length = body->length,
                                   .idempotency_key = key,
                                   .body_max = ANSWER_MAX};
    struct http_answer answer = {.status = 0};
    bool ok;

    digest_sha256_hex(body->data, body->length, key);
    ok = http_client_call(ctx, service->peer, &call, &answer, err) &&
         (answer.status == 200 || refused(&answer, err));
    buf_fini(&answer.body);
    return ok;
}

static bool hand_over(struct ctx *ctx, struct service *service, const struct outbox_parcel *parcel,
                      struct span *span, struct err *err)
{
    struct json_out out;
    struct buf body;
    struct telling telling = {.parcel = parcel, .source = service->traits->module, .out = &out};
    bool ok;

    span_text(span, "product.sku", parcel->key);
    span_int(span, "product.change_number", parcel->number);
    buf_init(&body, REQUEST_MAX);
    json_out_init(&out, &body);
    ok = (db_read(ctx, service->events_pool, put_telling, &telling, err) &&
          tell(ctx, service, &body, err)) ||
         err_wrap(err, "tell the shop of product %s", parcel->key);
    buf_fini(&body);
    return ok;
}

const struct outbox_kind CRM_PRODUCT_OUTBOX = {
    .thread = "outbox",
    .action = "BG outbox",
    .table = TABLE,
    .span = "catalog.sync.shop",
    .count = "outbox.products",
    .not_given = "product not told to the shop",
    .look = look,
    .call_back = sql_product_outbox_call_back,
    .claim = claim,
    .settle = settle,
    .hand_over = hand_over,
};

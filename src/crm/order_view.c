#include "crm/order_view.h"

#include "service/picture.h"
#include "service/shipment.h"
#include "sql_crm.h"

#include "crm/crm_priv.h"

static const struct reply_field brief_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("customer_email", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("total", REPLY_MONEY),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("source_system", REPLY_TEXT),
    REPLY_FIELD("source_order_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("sync_status", REPLY_TEXT),
    REPLY_WORD("backlog_status", REPLY_WORDS("backlog", "current"), 0),
    REPLY_FIELD("correlation_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("last_synced_at", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
const struct reply_shape ORDER_BRIEF_REPLY = REPLY_SHAPE("CrmOrder", brief_fields);

void put_order_brief(struct json_out *out, const struct sql_order_brief_row *order)
{
    json_put_int(out, "id", order->id);
    json_put_id(out, "customer_id", order->customer_id_is_null, order->customer_id);
    json_put_text(out, "customer_name", order->customer_name);
    json_put_text(out, "customer_email", order->customer_email);
    json_put_money(out, "total", order->total_cents);
    json_put_text(out, "status", order->status);
    json_put_text(out, "source_system", order->source_system);
    json_put_id(out, "source_order_id", order->source_order_id_is_null, order->source_order_id);
    json_put_text(out, "sync_status", order->sync_status);
    json_put_text(out, "backlog_status", order->backlog_status);
    json_put_text(out, "correlation_id", order->correlation_id);
    json_put_time_or_null(out, "last_synced_at", order->last_synced_at_us_is_null,
                          order->last_synced_at_us);
    json_put_time(out, "created_at", order->created_at_us);
}

bool no_order(struct err *err, int64_t id)
{
    return err_set(err, ERR_NOT_FOUND, "there is no order %lld; GET /api/orders lists them",
                   (long long)id);
}

/* Everything of one order, read in one snapshot. */
struct order_detail {
    int64_t id;
    enum db_step found;
    struct sql_order_by_id_row order;
    struct line {
        struct line *next;
        struct sql_order_lines_row row;
        const char *picture;
    } * lines;
    bool has_shipment;
    struct sql_order_shipment_row shipment;
};

static bool load_lines(struct ctx *ctx, struct db_session *session, struct order_detail *detail,
                       struct err *err)
{
    struct line **end = &detail->lines;
    struct sql_order_lines_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (!sql_order_lines_open(session, detail->id, &cursor, err)) {
        return false;
    }
    while ((step = sql_order_lines_next(cursor, &row, err)) == DB_ROW) {
        *end = arena_alloc(ctx->arena, sizeof(**end));
        (*end)->row = row;
        (*end)->row.product_name = arena_strdup(ctx->arena, row.product_name);
        (*end)->row.sku = arena_strdup(ctx->arena, row.sku);
        (*end)->picture =
            picture_of(ctx->arena, NULL, row.sku != NULL ? row.sku : "", row.category);
        end = &(*end)->next;
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

static bool load_detail(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct order_detail *detail = arg;
    enum db_step step;

    detail->lines = NULL;
    detail->found = sql_order_by_id(session, detail->id, &detail->order, err);
    if (detail->found != DB_ROW) {
        return detail->found == DB_NO_ROW;
    }
    if (!load_lines(ctx, session, detail, err)) {
        return false;
    }
    step = sql_order_shipment(session, detail->id, &detail->shipment, err);
    detail->has_shipment = step == DB_ROW;
    return step != DB_FAILED;
}

static const struct reply_field line_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("product_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("product_name", REPLY_TEXT),
    REPLY_FIELD("sku", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("image_url", REPLY_TEXT), /* a drawing of ours: pages show no others */
    REPLY_FIELD("quantity", REPLY_ID),
    REPLY_FIELD("unit_price", REPLY_MONEY),
    REPLY_FIELD("line_total", REPLY_MONEY),
};
static const struct reply_shape LINE_REPLY = REPLY_SHAPE("CrmOrderLine", line_reply_fields);

static void put_lines(struct json_out *out, const struct order_detail *detail)
{
    json_begin_list(out, "items");
    for (const struct line *line = detail->lines; line != NULL; line = line->next) {
        const struct sql_order_lines_row *row = &line->row;

        json_begin_object(out, NULL);
        json_put_int(out, "id", row->id);
        json_put_id(out, "product_id", row->product_id_is_null, row->product_id);
        json_put_text(out, "product_name", row->product_name != NULL ? row->product_name : "");
        json_put_text(out, "sku", row->sku);
        json_put_text(out, "image_url", line->picture);
        json_put_int(out, "quantity", row->quantity);
        json_put_money(out, "unit_price", row->unit_price_cents);
        json_put_money(out, "line_total", row->quantity * row->unit_price_cents);
        json_end_object(out);
    }
    json_end_list(out);
}

static void put_shipment(struct json_out *out, const struct order_detail *detail)
{
    const struct sql_order_shipment_row *row = &detail->shipment;
    const struct shipment shipment = {
        .id = row->id,
        .tracking_number = row->tracking_number,
        .carrier = row->carrier,
        .status = row->status,
        .origin_region = row->origin_region,
        .destination_region = row->destination_region,
        .weight_kg_cents = row->weight_kg_cents,
        .cost_cents = row->shipping_cost_cents,
        .estimated_delivery_us =
            row->estimated_delivery_us_is_null ? NULL : &row->estimated_delivery_us,
        .actual_delivery_us = row->actual_delivery_us_is_null ? NULL : &row->actual_delivery_us,
        .created_at_us = row->created_at_us,
    };

    shipment_put(out, detail->has_shipment ? &shipment : NULL);
}

static const struct reply_field drilldown_reply_fields[] = {
    REPLY_FIELD("database_target", REPLY_TEXT),
    REPLY_FIELD("atp_ocid", REPLY_NOTHING),
    REPLY_FIELD("atp_connection_name", REPLY_NOTHING),
    REPLY_FIELD("db_query_preview", REPLY_TEXT),
    REPLY_FIELD("sql_ids", REPLY_TEXT | REPLY_LIST),
    REPLY_FIELD("db_management_console_url", REPLY_NOTHING),
    REPLY_FIELD("opsi_console_url", REPLY_NOTHING),
};
static const struct reply_shape DRILLDOWN_REPLY =
    REPLY_SHAPE("DbDrilldown", drilldown_reply_fields);

/* Where to look in the database for what this page cost: the statements that made it. */
static void put_drilldown(struct request *rq, struct json_out *out)
{
    static const struct db_statement *const statements[] = {
        &sql_crm__order_by_id, &sql_crm__order_lines, &sql_crm__order_shipment};
    const struct db *db = service_of(rq)->db;
    enum db_dialect dialect = db_dialect(db);

    json_begin_object(out, "db_drilldown");
    json_put_text(out, "database_target", db_target(db));
    json_put_null(out, "atp_ocid");
    json_put_null(out, "atp_connection_name");
    json_put_text(out, "db_query_preview", statements[0]->variants[dialect].text);
    json_begin_list(out, "sql_ids");
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        json_put_text(out, NULL, statements[i]->variants[dialect].sql_id);
    }
    json_end_list(out);
    json_put_null(out, "db_management_console_url");
    json_put_null(out, "opsi_console_url");
    json_end_object(out);
}

static const struct reply_field telemetry_reply_fields[] = {
    REPLY_FIELD("correlation_id", REPLY_TEXT),
    REPLY_FIELD("trace_id", REPLY_TRACE_ID),
    REPLY_FIELD("span_id", REPLY_TEXT),
    REPLY_FIELD("traceparent", REPLY_TEXT),
    REPLY_FIELD("apm_console_url", REPLY_NOTHING),
    REPLY_FIELD("log_analytics_console_url", REPLY_NOTHING),
};
static const struct reply_shape TELEMETRY_REPLY = REPLY_SHAPE("Telemetry", telemetry_reply_fields);

static void put_telemetry(struct request *rq, struct json_out *out)
{
    const struct ctx *ctx = &rq->ctx;
    char traceparent[TRACEPARENT_MAX];

    w3c_format_traceparent(&ctx->trace, traceparent);
    json_begin_object(out, "telemetry");
    json_put_text(out, "correlation_id",
                  ctx->correlation_id != NULL ? ctx->correlation_id : ctx->trace.trace_id);
    json_put_text(out, "trace_id", ctx->trace.trace_id);
    json_put_text(out, "span_id", ctx->trace.span_id);
    json_put_text(out, "traceparent", traceparent);
    json_put_null(out, "apm_console_url");
    json_put_null(out, "log_analytics_console_url");
    json_end_object(out);
}

static const struct reply_field order_reply_fields[] = {
    REPLY_FIELD("notes", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("shipping_address", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("sync_error", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("source_payload", REPLY_TEXT | REPLY_NULLABLE), /* JSON, in a text */
    REPLY_PART("items", &LINE_REPLY, REPLY_LIST),
    REPLY_PART("shipment", &SHIPMENT_REPLY, REPLY_NULLABLE),
    REPLY_PART("db_drilldown", &DRILLDOWN_REPLY, 0),
    REPLY_PART("telemetry", &TELEMETRY_REPLY, 0),
};
static const struct reply_shape ORDER_REPLY =
    REPLY_SHAPE_ON("CrmOrderDetail", &ORDER_BRIEF_REPLY, order_reply_fields);
static const struct reply_field order_show_fields[] = {
    REPLY_PART("order", &ORDER_REPLY, 0),
};
const struct reply_shape ORDER_SHOW_REPLY = REPLY_SHAPE("CrmOrderEnvelope", order_show_fields);

bool orders_get(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    struct order_detail detail = {.id = given->id, .found = DB_NO_ROW};
    struct json_out *out = &rp->json;

    if (!db_read(&rq->ctx, service_of(rq)->main_pool, load_detail, &detail, err)) {
        return err_wrap(err, "read order %lld", (long long)detail.id);
    }
    if (detail.found == DB_NO_ROW) {
        return no_order(err, detail.id);
    }
    json_begin_object(out, NULL);
    json_begin_object(out, "order");
    put_order_brief(out, &detail.order.order_brief);
    json_put_text(out, "notes", detail.order.notes);
    json_put_text(out, "shipping_address", detail.order.shipping_address);
    json_put_text(out, "sync_error", detail.order.sync_error);
    json_put_text(out, "source_payload", detail.order.source_payload);
    put_lines(out, &detail);
    put_shipment(out, &detail);
    put_drilldown(rq, out);
    put_telemetry(rq, out);
    json_end_object(out);
    json_end_object(out);
    return true;
}

/*
 * console/retention.c: what is kept of whom and since when, and what went for want of room, of
 * store/retention.h.
 */
#include "console/console_priv.h"

enum { US_PER_S = 1000000 };

static const struct reply_field sender_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("since", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("spans", REPLY_COUNT),
    REPLY_FIELD("log_records", REPLY_COUNT),
    REPLY_FIELD("bytes", REPLY_COUNT),
    REPLY_FIELD("dropped_spans", REPLY_COUNT),
    REPLY_FIELD("dropped_log_records", REPLY_COUNT),
    REPLY_FIELD("dropped_bytes", REPLY_COUNT),
    REPLY_FIELD("dropped_until", REPLY_TIME | REPLY_NULLABLE),
};
static const struct reply_shape SENDER = REPLY_SHAPE("RetentionOfSender", sender_fields);
static const struct reply_field retention_fields[] = {
    REPLY_FIELD("keep_days", REPLY_COUNT),      REPLY_FIELD("keep_bytes", REPLY_COUNT),
    REPLY_FIELD("bytes", REPLY_COUNT),          REPLY_FIELD("since", REPLY_TIME | REPLY_NULLABLE),
    REPLY_PART("senders", &SENDER, REPLY_LIST),
};
static const struct reply_shape RETENTION = REPLY_SHAPE("Retention", retention_fields);

/* When the hour begins; null where there is none. */
static void put_hour(struct json_out *json, const char *name, int64_t hour, bool is_there)
{
    json_put_time_or_null(json, name, !is_there, hour * SEGMENTS_HOUR_S * US_PER_S);
}

static void put_sender(struct json_out *json, const struct retention_sender *sender)
{
    json_begin_object(json, NULL);
    json_put_text(json, "service", sender->service);
    put_hour(json, "since", sender->since_hour, sender->bytes > 0);
    json_put_int(json, "spans", sender->spans);
    json_put_int(json, "log_records", sender->log_records);
    json_put_int(json, "bytes", sender->bytes);
    json_put_int(json, "dropped_spans", sender->dropped_spans);
    json_put_int(json, "dropped_log_records", sender->dropped_log_records);
    json_put_int(json, "dropped_bytes", sender->dropped_bytes);
    put_hour(json, "dropped_until", sender->dropped_hour + 1, sender->dropped_bytes > 0);
    json_end_object(json);
}

static bool show_retention(struct request *rq, struct reply *rp, struct err *err)
{
    struct json_out *json = &rp->json;
    struct retention_view view;

    if (!retention_tell(&rq->ctx, console_of(rq)->retention, &view, err)) {
        return false;
    }
    json_begin_object(json, NULL);
    json_put_int(json, "keep_days", view.keep_days);
    json_put_int(json, "keep_bytes", view.keep_bytes);
    json_put_int(json, "bytes", view.bytes);
    put_hour(json, "since", view.since_hour, view.bytes > 0);
    json_begin_list(json, "senders");
    for (size_t i = 0; i < view.count; i++) {
        put_sender(json, &view.senders[i]);
    }
    json_end_list(json);
    json_end_object(json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/retention", show_retention, CONSOLE_READERS, .flags = ROUTE_NOT_AUDITED,
     .shows = CONSOLE_SHOWS, .reply = &RETENTION,
     .summary = "What is kept of each service's spans and log records since when, and what was "
                "removed for want of room"},
};
const struct route_table console_retention_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                     "retention", "What is kept, and since when"};

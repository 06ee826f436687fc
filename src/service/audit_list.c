#include "service/audit_list.h"

#include "service/audit.h"
#include "service/listing.h"
#include "sql_core.h"

static const char *const SORTS[] = {"-created_at", NULL};

struct list_params {
    struct listing_page page;
    const char *action; /* NULL: all, as is username */
    const char *username;
    int64_t since_us;
    bool has_since;
};

static const struct param list_fields[] = {
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
    PARAM_TEXT(struct list_params, action, AUDIT_ACTION_BYTES),
    PARAM_TEXT(struct list_params, username, AUDIT_USERNAME_BYTES),
    PARAM_TIME(struct list_params, since),
};
const struct param_shape AUDIT_LIST = PARAM_SHAPE(struct list_params, list_fields);

static const struct reply_field entry_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("user_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("username", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("action", REPLY_TEXT),
    REPLY_FIELD("resource", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("details", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("http_method", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("route", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("http_status", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("duration_us", REPLY_COUNT | REPLY_NULLABLE),
    REPLY_FIELD("ip_address", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("user_agent", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("trace_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape ENTRY_REPLY = REPLY_SHAPE("AuditLog", entry_fields);
static const struct reply_field list_reply_fields[] = {
    REPLY_PART("audit_logs", &ENTRY_REPLY, REPLY_LIST),
};
const struct reply_shape AUDIT_LIST_REPLY =
    REPLY_SHAPE_ON("AuditLogList", &LISTING_REPLY, list_reply_fields);

static void put_entry(struct json_out *out, const struct sql_audit_newest_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_id(out, "user_id", row->user_id_is_null, row->user_id);
    json_put_text(out, "username", row->username);
    json_put_text(out, "action", row->action);
    json_put_text(out, "resource", row->resource_name);
    json_put_text(out, "details", row->details);
    json_put_text(out, "http_method", row->http_method);
    json_put_text(out, "route", row->route);
    json_put_id(out, "http_status", row->http_status_is_null, row->http_status);
    json_put_id(out, "duration_us", row->duration_us_is_null, row->duration_us);
    json_put_text(out, "ip_address", row->ip_address);
    json_put_text(out, "user_agent", row->user_agent);
    json_put_text(out, "trace_id", row->trace_id);
    json_put_time(out, "created_at", row->created_at_us);
    json_end_object(out);
}

static bool put_entries(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    const struct list_params *given = listing->rq->params;
    struct db_cursor *cursor = NULL;
    struct sql_audit_newest_row row;
    enum db_step step = DB_FAILED;

    (void)arg;
    if (!sql_audit_newest_open(session, given->action, given->username,
                               given->has_since ? &given->since_us : NULL,
                               listing_id_before(listing), listing_most(listing), &cursor, err)) {
        return false;
    }
    while ((step = sql_audit_newest_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_entry(&listing->rp->json, &row);
        listing_wrote(listing, row.id, 0, NULL);
    }
    db_cursor_close(cursor);
    return step != DB_FAILED;
}

bool audit_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;

    return listing_reply(rq, rp, "audit_logs", &given->page, put_entries, NULL, err);
}

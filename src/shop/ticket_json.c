#include "shop/ticket_json.h"

#include "sql_shop.h"

const char *const TICKET_STATUSES[] = {"open", "in_progress", "resolved", "closed", NULL};
const char *const TICKET_PRIORITIES[] = {"low", "medium", "high", "critical", NULL};

static const char *const SENDERS[] = {"customer", "agent", NULL};

static const struct reply_field shown_message_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_WORD("sender_type", SENDERS, 0),
    REPLY_FIELD("content", REPLY_TEXT),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape SHOWN_MESSAGE_REPLY =
    REPLY_SHAPE("ShownMessage", shown_message_fields);
static const struct reply_field message_fields[] = {REPLY_FIELD("ticket_id", REPLY_ID)};
const struct reply_shape TICKET_MESSAGE_REPLY =
    REPLY_SHAPE_ON("TicketMessage", &SHOWN_MESSAGE_REPLY, message_fields);

/* Statuses and priorities of rows that came from elsewhere are words of theirs. */
static const struct reply_field ticket_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("customer_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("customer_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("title", REPLY_TEXT),
    REPLY_FIELD("status", REPLY_TEXT),
    REPLY_FIELD("priority", REPLY_TEXT),
    REPLY_FIELD("product_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("service_id", REPLY_ID | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
    REPLY_FIELD("updated_at", REPLY_TIME),
    REPLY_FIELD("message_count", REPLY_COUNT),
    REPLY_PART("messages", &SHOWN_MESSAGE_REPLY, REPLY_LIST),
};
const struct reply_shape TICKET_REPLY = REPLY_SHAPE("Ticket", ticket_fields);

void ticket_message_put(struct json_out *out, const struct sql_ticket_message_row *message)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", message->id);
    json_put_text(out, "sender_type", message->sender_type);
    json_put_text(out, "content", message->content);
    json_put_time(out, "created_at", message->created_at_us);
    json_put_int(out, "ticket_id", message->ticket_id);
    json_end_object(out);
}

static void open_ticket(struct json_out *out, const struct sql_ticket_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->id);
    json_put_id(out, "customer_id", row->customer_id_is_null, row->customer_id);
    json_put_text(out, "customer_name", row->customer_name);
    json_put_text(out, "title", row->title);
    json_put_text(out, "status", row->status);
    json_put_text(out, "priority", row->priority);
    json_put_id(out, "product_id", row->product_id_is_null, row->product_id);
    json_put_id(out, "service_id", row->service_id_is_null, row->service_id);
    json_put_time(out, "created_at", row->created_at_us);
    json_put_time(out, "updated_at", row->updated_at_us);
    json_put_int(out, "message_count", row->message_count);
    json_begin_list(out, "messages");
}

static void put_shown_message(struct json_out *out, const struct sql_ticket_row *row)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", row->message_id);
    json_put_text(out, "sender_type", row->sender_type);
    json_put_text(out, "content", row->content);
    json_put_time(out, "created_at", row->sent_at_us);
    json_end_object(out);
}

bool ticket_goes_on(const struct ticket_writer *writer, const struct sql_ticket_row *row)
{
    return writer->id == row->id;
}

void ticket_put_row(struct ticket_writer *writer, const struct sql_ticket_row *row)
{
    if (!ticket_goes_on(writer, row)) {
        ticket_close(writer);
        open_ticket(writer->out, row);
        writer->id = row->id;
    }
    if (!row->message_id_is_null) {
        put_shown_message(writer->out, row);
    }
}

void ticket_close(struct ticket_writer *writer)
{
    if (writer->id != 0) {
        json_end_list(writer->out);
        json_end_object(writer->out);
        writer->id = 0;
    }
}

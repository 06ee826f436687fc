#include "shop/stock_events.h"

#include "service/events.h"

/* A topic keeps a thousand events: of a change of so many products one says that it was several. */
enum { LISTED_MOST = 20 };

static const struct reply_field changed_fields[] = {
    REPLY_FIELD("product_id", REPLY_ID | REPLY_NULLABLE), /* null: of several */
};
const struct event_shape SHOP_STOCK_CHANGED =
    EVENT_OPEN_SHAPE("stock", "StockChangedEvent", changed_fields);

static void tell(struct service *service, bool is_several, int64_t product_id)
{
    struct event event;

    event_begin_open(&event);
    json_put_id(&event.json, "product_id", is_several, product_id);
    event_post(&event, service, EVENTS_STOCK, &SHOP_STOCK_CHANGED);
}

void stock_tell(struct service *service, const int64_t *product_ids, size_t count)
{
    if (count > LISTED_MOST) {
        stock_tell_several(service);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        tell(service, false, product_ids[i]);
    }
}

void stock_tell_several(struct service *service)
{
    tell(service, true, 0);
}

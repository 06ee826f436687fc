/*
 * shop/sweeps.c: the tables that only the shop has and that strangers fill: what is in them runs
 * out.
 */
#include "shop/cart_session.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum {
    DAY_S = 24 * 3600,
    CONVERSATION_LIFE_S = 90 * DAY_S,
    EVENT_LIFE_S = 90 * DAY_S,
};

static bool remove_carts(struct db_session *session, int64_t most, int64_t *ret_rows,
                         struct err *err)
{
    return sql_cart_sweep_count(session, CART_LIFE_S, most, ret_rows, err);
}

static bool remove_cart_sessions(struct db_session *session, int64_t most, int64_t *ret_rows,
                                 struct err *err)
{
    return sql_cart_session_sweep_count(session, CART_LIFE_S, most, ret_rows, err);
}

static bool remove_messages(struct db_session *session, int64_t most, int64_t *ret_rows,
                            struct err *err)
{
    return sql_assistant_message_sweep_count(session, CONVERSATION_LIFE_S, most, ret_rows, err);
}

static bool remove_conversations(struct db_session *session, int64_t most, int64_t *ret_rows,
                                 struct err *err)
{
    return sql_assistant_session_sweep_count(session, CONVERSATION_LIFE_S, most, ret_rows, err);
}

static bool remove_events(struct db_session *session, int64_t most, int64_t *ret_rows,
                          struct err *err)
{
    return sql_security_event_sweep_count(session, EVENT_LIFE_S, most, ret_rows, err);
}

const struct sweep_table shop_sweeps[SHOP_SWEEP_COUNT] = {
    {"cart_items", remove_carts},
    {"cart_sessions", remove_cart_sessions},
    {"assistant_messages", remove_messages},
    {"assistant_sessions", remove_conversations},
    {"security_events", remove_events},
};

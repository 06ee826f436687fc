/*
 * shop/ticket_products.c: products that fit what a customer has written to the CRM's support. The
 * ticket's words are read as the advisor reads a question: they are data, and decide what is found.
 */
#include <inttypes.h>
#include <string.h>

#include "service/peer.h"
#include "shop/advice_choice.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { RECOMMENDED_MOST = 3, WORDS_MOST = 4000 };

struct ticket_params {
    int64_t ticket_id;
};

static const struct param ticket_fields[] = {
    {.name = "ticket_id",
     .kind = PARAM_KIND_INT,
     .is_required = true,
     .offset = offsetof(struct ticket_params, ticket_id),
     .least = 1,
     .most = INT64_MAX},
};
static const struct param_shape TICKET_PARAMS = PARAM_SHAPE(struct ticket_params, ticket_fields);

static const struct reply_field ticket_reply_fields[] = {
    REPLY_FIELD("ticket_id", REPLY_ID),
    REPLY_FIELD("ticket", REPLY_OBJECT), /* as the CRM has it */
    REPLY_PART("recommended_products", &PRODUCT_REPLY, REPLY_LIST),
    REPLY_FIELD("source", REPLY_TEXT),
    REPLY_FIELD("reason", REPLY_TEXT),
};
static const struct reply_shape TICKET_REPLY = REPLY_SHAPE("TicketProducts", ticket_reply_fields);

/* Writes the ticket, and gives what it says. */
static bool put_ticket(struct request *rq, struct json_out *out, int64_t id, const char **ret_words,
                       struct err *err)
{
    struct arena *arena = rq->ctx.arena;
    const struct http_call call = {.method = "GET",
                                   .path = arena_printf(arena, "/api/tickets/%" PRId64, id)};
    const struct json *ticket;
    struct json *body = NULL;
    const char *subject;
    const char *description;
    const char *text;
    size_t length = 0;
    int status = 0;

    if (!peer_call(rq, &call, &status, &body, err)) {
        return err_wrap(err, "ask the CRM for the ticket");
    }
    ticket = json_get(body, "ticket");
    subject = json_text(json_get(ticket, "subject"));
    if (status != 200 || subject == NULL) {
        json_free(body);
        return status == 404 ? err_field(err, ERR_NOT_FOUND, "ticket_id",
                                         "the CRM has no ticket %" PRId64, id)
                             : err_set(err, ERR_PEER, "the CRM answered %d, and no ticket", status);
    }
    description = json_text(json_get(ticket, "description"));
    *ret_words =
        arena_printf(arena, "%s %.*s", subject, WORDS_MOST, description != NULL ? description : "");
    text = json_write(arena, ticket, &length);
    json_put_raw(out, "ticket", text, length);
    json_free(body);
    return true;
}

static void keep_texts(struct arena *arena, struct sql_product_row *row)
{
    row->name = arena_strdup(arena, row->name);
    row->sku = arena_strdup(arena, row->sku);
    row->category = arena_strdup(arena, row->category);
    row->description = arena_strdup(arena, row->description);
    row->image_url = arena_strdup(arena, row->image_url);
}

struct candidates {
    struct sql_product_row *rows;
    size_t count;
};

static bool read_candidates(struct arena *arena, struct db_cursor *cursor, struct candidates *ret,
                            struct err *err)
{
    enum db_step step = DB_NO_ROW;

    while (ret->count < ADVICE_CANDIDATES_MAX &&
           (step = sql_product_next(cursor, &ret->rows[ret->count], err)) == DB_ROW) {
        keep_texts(arena, &ret->rows[ret->count++]);
    }
    return step != DB_FAILED;
}

static bool find_candidates(struct request *rq, const struct advice_question *question,
                            struct candidates *ret, struct err *err)
{
    struct arena *arena = rq->ctx.arena;
    const char *words = advice_search_words(arena, question);
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    bool ok;

    ret->rows = arena_array(arena, ADVICE_CANDIDATES_MAX, sizeof(*ret->rows));
    ret->count = 0;
    if (words == NULL) {
        return true;
    }
    if (!db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, err)) {
        return false;
    }
    ok = sql_advice_candidates_open(session, words, 0, MONEY_CENTS_MAX, 0, INT64_MAX,
                                    ADVICE_CANDIDATES_MAX, &cursor, err) &&
         read_candidates(arena, cursor, ret, err);
    db_cursor_close(cursor);
    db_checkin(session);
    return ok || err_wrap(err, "look for products");
}

static bool put_products(struct request *rq, struct json_out *out, const char *words,
                         struct err *err)
{
    struct presentation *presentation = shop_of(rq)->presentation;
    struct candidates candidates;
    struct advice_question question;
    struct advice advice;
    size_t told = 0;

    advice_read_question(rq->ctx.arena, words, &question);
    if (!find_candidates(rq, &question, &candidates, err)) {
        return false;
    }
    advice_choose(rq->ctx.arena, &question, candidates.rows, candidates.count, &advice);
    json_begin_list(out, "recommended_products");
    for (size_t i = 0; i < advice.count && told < RECOMMENDED_MOST; i++) {
        for (size_t k = 0; k < candidates.count; k++) {
            if (candidates.rows[k].id == advice.ids[i]) {
                presentation_put(presentation, out, &candidates.rows[k]);
                told++;
                break;
            }
        }
    }
    json_end_list(out);
    json_put_text(out, "source", service_of(rq)->traits->name);
    json_put_text(out, "reason",
                  told > 0 ? "found by the words of the ticket"
                           : "no product has to do with the words of the ticket");
    return true;
}

static bool ticket_products(struct request *rq, struct reply *rp, struct err *err)
{
    const struct ticket_params *given = rq->params;
    struct json_out *out = &rp->json;
    const char *words = NULL;

    json_begin_object(out, NULL);
    json_put_int(out, "ticket_id", given->ticket_id);
    if (!put_ticket(rq, out, given->ticket_id, &words, err) || !put_products(rq, out, words, err)) {
        return false;
    }
    json_end_object(out);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/integrations/crm/ticket-products", ticket_products, SHOP_INSIDERS,
     .flags = ROUTE_CALLS_PEER, .shows = SHOWS_CUSTOMERS, .params = &TICKET_PARAMS,
     .reply = &TICKET_REPLY, .outcomes = GIVES_404,
     .summary = "Products that fit a support ticket of the CRM"},
};

const struct route_table shop_ticket_product_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                       "integrations",
                                                       "What the shop does together with the CRM"};

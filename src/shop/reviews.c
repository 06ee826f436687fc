/*
 * shop/reviews.c: reviews of products. Anybody may write one; who is signed in is noted as the
 * customer that he is. What was typed is kept and given back as it is: a reply is JSON, and a page
 * escapes what it shows. How many reviews a product has, and the mean of their stars, are figures
 * of one statement.
 */
#include <inttypes.h>
#include <string.h>

#include "service/audit.h"
#include "service/listing.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_shop.h"

#include "shop/shop_priv.h"

enum { STARS_LEAST = 1, STARS_MOST = 5, COMMENT_MOST = 4000, AUTHOR_MOST = 100 };

static const char ANONYMOUS[] = "Anonymous";

static bool no_product(struct err *err, int64_t id)
{
    return err_field(err, ERR_NOT_FOUND, "product_id",
                     "no product %" PRId64 " is for sale: GET /api/products lists those that are",
                     id);
}

/* --- the list --- */

static const char *const SORTS[] = {"-created_at", "-rating", "rating", NULL};

struct list_params {
    struct listing_page page;
    int64_t product_id;
    int64_t rating; /* 0: any */
};

static const struct param list_fields[] = {
    PARAM_ID(struct list_params, product_id, "product_id"),
    PARAM_LISTING(struct list_params, SORTS, "-created_at"),
    PARAM_INT(struct list_params, rating, STARS_LEAST, STARS_MOST),
};
static const struct param_shape LIST_PARAMS = PARAM_SHAPE(struct list_params, list_fields);

static const struct reply_field review_reply_fields[] = {
    REPLY_FIELD("id", REPLY_ID),
    REPLY_FIELD("rating", REPLY_ID),
    REPLY_FIELD("comment", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("author_name", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("created_at", REPLY_TIME),
};
static const struct reply_shape REVIEW_REPLY = REPLY_SHAPE("Review", review_reply_fields);
static const struct reply_field figures_reply_fields[] = {
    REPLY_FIELD("count", REPLY_COUNT),
    REPLY_FIELD("mean", REPLY_REAL | REPLY_NULLABLE),
};
static const struct reply_shape FIGURES_REPLY = REPLY_SHAPE("ReviewFigures", figures_reply_fields);
static const struct reply_field list_reply_fields[] = {
    REPLY_PART("reviews", &REVIEW_REPLY, REPLY_LIST),
    REPLY_PART("rating", &FIGURES_REPLY, 0),
};
static const struct reply_shape LIST_REPLY =
    REPLY_SHAPE_ON("ReviewList", &LISTING_REPLY, list_reply_fields);

static void put_review(struct json_out *out, const struct sql_review_row *review)
{
    json_begin_object(out, NULL);
    json_put_int(out, "id", review->id);
    json_put_int(out, "rating", review->rating);
    json_put_text(out, "comment", review->review_comment);
    json_put_text(out, "author_name", review->author_name);
    json_put_time(out, "created_at", review->created_at_us);
    json_end_object(out);
}

/* The mean in hundredths, half up; all of it in whole numbers, so that it is exact. */
static void put_figures(struct json_out *out, const struct sql_review_figures_row *figures)
{
    json_begin_object(out, "rating");
    json_put_int(out, "count", figures->reviews);
    if (figures->reviews == 0) {
        json_put_null(out, "mean");
    } else {
        json_put_money(out, "mean",
                       (200 * figures->stars + figures->reviews) / (2 * figures->reviews));
    }
    json_end_object(out);
}

static bool open_page(struct listing *listing, struct db_session *session,
                      struct db_cursor **ret_cursor, struct err *err)
{
    const struct list_params *given = listing->rq->params;
    const int64_t *rating = given->rating != 0 ? &given->rating : NULL;
    const int64_t most = listing_most(listing);

    if (strcmp(given->page.sort, "-rating") == 0) {
        return sql_reviews_best_open(session, given->product_id, rating,
                                     listing_number(listing, STARS_MOST),
                                     listing_id_before(listing), most, ret_cursor, err);
    }
    if (strcmp(given->page.sort, "rating") == 0) {
        return sql_reviews_worst_open(session, given->product_id, rating,
                                      listing_number(listing, STARS_LEAST),
                                      listing_id_after(listing), most, ret_cursor, err);
    }
    return sql_reviews_newest_open(session, given->product_id, rating, listing_id_before(listing),
                                   most, ret_cursor, err);
}

struct review_list {
    struct sql_review_figures_row figures;
    bool has_product;
};

static bool put_page(struct listing *listing, struct db_cursor *cursor, struct err *err)
{
    struct sql_review_row row;
    enum db_step step;

    while ((step = sql_review_next(cursor, &row, err)) == DB_ROW && listing_takes(listing)) {
        put_review(&listing->rp->json, &row);
        listing_wrote(listing, row.id, row.rating, NULL);
    }
    return step != DB_FAILED;
}

/* Both statements travel together. */
static bool put_reviews(struct listing *listing, struct db_session *session, void *arg,
                        struct err *err)
{
    const struct list_params *given = listing->rq->params;
    struct review_list *list = arg;
    struct db_cursor *figures = NULL;
    struct db_cursor *page = NULL;
    enum db_step step;
    bool ok = false;

    if (sql_review_figures_open(session, given->product_id, &figures, err) &&
        open_page(listing, session, &page, err)) {
        step = sql_review_figures_next(figures, &list->figures, err);
        list->has_product = step == DB_ROW;
        ok = step != DB_FAILED && put_page(listing, page, err);
    }
    db_cursor_close(page);
    db_cursor_close(figures);
    return ok;
}

static bool reviews_list(struct request *rq, struct reply *rp, struct err *err)
{
    const struct list_params *given = rq->params;
    struct review_list list = {.has_product = false};

    json_begin_object(&rp->json, NULL);
    if (!listing_put(rq, rp, "reviews", &given->page, put_reviews, &list, err)) {
        return false;
    }
    if (!list.has_product) {
        return no_product(err, given->product_id);
    }
    put_figures(&rp->json, &list.figures);
    json_end_object(&rp->json);
    reply_etag(rq, rp);
    return true;
}

/* --- a new one --- */

struct review_body {
    int64_t rating;
    bool has_rating;
    const char *comment;
    const char *author_name;
};

static const struct json_field write_fields[] = {
    JSON_INT(struct review_body, rating, STARS_LEAST, STARS_MOST, JSON_REQUIRED),
    JSON_TEXT(struct review_body, comment, 0, COMMENT_MOST, JSON_OPTIONAL),
    JSON_TEXT(struct review_body, author_name, 0, AUTHOR_MOST, JSON_OPTIONAL),
};
static const struct json_shape REVIEW_CREATE =
    JSON_SHAPE("ReviewCreate", struct review_body, write_fields);

static const struct reply_field created_reply_fields[] = {
    REPLY_WORD("status", REPLY_WORDS("created"), 0),
    REPLY_FIELD("product_id", REPLY_ID),
    REPLY_FIELD("review_id", REPLY_ID),
};
static const struct reply_shape CREATED_REPLY = REPLY_SHAPE("ReviewCreated", created_reply_fields);

struct review_write {
    struct request *rq;
    struct reply *rp;
    int64_t product_id;
};

static bool create_review(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct review_write *write = arg;
    const struct review_body *body = write->rq->body;
    const bool is_named = body->author_name != NULL && body->author_name[0] != '\0';
    struct json_out *out = &write->rp->json;
    struct sql_review_add_row row;
    const enum db_step step =
        sql_review_add(session, write->product_id, ctx->caller.email, body->rating, body->comment,
                       is_named ? body->author_name : ANONYMOUS, &row, err);

    if (step != DB_ROW) {
        return step == DB_NO_ROW ? no_product(err, write->product_id)
                                 : err_wrap(err, "store the review");
    }
    json_begin_object(out, NULL);
    json_put_text(out, "status", "created");
    json_put_int(out, "product_id", write->product_id);
    json_put_int(out, "review_id", row.id);
    json_end_object(out);
    audit_note(write->rq, "review.created", arena_printf(ctx->arena, "review:%" PRId64, row.id),
               NULL);
    return true;
}

/* Markup harms nobody here, and is kept; that somebody tried is recorded. */
static void watch_text(struct request *rq, const char *text, int64_t product_id)
{
    if (text != NULL && security_looks_like_xss(text)) {
        security_record(rq, &(struct attack){.type = "xss",
                                             .severity = SEVERITY_HIGH,
                                             .payload = text,
                                             .product_id = product_id});
    }
}

static bool review_create(struct request *rq, struct reply *rp, struct err *err)
{
    const struct id_params *given = rq->params;
    const struct review_body *body = rq->body;
    struct review_write write = {.rq = rq, .rp = rp, .product_id = given->id};

    watch_text(rq, body->comment, given->id);
    watch_text(rq, body->author_name, given->id);
    return service_write(rq, rp, service_of(rq)->main_pool, create_review, &write, err);
}

static const struct param product_fields[] = {PARAM_ID(struct id_params, id, "product_id")};
static const struct param_shape PRODUCT_PARAMS = PARAM_SHAPE(struct id_params, product_fields);

static const struct route ROUTES[] = {
    {GET, "/api/products/{product_id}/reviews", reviews_list, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &LIST_PARAMS, .reply = &LIST_REPLY, .outcomes = GIVES_304,
     .summary = "Reviews of a product, how many there are and the mean of their stars"},
    {POST, "/api/products/{product_id}/reviews", review_create, ANYONE,
     .flags = ROUTE_KNOWS_CALLER | ROUTE_TAKES_KEY, .params = &PRODUCT_PARAMS,
     .body = &REVIEW_CREATE,
     .example = "{\"rating\":5,\"comment\":\"Three valleys in a day\",\"author_name\":\"Ada\"}",
     .reply = &CREATED_REPLY, .summary = "Write a review"},
};

const struct route_table shop_review_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                               "reviews", "What buyers say of products"};

#include "crm/order_products.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "crm/names.h"
#include "sql_crm.h"

enum { PLACEHOLDER_SKU_MAX = 16 };

static bool look_up(struct db_session *session, struct names *skus, struct err *err)
{
    const char *list = names_ask(skus);
    struct sql_sync_products_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (list == NULL) {
        return true;
    }
    if (!sql_sync_products_open(session, list, &cursor, err)) {
        return false;
    }
    while ((step = sql_sync_products_next(cursor, &row, err)) == DB_ROW) {
        names_answer(skus, row.position, row.id);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* The same reference has the same placeholder in every order. */
static const char *placeholder_sku(struct arena *arena, const char *reference)
{
    char *sku = arena_alloc(arena, PLACEHOLDER_SKU_MAX);
    uint8_t digest[DIGEST_MD5_SIZE];

    digest_md5(reference, strlen(reference), digest);
    (void)snprintf(sku, PLACEHOLDER_SKU_MAX, "SYNC-%02X%02X%02X%02X", digest[0], digest[1],
                   digest[2], digest[3]);
    return sku;
}

/* A line and the placeholder that it takes where its own article number is not known. */
struct wanted {
    const struct feed_line *line;
    const char *placeholder;
    bool is_missing;
};

static int64_t id_of(const struct names *skus, const struct wanted *wanted)
{
    const char *sku = wanted->line->sku;
    const int64_t id = sku != NULL ? names_find(skus, sku)->id : 0;

    return id != 0 ? id : names_find(skus, wanted->placeholder)->id;
}

static int by_placeholder(const void *a, const void *b)
{
    const struct wanted *left = *(const struct wanted *const *)a;
    const struct wanted *right = *(const struct wanted *const *)b;
    const int order = strcmp(left->placeholder, right->placeholder);

    return order != 0 ? order : (left > right) - (left < right);
}

/* In the order of their article numbers, so that two who want the same ones queue. Several lines
 * may want the same one: its first line names it. */
static bool make_missing(struct ctx *ctx, struct db_session *session, const struct wanted *wanted,
                         size_t count, size_t missing, struct err *err)
{
    const struct wanted **sorted = arena_array(ctx->arena, missing, sizeof(const struct wanted *));
    struct sql_sync_product_placeholder_args *rows =
        arena_array(ctx->arena, missing, sizeof(*rows));
    size_t used = 0;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (wanted[i].is_missing) {
            sorted[used++] = &wanted[i];
        }
    }
    qsort(sorted, used, sizeof(const struct wanted *), by_placeholder);
    for (size_t i = 0; i < used; i++) {
        const struct feed_line *line = sorted[i]->line;

        if (i == 0 || strcmp(sorted[i - 1]->placeholder, sorted[i]->placeholder) != 0) {
            rows[kept++] =
                sql_sync_product_placeholder_args(line->name != NULL ? line->name : line->reference,
                                                  sorted[i]->placeholder, line->unit_price_cents);
        }
    }
    return sql_sync_product_placeholder_batch(session, rows, kept, NULL, err);
}

static bool find_all(struct ctx *ctx, struct db_session *session, struct order_product *products,
                     size_t count, struct err *err)
{
    struct wanted *wanted = arena_array(ctx->arena, count, sizeof(*wanted));
    struct names skus;
    size_t missing = 0;

    names_init(&skus, ctx->arena, 2 * count);
    for (size_t i = 0; i < count; i++) {
        wanted[i].line = products[i].line;
        wanted[i].placeholder = placeholder_sku(ctx->arena, wanted[i].line->reference);
        names_add(&skus, wanted[i].placeholder);
        if (wanted[i].line->sku != NULL) {
            names_add(&skus, wanted[i].line->sku);
        }
    }
    names_seal(&skus);
    if (!look_up(session, &skus, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        wanted[i].is_missing = id_of(&skus, &wanted[i]) == 0;
        missing += wanted[i].is_missing;
    }
    if (missing > 0 && (!make_missing(ctx, session, wanted, count, missing, err) ||
                        !look_up(session, &skus, err))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        products[i].ret_id = id_of(&skus, &wanted[i]);
    }
    return true;
}

bool order_products_find(struct ctx *ctx, struct db_session *session,
                         struct order_product *products, size_t count, struct err *err)
{
    return find_all(ctx, session, products, count, err) || err_wrap(err, "find the products");
}

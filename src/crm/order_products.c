#include "crm/order_products.h"

#include <stdio.h>
#include <string.h>

#include "core/digest.h"
#include "crm/names.h"
#include "sql_crm.h"

enum { PLACEHOLDER_SKU_MAX = 16 };

static bool look_up(struct db_session *db, struct names *skus, struct err *err)
{
    const char *list = names_ask(skus);
    struct sql_sync_products_row row;
    struct db_cursor *cursor = NULL;
    enum db_step step;

    if (list == NULL) {
        return true;
    }
    if (!sql_sync_products_open(db, list, &cursor, err)) {
        return false;
    }
    while ((step = sql_sync_products_next(cursor, &row, err)) == DB_ROW) {
        names_answer(skus, row.position, row.id);
    }
    db_cursor_close(cursor);
    return step == DB_NO_ROW;
}

/* By article number, where the feed gives one. */
static bool find_known(struct ctx *ctx, struct db_session *db, struct order_product *products,
                       size_t count, size_t *ret_missing, struct err *err)
{
    struct names skus;
    size_t missing = 0;

    names_init(&skus, ctx->arena, count);
    for (size_t i = 0; i < count; i++) {
        if (products[i].line->sku != NULL) {
            names_add(&skus, products[i].line->sku);
        }
    }
    names_seal(&skus);
    if (!look_up(db, &skus, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *sku = products[i].line->sku;

        products[i].ret_id = sku != NULL ? names_find(&skus, sku)->id : 0;
        missing += products[i].ret_id == 0;
    }
    *ret_missing = missing;
    return true;
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

struct placeholder {
    struct order_product *product;
    const char *sku;
};

/* Several lines may want the same one: the statement leaves alone what is there. */
static bool make_missing(struct db_session *db, const struct placeholder *wanted, size_t count,
                         const struct names *skus, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct feed_line *line = wanted[i].product->line;
        const char *name = line->name != NULL ? line->name : line->reference;

        if (names_find(skus, wanted[i].sku)->id == 0 &&
            !sql_sync_product_placeholder(db, name, wanted[i].sku, line->unit_price_cents, err)) {
            return err_wrap(err, "make a placeholder for product %s", line->reference);
        }
    }
    return true;
}

static bool find_placeholders(struct ctx *ctx, struct db_session *db,
                              struct order_product *products, size_t count, size_t missing,
                              struct err *err)
{
    struct placeholder *wanted = arena_array(ctx->arena, missing, sizeof(*wanted));
    struct names skus;
    size_t used = 0;

    names_init(&skus, ctx->arena, missing);
    for (size_t i = 0; i < count; i++) {
        if (products[i].ret_id == 0) {
            wanted[used].product = &products[i];
            wanted[used].sku = placeholder_sku(ctx->arena, products[i].line->reference);
            names_add(&skus, wanted[used++].sku);
        }
    }
    names_seal(&skus);
    if (!look_up(db, &skus, err) || !make_missing(db, wanted, missing, &skus, err) ||
        !look_up(db, &skus, err)) {
        return false;
    }
    for (size_t i = 0; i < missing; i++) {
        wanted[i].product->ret_id = names_find(&skus, wanted[i].sku)->id;
    }
    return true;
}

bool order_products_find(struct ctx *ctx, struct db_session *db, struct order_product *products,
                         size_t count, struct err *err)
{
    size_t missing = 0;

    return (find_known(ctx, db, products, count, &missing, err) &&
            (missing == 0 || find_placeholders(ctx, db, products, count, missing, err))) ||
           err_wrap(err, "look up the products");
}

/*
 * order_place over a real SQLite database with the shop's schema and seed.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <unistd.h>

#include "db/migrate.h"
#include "shop/order_place.h"
#include "sql_shop.h"
#include "support/db_fixture.h"
#include "support/fake_backend.h"
#include "support/test.h"

struct fixture {
    char path[64];
    struct arena arena;
    struct ctx ctx;
    struct db *db;
    struct db_pool *pool;
};

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    const struct db_pool_options pool = {
        .name = "main", .size = 1, .checkout_timeout_ms = 1000, .lifetime_ms = 1800000};
    struct migrate_report report;
    struct err err = {0};
    struct db_options options = {.service = "shop",
                                 .module = "octo-drone-shop",
                                 .location = f->path,
                                 .backend = fake_backend(&db_backend_sqlite),
                                 .catalogue = &sql_shop_catalogue,
                                 .busy_timeout_ms = 1000};

    (void)snprintf(f->path, sizeof(f->path), "/tmp/octo-order-place-%ld.db", (long)getpid());
    arena_init(&f->arena);
    ctx_init_background(&f->ctx, &f->arena, NULL, "octo-drone-shop", "BG test", 60000);
    assert_true(db_open(&options, &f->db, &err));
    assert_true(db_pool_new(f->db, &pool, &f->pool, &err));
    assert_true(
        db_migrate(&f->ctx, f->pool, sql_shop_scripts, sql_shop_script_count, true, &report, &err));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    struct fixture *f = *state;
    char path[80];

    must_close(f->db);
    arena_fini(&f->arena);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]);
        (void)unlink(path);
    }
    free(f);
    return 0;
}

static bool place(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    return order_place(ctx, session, arg, err);
}

static int64_t stock_of(struct fixture *f, int64_t product_id)
{
    struct sql_product_row row;
    struct db_session *session = NULL;
    struct err err = {0};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_int_equal(sql_product_by_id(session, product_id, &row, &err), DB_ROW);
    db_checkin(session);
    return row.stock;
}

/* One number, read or made by another program. */
static int64_t number(const struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t found;

    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    found = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return found;
}

static const char BEA[] = "bea@example.org";

static struct order_placement placement_of(const struct buyer *buyer)
{
    return (struct order_placement){.buyer = buyer, .source = "shop_checkout", .is_pushed = true};
}

static void order_place__items__take_stock_and_price_exactly(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 2, .quantity = 1},
                                 {.product_id = 1, .quantity = 2}};
    const struct buyer buyer = {
        .customer_email = BEA, .items = items, .items_count = 2, .coupon_code = "FIRSTFLIGHT"};
    struct order_placement placement = placement_of(&buyer);
    const int64_t before = stock_of(f, 1);
    struct err err = {0};

    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(placement.price.subtotal_cents, 2 * 189900 + 349900);
    assert_int_equal(placement.price.discount_cents, 72970);
    assert_int_equal(placement.price.shipping_cents, 0);
    assert_int_equal(placement.unit_count, 3);
    assert_string_equal(placement.coupon_code, "FIRSTFLIGHT");
    assert_int_equal(stock_of(f, 1), before - 2);
    assert_true(strncmp(placement.tracking_number, "OCTO-0", 6) == 0);
}

/* The second line cannot be had, so the first one's stock is as it was. */
static void order_place__too_few_left__takes_nothing(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 1, .quantity = 1},
                                 {.product_id = 25, .quantity = 20}};
    const struct buyer buyer = {.customer_email = BEA, .items = items, .items_count = 2};
    struct order_placement placement = placement_of(&buyer);
    const int64_t before = stock_of(f, 1);
    struct err err = {0};

    assert_false(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_non_null(strstr(err.text, "CAM-002"));
    assert_int_equal(stock_of(f, 1), before);
}

static void order_place__unknown_product__names_the_item(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 999, .quantity = 1},
                                 {.product_id = 1, .quantity = 1}};
    const struct buyer buyer = {.customer_email = BEA, .items = items, .items_count = 2};
    struct order_placement placement = placement_of(&buyer);
    struct err err = {0};

    assert_false(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.field, "/items/0/product_id");
}

static void order_place__same_product_twice__is_added_up(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 1, .quantity = 11},
                                 {.product_id = 1, .quantity = 10}};
    const struct buyer buyer = {.customer_email = BEA, .items = items, .items_count = 2};
    struct order_placement placement = placement_of(&buyer);
    struct err err = {0};

    assert_false(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(err.code, ERR_INVALID);
    items[1].quantity = 9;
    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(placement.unit_count, 20);
}

static void order_place__nothing_to_buy__is_refused(void **state)
{
    struct fixture *f = *state;
    const struct buyer buyer = {.customer_email = BEA, .notes = "nothing"};
    struct order_placement placement = placement_of(&buyer);
    struct err err = {0};

    placement.session_id = "no-such-cart";
    assert_false(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.field, "/items");
}

static void order_place__bad_coupon__gives_no_discount(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 12, .quantity = 1}};
    const struct buyer buyer = {
        .customer_email = BEA, .items = items, .items_count = 1, .coupon_code = "SUMMER2024"};
    struct order_placement placement = placement_of(&buyer);
    struct err err = {0};

    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(placement.price.discount_cents, 0);
    assert_null(placement.coupon_code);
}

static bool read_customer(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_customer_by_id_row *row = arg;
    struct sql_customer_id_by_email_row id;

    (void)ctx;
    return sql_customer_id_by_email(session, "eve@example.org", &id, err) == DB_ROW &&
           sql_customer_by_id(session, id.id, row, err) == DB_ROW;
}

/* Anybody may type an address: what is known stays, what is empty is filled in. */
static void order_place__known_address__only_fills_gaps(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 12, .quantity = 1}};
    struct buyer buyer = {.customer_email = "eve@example.org",
                          .customer_name = "Eve",
                          .company = "E",
                          .items = items,
                          .items_count = 1};
    struct order_placement placement = placement_of(&buyer);
    struct sql_customer_by_id_row customer;
    struct err err = {0};

    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    buyer.customer_name = "Mallory";
    buyer.company = "M";
    buyer.customer_phone = "+1";
    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    buyer.customer_phone = "+2";
    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_true(db_read(&f->ctx, f->pool, read_customer, &customer, &err));
    assert_string_equal(customer.name, "Eve");
    assert_string_equal(customer.company, "E");
    assert_string_equal(customer.phone, "+1");
}

/* The row of a customer is written where something was empty and is given now, each column by
 * itself, and not otherwise: others wait for it. */
static void order_place__known_address__is_written_for_gaps_alone(void **state)
{
    static const char UNTOUCHED[] = "UPDATE customers SET updated_at = 1"
                                    " WHERE email = 'gap@example.org' RETURNING 1";
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 12, .quantity = 1}};
    const struct buyer bare = {
        .customer_email = "gap@example.org", .items = items, .items_count = 1};
    struct buyer buyers[] = {bare, bare, bare, bare, bare};
    struct err err = {0};

    buyers[1].industry = "Farming";
    buyers[2].customer_phone = "+1";
    buyers[3].company = "G";
    buyers[4].customer_phone = "+2";
    buyers[4].company = "H";
    buyers[4].industry = "Mining";
    for (size_t i = 0; i < sizeof(buyers) / sizeof(buyers[0]); i++) {
        struct order_placement placement = placement_of(&buyers[i]);

        assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
        assert_int_equal(number(f, "SELECT updated_at <> 1 FROM customers"
                                   " WHERE email = 'gap@example.org'"),
                         i < 4);
        if (i ==
            0) { /* who buys for the first time without saying it has an industry all the same */
            (void)number(f, "UPDATE customers SET industry = NULL"
                            " WHERE email = 'gap@example.org' RETURNING 1");
        }
        (void)number(f, UNTOUCHED);
    }
    assert_int_equal(number(f, "SELECT count(*) FROM customers WHERE email = 'gap@example.org'"
                               " AND industry = 'Farming' AND phone = '+1' AND company = 'G'"),
                     1);
}

/* --- carts --- */

static bool fill_cart(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    static const int64_t LINES[][2] = {{3, 1}, {12, 5}, {1, 2}};
    struct sql_cart_add_row row;

    (void)ctx;
    if (!sql_cart_make(session, arg, err)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
        if (sql_cart_add(session, arg, LINES[i][0], LINES[i][1], &row, err) != DB_ROW) {
            return false;
        }
    }
    return true;
}

/* A cart of several products, put in out of their order, is bought whole; another session's stays
 * as it is. */
static void order_place__cart_of_three__is_bought_whole(void **state)
{
    static const char STOCK[] = "SELECT sum(stock * CASE id WHEN 1 THEN 1 WHEN 3 THEN 1000"
                                " ELSE 1000000 END) FROM products WHERE id IN (1, 3, 12)";
    struct fixture *f = *state;
    const struct buyer buyer = {.customer_email = BEA};
    struct order_placement placement = placement_of(&buyer);
    const int64_t before = number(f, STOCK);
    char mine[] = "cart-of-three";
    char others[] = "cart-of-another";
    struct err err = {0};

    assert_true(db_write(&f->ctx, f->pool, fill_cart, mine, &err));
    assert_true(db_write(&f->ctx, f->pool, fill_cart, others, &err));
    placement.session_id = mine;
    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(placement.unit_count, 8);
    assert_int_equal(placement.price.subtotal_cents, 525000 + 5 * 17900 + 2 * 189900);
    assert_int_equal(before - number(f, STOCK), 5 * 1000000 + 1 * 1000 + 2);
    assert_int_equal(number(f, "SELECT group_concat(product_id || 'x' || quantity, ' ')"
                               " = '1x2 3x1 12x5' FROM (SELECT * FROM order_items WHERE order_id ="
                               " (SELECT max(id) FROM orders) ORDER BY product_id)"),
                     1);
    assert_int_equal(
        number(f, "SELECT count(*) FROM cart_items WHERE session_id = 'cart-of-three'"), 0);
    assert_int_equal(
        number(f, "SELECT sum(quantity) FROM cart_items WHERE session_id = 'cart-of-another'"), 8);
}

static bool put_into_cart(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct sql_cart_add_row row;

    (void)ctx;
    return sql_cart_make(session, "the-last-ones", err) &&
           sql_cart_add(session, "the-last-ones", 20, *(const int64_t *)arg, &row, err) == DB_ROW;
}

/* What is left can be bought to the last piece, and not one more. */
static void order_place__cart_for_all_that_is_left__is_bought(void **state)
{
    struct fixture *f = *state;
    const struct buyer buyer = {.customer_email = BEA};
    struct order_placement placement = placement_of(&buyer);
    int64_t quantity = 4;
    struct err err = {0};

    placement.session_id = "the-last-ones";
    (void)number(f, "UPDATE products SET stock = 3 WHERE id = 20 RETURNING 1");
    assert_true(db_write(&f->ctx, f->pool, put_into_cart, &quantity, &err));
    assert_false(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(stock_of(f, 20), 3);
    (void)number(f, "UPDATE products SET stock = 4 WHERE id = 20 RETURNING 1");
    assert_true(db_write(&f->ctx, f->pool, place, &placement, &err));
    assert_int_equal(stock_of(f, 20), 0);
}

/* --- failures --- */

static int64_t rows_of_an_order(const struct fixture *f)
{
    return number(f, "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_items)"
                     " + (SELECT count(*) FROM customers) + (SELECT count(*) FROM shipments)"
                     " + (SELECT count(*) FROM order_outbox) + (SELECT sum(stock) FROM products)"
                     " + (SELECT sum(used_count) FROM coupons)"
                     " + (SELECT count(*) FROM cart_items)");
}

/* Lets the first, the second ... call of this kind fail, until none is left to fail. Returns how
 * many did; nothing stays of an order when one does. */
static size_t fail_each(struct fixture *f, enum fake_call call, struct order_placement *placement)
{
    const int64_t before = rows_of_an_order(f);
    size_t failed = 0;
    struct err err = {0};

    for (;; failed++) {
        bool is_placed;

        fake_fail(call, failed, 1, ERR_DATABASE);
        is_placed = db_write(&f->ctx, f->pool, place, placement, &err);
        fake_fail(call, 0, 0, ERR_NONE);
        if (is_placed) {
            return failed;
        }
        assert_int_equal(err.code, ERR_DATABASE);
        assert_int_equal(rows_of_an_order(f), before);
        err_clear(&err);
    }
}

/* Whichever statement of an order fails, the order is not placed and nothing of it stays. */
static void order_place__any_statement_fails__leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct order_want items[] = {{.product_id = 1, .quantity = 1},
                                 {.product_id = 2, .quantity = 1}};
    const struct buyer buyer = {.customer_email = "new@example.org",
                                .items = items,
                                .items_count = 2,
                                .coupon_code = "FIRSTFLIGHT"};
    struct order_placement placement = placement_of(&buyer);
    static const enum fake_call CALLS[] = {FAKE_QUERY, FAKE_EXECUTE, FAKE_NEXT};
    char session[] = "cart-0-that-fails";
    struct err err = {0};

    for (size_t i = 0; i < sizeof(CALLS) / sizeof(CALLS[0]); i++) {
        placement.session_id = NULL;
        assert_true(fail_each(f, CALLS[i], &placement) >= 3);
        assert_int_equal(placement.unit_count, 2); /* of the last try alone */
        session[5] = (char)('0' + i);
        assert_true(db_write(&f->ctx, f->pool, fill_cart, session, &err));
        placement.session_id = session;
        assert_true(fail_each(f, CALLS[i], &placement) >= 4);
        assert_int_equal(placement.unit_count, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_place__items__take_stock_and_price_exactly),
        cmocka_unit_test(order_place__too_few_left__takes_nothing),
        cmocka_unit_test(order_place__unknown_product__names_the_item),
        cmocka_unit_test(order_place__same_product_twice__is_added_up),
        cmocka_unit_test(order_place__nothing_to_buy__is_refused),
        cmocka_unit_test(order_place__bad_coupon__gives_no_discount),
        cmocka_unit_test(order_place__known_address__only_fills_gaps),
        cmocka_unit_test(order_place__known_address__is_written_for_gaps_alone),
        cmocka_unit_test(order_place__cart_of_three__is_bought_whole),
        cmocka_unit_test(order_place__cart_for_all_that_is_left__is_bought),
        cmocka_unit_test(order_place__any_statement_fails__leaves_nothing),
    };

    return cmocka_run_group_tests_name("shop/order_place", tests, setup, teardown);
}

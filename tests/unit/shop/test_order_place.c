/*
 * order_place over a real SQLite database with the shop's schema and seed.
 */
#include <inttypes.h>
#include <unistd.h>

#include "db/migrate.h"
#include "shop/order_place.h"
#include "sql_shop.h"
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

    db_close(f->db);
    arena_fini(&f->arena);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", f->path, suffixes[i]);
        (void)unlink(path);
    }
    free(f);
    return 0;
}

static bool place(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    return order_place(ctx, db, arg, err);
}

static int64_t stock_of(struct fixture *f, int64_t product_id)
{
    struct sql_product_row row;
    struct db_session *db = NULL;
    struct err err = {0};

    assert_true(db_checkout(&f->ctx, f->pool, &db, &err));
    assert_int_equal(sql_product_by_id(db, product_id, &row, &err), DB_ROW);
    db_checkin(db);
    return row.stock;
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

static bool read_customer(struct ctx *ctx, struct db_session *db, void *arg, struct err *err)
{
    struct sql_customer_by_id_row *row = arg;
    struct sql_customer_id_by_email_row id;

    (void)ctx;
    return sql_customer_id_by_email(db, "eve@example.org", &id, err) == DB_ROW &&
           sql_customer_by_id(db, id.id, row, err) == DB_ROW;
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
    };

    return cmocka_run_group_tests_name("shop/order_place", tests, setup, teardown);
}

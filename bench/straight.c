/*
 * bench/straight.c: the yardstick of ./octo bench. Runs the statements of one of the shop's routes
 * straight through the SQLite API, in one thread, with bound values and every column read: no
 * server, no pool, no JSON. The texts come from the generated catalogue, so they are the shop's
 * own.
 *
 * straight DATABASE SCENARIO SECONDS
 *
 * Prints one JSON line: how often the route's statements ran, in which time and with how much of a
 * core. Writing scenarios commit each unit for itself, durably (synchronous=FULL).
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "db/value.h"
#include "sql_shop.h"

enum {
    PAGE = 100,      /* rows of a list */
    PRODUCTS = 50,   /* ids from 1 on that the database has for sale */
    BUYERS = 1000,   /* different e-mail addresses */
    UNITS_A_LOOK = 8 /* units of work between two looks at the clock */
};

/* The statements used here, prepared when first needed. */
enum statement_id {
    PRODUCTS_LIST,
    PRODUCT,
    ORDERS_LIST,
    ORDERS_LINES,
    ORDERS_COUNT,
    CART_ADD,
    CART_NOTE,
    STOCK_TAKE,
    CUSTOMER_SAVE,
    CUSTOMER_FIND,
    ORDER_INSERT,
    ITEM_INSERT,
    SHIPMENT_INSERT,
    AUDIT_INSERT,
    STATEMENT_COUNT
};

static const struct db_statement *const statements[STATEMENT_COUNT] = {
    [PRODUCTS_LIST] = &sql_shop__products_list_default,
    [PRODUCT] = &sql_shop__product_by_id,
    [ORDERS_LIST] = &sql_shop__orders_newest,
    [ORDERS_LINES] = &sql_shop__order_page_lines,
    [ORDERS_COUNT] = &sql_shop__orders_count,
    [CART_ADD] = &sql_shop__cart_add,
    [CART_NOTE] = &sql_shop__cart_session_note,
    [STOCK_TAKE] = &sql_shop__stock_take,
    [CUSTOMER_SAVE] = &sql_shop__customer_save,
    [CUSTOMER_FIND] = &sql_shop__customer_id_by_email,
    [ORDER_INSERT] = &sql_shop__order_insert,
    [ITEM_INSERT] = &sql_shop__order_item_insert,
    [SHIPMENT_INSERT] = &sql_shop__shipment_insert,
    [AUDIT_INSERT] = &sql_shop__audit_insert,
};

struct bench {
    sqlite3 *handle;
    sqlite3_stmt *prepared[STATEMENT_COUNT];
    uint64_t seen;    /* of all columns read: what is read must not be optimised away */
    int64_t now_us;   /* of the running unit */
    const char *name; /* of the scenario */
};

/* One unit of work, the n-th; prints what went wrong and ends the program itself. */
typedef void unit_of_work(struct bench *b, uint64_t n);

static _Noreturn void stop(struct bench *b, const char *what)
{
    fprintf(stderr, "straight: %s: %s: %s\n", b->name, what, sqlite3_errmsg(b->handle));
    exit(1);
}

static void control(struct bench *b, const char *text)
{
    if (sqlite3_exec(b->handle, text, NULL, NULL, NULL) != SQLITE_OK) {
        stop(b, text);
    }
}

static int bind_value(struct bench *b, sqlite3_stmt *stmt, int place, const struct db_value *value)
{
    if (value->is_null) {
        return sqlite3_bind_null(stmt, place);
    }
    switch (value->type) {
    case DB_TEXT:
        return sqlite3_bind_text(stmt, place, value->text, -1, SQLITE_STATIC);
    case DB_REAL:
        return sqlite3_bind_double(stmt, place, value->real);
    case DB_NOW:
        return sqlite3_bind_int64(stmt, place, b->now_us);
    case DB_INT:
    case DB_MONEY:
    case DB_TIME:
    case DB_BOOL:
        return sqlite3_bind_int64(stmt, place, value->i);
    }
    return SQLITE_MISUSE;
}

/* Binds one value per parameter of the statement, in its order. */
static sqlite3_stmt *start(struct bench *b, enum statement_id id, const struct db_value *values)
{
    const struct db_variant *variant = &statements[id]->variants[DB_SQLITE];
    sqlite3_stmt *stmt = b->prepared[id];

    if (stmt == NULL) {
        if (sqlite3_prepare_v3(b->handle, variant->text, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                               NULL) != SQLITE_OK) {
            stop(b, statements[id]->name);
        }
        b->prepared[id] = stmt;
    }
    for (int i = 0; i < variant->bind_count; i++) {
        size_t param = variant->bind_order != NULL ? variant->bind_order[i] : (size_t)i;

        if (bind_value(b, stmt, i + 1, &values[param]) != SQLITE_OK) {
            stop(b, statements[id]->name);
        }
    }
    return stmt;
}

/* Steps to the next row and reads it; false at the end, when the statement is reset. */
static bool next_row(struct bench *b, enum statement_id id, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);

    if (rc == SQLITE_DONE) {
        sqlite3_reset(stmt);
        return false;
    }
    if (rc != SQLITE_ROW) {
        stop(b, statements[id]->name);
    }
    for (int i = 0; i < statements[id]->column_count; i++) {
        if (statements[id]->columns[i].type == DB_TEXT) {
            const unsigned char *text = sqlite3_column_text(stmt, i);

            b->seen += text != NULL ? text[0] + (uint64_t)sqlite3_column_bytes(stmt, i) : 0;
        } else {
            b->seen += (uint64_t)sqlite3_column_int64(stmt, i);
        }
    }
    return true;
}

/* Runs a statement to its end and gives column 0 of its first row, or `otherwise`. */
static int64_t run(struct bench *b, enum statement_id id, const struct db_value *values,
                   int64_t otherwise)
{
    sqlite3_stmt *stmt = start(b, id, values);
    int64_t first = otherwise;

    if (next_row(b, id, stmt)) {
        first = sqlite3_column_int64(stmt, 0);
        while (next_row(b, id, stmt)) {
        }
    }
    return first;
}

/* The page is not full, so the shop needs no count. */
static void list_products(struct bench *b, uint64_t n)
{
    const struct db_value page[] = {db_value_int(PAGE), db_value_int(0)};

    (void)n;
    run(b, PRODUCTS_LIST, page, 0);
}

static int64_t product_id(uint64_t n)
{
    return (int64_t)(n % PRODUCTS) + 1;
}

static void one_product(struct bench *b, uint64_t n)
{
    const struct db_value id = db_value_int(product_id(n));

    run(b, PRODUCT, &id, 0);
}

/* As one read transaction: the lines belong to the orders. */
static void list_orders(struct bench *b, uint64_t n)
{
    const struct db_value page[] = {db_value_text(NULL), db_value_int(PAGE), db_value_int(0)};
    char ids[PAGE * 21 + 2] = "[";
    size_t length = 1;
    struct db_value id_list;

    (void)n;
    control(b, "BEGIN");
    sqlite3_stmt *stmt = start(b, ORDERS_LIST, page);
    while (next_row(b, ORDERS_LIST, stmt)) {
        length += (size_t)snprintf(ids + length, sizeof ids - length, "%s%" PRId64,
                                   length > 1 ? "," : "", (int64_t)sqlite3_column_int64(stmt, 0));
    }
    snprintf(ids + length, sizeof ids - length, "]");
    id_list = db_value_text(ids);
    run(b, ORDERS_LINES, &id_list, 0);
    run(b, ORDERS_COUNT, NULL, 0);
    control(b, "COMMIT");
}

static void audit(struct bench *b, const char *action, const char *resource, const char *route)
{
    const struct db_value values[] = {
        db_value_null(DB_INT),     db_value_text(NULL),
        db_value_text(action),     db_value_text(resource),
        db_value_text("{}"),       db_value_text("POST"),
        db_value_text(route),      db_value_int(200),
        db_value_int(1000),        db_value_text("127.0.0.1"),
        db_value_text("straight"), db_value_text("0123456789abcdef0123456789abcdef"),
        db_value_time(b->now_us),
    };

    run(b, AUDIT_INSERT, values, 0);
}

static void add_to_cart(struct bench *b, uint64_t n)
{
    char session[48];
    char resource[32];
    const struct db_value product = db_value_int(product_id(n));

    snprintf(session, sizeof session, "straight-%" PRId64 "-%" PRIu64, b->now_us, n);
    snprintf(resource, sizeof resource, "product:%" PRId64, product.i);
    const struct db_value line[] = {db_value_text(session), product, db_value_int(1),
                                    db_value_now()};
    const struct db_value note[] = {db_value_text(session), db_value_now()};

    control(b, "BEGIN IMMEDIATE");
    run(b, PRODUCT, &product, 0);
    run(b, CART_ADD, line, 0);
    run(b, CART_NOTE, note, 0);
    audit(b, "cart.added", resource, "/api/cart/add");
    control(b, "COMMIT");
}

static int64_t save_customer(struct bench *b, uint64_t n)
{
    char email[48];
    int64_t id;

    snprintf(email, sizeof email, "buyer%" PRIu64 "@example.com", n % BUYERS);
    const struct db_value customer[] = {db_value_text("Bench Buyer"),
                                        db_value_text(email),
                                        db_value_text(NULL),
                                        db_value_text(NULL),
                                        db_value_text("Drone Operations"),
                                        db_value_now()};
    const struct db_value find = db_value_text(email);

    id = run(b, CUSTOMER_SAVE, customer, 0);
    return id != 0 ? id : run(b, CUSTOMER_FIND, &find, 0);
}

/* What an order has besides the order itself. */
static void finish_order(struct bench *b, const struct db_value *order, const int64_t *products)
{
    char tracking[32];
    char resource[32];

    for (size_t i = 0; i < 2; i++) {
        const struct db_value item[] = {*order,
                                        db_value_int(products[i]),
                                        db_value_text("DRN-001"),
                                        db_value_text("A drone of the bench"),
                                        db_value_int(1),
                                        db_value_money(100000)};

        run(b, ITEM_INSERT, item, 0);
    }
    snprintf(tracking, sizeof tracking, "OCTO-%06" PRId64, order->i);
    snprintf(resource, sizeof resource, "order:%" PRId64, order->i);
    const struct db_value shipment[] = {*order, db_value_text(tracking), db_value_money(280),
                                        db_value_money(14900), db_value_now()};

    run(b, SHIPMENT_INSERT, shipment, 0);
    audit(b, "order.created", resource, "/api/shop/checkout");
}

static void checkout(struct bench *b, uint64_t n)
{
    const int64_t products[] = {product_id(n), product_id(n + 7)};
    struct db_value customer;
    struct db_value order;

    control(b, "BEGIN IMMEDIATE");
    for (size_t i = 0; i < 2; i++) {
        const struct db_value take[] = {db_value_int(products[i]), db_value_int(1), db_value_now()};

        run(b, STOCK_TAKE, take, 0);
    }
    customer = db_value_int(save_customer(b, n));
    const struct db_value values[] = {
        customer,
        db_value_money(214900),
        db_value_text("credit_card"),
        db_value_text("paid"),
        db_value_text("Source=shop_checkout; Coupon=none"),
        db_value_text("1 Bench Street"),
        db_value_money(200000),
        db_value_money(0),
        db_value_money(14900),
        db_value_text(NULL),
        db_value_now(),
    };
    order = db_value_int(run(b, ORDER_INSERT, values, 0));
    finish_order(b, &order, products);
    control(b, "COMMIT");
}

static const struct {
    const char *name;
    unit_of_work *unit;
} scenarios[] = {
    {"products", list_products}, {"product", one_product}, {"orders", list_orders},
    {"cart_add", add_to_cart},   {"checkout", checkout},
};

static void open_database(struct bench *b, const char *path)
{
    if (sqlite3_open_v2(path, &b->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK) {
        stop(b, path);
    }
    control(b, "PRAGMA journal_mode = WAL");
    control(b, "PRAGMA foreign_keys = ON");
    control(b, "PRAGMA synchronous = FULL");
    control(b, "PRAGMA wal_autocheckpoint = 4096");
}

static double cpu_seconds(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void measure(struct bench *b, unit_of_work *unit, double seconds)
{
    uint64_t started;
    uint64_t until;
    uint64_t count = 0;
    double cpu;

    unit(b, 0); /* prepares the statements */
    cpu = cpu_seconds();
    started = clock_mono_ns();
    until = started + (uint64_t)(seconds * 1e9);
    while (clock_mono_ns() < until) {
        b->now_us = clock_utc_us();
        for (size_t i = 0; i < UNITS_A_LOOK; i++) {
            unit(b, ++count);
        }
    }
    printf("{\"scenario\": \"%s\", \"count\": %" PRIu64
           ", \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"seen\": %" PRIu64 "}\n",
           b->name, count, (double)(clock_mono_ns() - started) / 1e9, cpu_seconds() - cpu, b->seen);
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    double seconds = argc == 4 ? strtod(argv[3], NULL) : 0;

    for (size_t i = 0; seconds > 0 && i < sizeof scenarios / sizeof scenarios[0]; i++) {
        if (strcmp(scenarios[i].name, argv[2]) != 0) {
            continue;
        }
        bench.name = scenarios[i].name;
        bench.now_us = clock_utc_us();
        open_database(&bench, argv[1]);
        measure(&bench, scenarios[i].unit, seconds);
        for (size_t s = 0; s < STATEMENT_COUNT; s++) {
            sqlite3_finalize(bench.prepared[s]);
        }
        sqlite3_close(bench.handle);
        return 0;
    }
    fprintf(stderr, "usage: straight DATABASE products|product|orders|cart_add|checkout SECONDS\n");
    return 2;
}

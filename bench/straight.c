/*
 * bench/straight.c: the yardstick of ./octo bench. Runs the statements of one of the shop's routes
 * straight through the database's own API, with bound values and every column read: no server, no
 * pool, no JSON. The texts come from the generated catalogue, so they are the shop's own.
 *
 * straight ADDRESS SCENARIO SECONDS SESSIONS
 *
 * ADDRESS is a file or a connection URL; each session has a thread of its own. Prints one JSON
 * line: how often the route's statements ran, in which time and with how much of a core. Writing
 * scenarios commit each unit for itself, durably.
 */
#include "straight.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/arena.h"
#include "core/clock.h"
#include "core/text.h"
#include "core/thread.h"
#include "sql_shop.h"

enum {
    PRODUCTS = 50,    /* ids from 1 on that the database has for sale */
    BUYERS = 1000,    /* different e-mail addresses */
    UNITS_A_LOOK = 8, /* units of work between two looks at the clock */
    SESSIONS_MAX = 100
};

const struct db_statement *const straight_statements[STATEMENT_COUNT] = {
    [PRODUCTS_LIST] = &sql_shop__products_list_default,
    [PRODUCT] = &sql_shop__product_by_id,
    [ORDERS_LIST] = &sql_shop__orders_newest,
    [ORDERS_LINES] = &sql_shop__order_page_lines,
    [ORDERS_COUNT] = &sql_shop__orders_count,
    [CART_MAKE] = &sql_shop__cart_make,
    [CART_ADD] = &sql_shop__cart_add,
    [STOCK_TAKE] = &sql_shop__stock_take,
    [CUSTOMER_SAVE] = &sql_shop__customer_save,
    [ORDER_INSERT] = &sql_shop__order_insert,
    [ITEM_INSERT] = &sql_shop__order_item_insert,
    [SHIPMENT_INSERT] = &sql_shop__shipment_insert,
    [AUDIT_INSERT] = &sql_shop__audit_insert,
};

#define RUN(s, id, values, answer)                                                                 \
    straight_run(s, id, values, sizeof(values) / sizeof((values)[0]), answer)

/* One unit of work, the n-th of all sessions. */
typedef void unit_of_work(struct straight *s, uint64_t n);

void straight_stop(const char *what, const char *why)
{
    (void)fprintf(stderr, "straight: %s: %s\n", what, why);
    exit(1);
}

/* A statement that has changed since ends the run: its figures would be of other work. */
static void straight_run(struct straight *s, enum statement_id id, const struct db_value *values,
                         size_t count, struct answer *answer)
{
    const struct db_statement *statement = straight_statements[id];

    if (count != statement->param_count) {
        straight_stop(statement->name, "takes other parameters than it is given here");
    }
    for (size_t i = 0; i < count; i++) {
        if (values[i].type != statement->params[i].type) {
            straight_stop(statement->params[i].name, "has another type than it is given here");
        }
    }
    engine_run(s, id, values, answer);
}

static int64_t product_id(uint64_t n)
{
    return (int64_t)(n % PRODUCTS) + 1;
}

/* The page is not full, so the shop needs no count. */
static void list_products(struct straight *s, uint64_t n)
{
    const struct db_value page[] = {db_value_int(PAGE), db_value_int(0)};

    (void)n;
    RUN(s, PRODUCTS_LIST, page, NULL);
    engine_settle(s);
}

static void one_product(struct straight *s, uint64_t n)
{
    const struct db_value id[] = {db_value_int(product_id(n))};

    RUN(s, PRODUCT, id, NULL);
    engine_settle(s);
}

/* As one read transaction: the lines belong to the orders. */
static void list_orders(struct straight *s, uint64_t n)
{
    const struct db_value page[] = {db_value_text(NULL), db_value_int(PAGE), db_value_int(0)};
    char ids[PAGE * 21 + 2] = "[";
    size_t length = 1;
    struct answer orders;

    (void)n;
    engine_begin(s, false);
    RUN(s, ORDERS_LIST, page, &orders);
    straight_run(s, ORDERS_COUNT, NULL, 0, NULL);
    engine_settle(s);
    for (size_t i = 0; i < orders.rows; i++) {
        length += (size_t)snprintf(ids + length, sizeof(ids) - length, "%s%" PRId64,
                                   length > 1 ? "," : "", orders.firsts[i]);
    }
    (void)snprintf(ids + length, sizeof(ids) - length, "]");
    const struct db_value id_list[] = {db_value_text(ids)};

    RUN(s, ORDERS_LINES, id_list, NULL);
    engine_commit(s);
}

static void audit(struct straight *s, const char *action, const char *resource, const char *route)
{
    const struct db_value values[] = {
        db_value_null(DB_INT),     db_value_text(NULL),
        db_value_text(action),     db_value_text(resource),
        db_value_text("{}"),       db_value_text("POST"),
        db_value_text(route),      db_value_null(DB_INT),
        db_value_null(DB_INT),     db_value_text("127.0.0.1"),
        db_value_text("straight"), db_value_text("0123456789abcdef0123456789abcdef"),
        db_value_time(s->now_us),
    };

    RUN(s, AUDIT_INSERT, values, NULL);
}

static void add_to_cart(struct straight *s, uint64_t n)
{
    char session[48];
    char resource[32];
    const int64_t product = product_id(n);
    const struct db_value id[] = {db_value_int(product)};

    (void)snprintf(session, sizeof(session), "straight-%" PRId64 "-%" PRIu64, s->now_us, n);
    (void)snprintf(resource, sizeof(resource), "product:%" PRId64, product);
    const struct db_value line[] = {db_value_text(session), id[0], db_value_int(1), db_value_now()};
    const struct db_value cart[] = {db_value_text(session), db_value_now()};

    engine_begin(s, true);
    RUN(s, CART_MAKE, cart, NULL);
    RUN(s, PRODUCT, id, NULL);
    RUN(s, CART_ADD, line, NULL);
    audit(s, "cart.added", resource, "/api/cart/add");
    engine_commit(s);
}

/* Stock and customer are asked for together, since neither needs the other. */
static void gather(struct straight *s, const char *email, const int64_t products[2])
{
    struct answer taken[2];
    const struct db_value customer[] = {db_value_text("Bench Buyer"),
                                        db_value_text(email),
                                        db_value_text(NULL),
                                        db_value_text(NULL),
                                        db_value_text("Drone Operations"),
                                        db_value_now()};

    for (size_t i = 0; i < 2; i++) {
        const struct db_value take[] = {db_value_text(NULL), db_value_int(products[i]),
                                        db_value_int(1), db_value_now()};

        RUN(s, STOCK_TAKE, take, &taken[i]);
    }
    RUN(s, CUSTOMER_SAVE, customer, NULL);
    engine_settle(s);
    if (taken[0].rows + taken[1].rows != 2) {
        straight_stop("stock_take", "not enough stock: fill the database first");
    }
}

static int64_t insert_order(struct straight *s, const char *email)
{
    struct answer order;
    const struct db_value values[] = {
        db_value_text(email),
        db_value_money(214900),
        db_value_text("credit_card"),
        db_value_text("paid"),
        db_value_text("Source=shop_checkout; Coupon=none"),
        db_value_text("1 Bench Street"),
        db_value_money(200000),
        db_value_money(0),
        db_value_money(14900),
        db_value_text(NULL),
        db_value_text("79c76c8173b086043b36e60422a2b317"),
        db_value_now(),
    };

    RUN(s, ORDER_INSERT, values, &order);
    engine_settle(s);
    if (order.rows != 1) {
        straight_stop(email, "no order came of it");
    }
    return order.firsts[0];
}

/* What an order has besides the order itself. */
static void finish_order(struct straight *s, int64_t order_id, const int64_t products[2])
{
    const struct db_value order = db_value_int(order_id);
    char tracking[32];
    char resource[32];

    for (size_t i = 0; i < 2; i++) {
        const struct db_value item[] = {order,
                                        db_value_int(products[i]),
                                        db_value_text("DRN-001"),
                                        db_value_text("A drone of the bench"),
                                        db_value_int(1),
                                        db_value_money(100000)};

        RUN(s, ITEM_INSERT, item, NULL);
    }
    (void)snprintf(tracking, sizeof(tracking), "OCTO-%06" PRId64, order_id);
    (void)snprintf(resource, sizeof(resource), "order:%" PRId64, order_id);
    const struct db_value shipment[] = {order, db_value_text(tracking), db_value_money(280),
                                        db_value_money(14900), db_value_now()};

    RUN(s, SHIPMENT_INSERT, shipment, NULL);
    audit(s, "order.created", resource, "/api/shop/checkout");
}

static void checkout(struct straight *s, uint64_t n)
{
    const int64_t products[] = {product_id(n), product_id(n + 7)};
    char email[48];

    (void)snprintf(email, sizeof(email), "buyer%" PRIu64 "@example.com", n % BUYERS);
    engine_begin(s, true);
    gather(s, email, products);
    finish_order(s, insert_order(s, email), products);
    engine_commit(s);
}

static const struct {
    const char *name;
    unit_of_work *unit;
} scenarios[] = {
    {"products", list_products}, {"product", one_product}, {"orders", list_orders},
    {"cart_add", add_to_cart},   {"checkout", checkout},
};

/* --- measuring --- */

struct run {
    unit_of_work *unit;
    uint64_t until_ns;
    _Atomic uint64_t next; /* of the units of all sessions */
};

struct worker {
    struct run *run;
    struct straight session;
    struct thread thread;
    uint64_t count;
};

static void work(void *arg)
{
    struct worker *worker = arg;
    struct run *run = worker->run;

    while (clock_mono_ns() < run->until_ns) {
        worker->session.now_us = clock_utc_us();
        for (size_t i = 0; i < UNITS_A_LOOK; i++) {
            run->unit(&worker->session, atomic_fetch_add(&run->next, 1));
        }
        worker->count += UNITS_A_LOOK;
    }
}

static double cpu_seconds(void)
{
    struct timespec used;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static void measure(const char *name, struct run *run, struct worker *workers, size_t count,
                    double seconds)
{
    const double cpu = cpu_seconds();
    const uint64_t started = clock_mono_ns();
    uint64_t units = 0;
    uint64_t seen = 0;

    run->until_ns = started + (uint64_t)(seconds * 1e9);
    for (size_t i = 0; i < count; i++) {
        thread_start(&workers[i].thread, "straight", work, &workers[i]);
    }
    for (size_t i = 0; i < count; i++) {
        thread_join(&workers[i].thread);
        units += workers[i].count;
        seen += workers[i].session.seen;
    }
    printf("{\"scenario\": \"%s\", \"count\": %" PRIu64
           ", \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"seen\": %" PRIu64 "}\n",
           name, units, (double)(clock_mono_ns() - started) / 1e9, cpu_seconds() - cpu, seen);
}

/* Each session runs one unit before the clock starts, which prepares its statements. */
static void run_scenario(size_t scenario, const char *address, double seconds, size_t count)
{
    struct run run = {.unit = scenarios[scenario].unit};
    struct worker *workers = mem_alloc(count * sizeof(*workers));

    for (size_t i = 0; i < count; i++) {
        workers[i].run = &run;
        workers[i].session.engine = engine_open(address);
        workers[i].session.now_us = clock_utc_us();
        run.unit(&workers[i].session, atomic_fetch_add(&run.next, 1));
    }
    measure(scenarios[scenario].name, &run, workers, count, seconds);
    for (size_t i = 0; i < count; i++) {
        engine_close(workers[i].session.engine);
    }
    free(workers);
}

int main(int argc, char **argv)
{
    double seconds = argc == 5 ? strtod(argv[3], NULL) : 0;
    int64_t sessions = 0;

    if (seconds > 0 && text_to_int64(argv[4], &sessions) && sessions >= 1 &&
        sessions <= SESSIONS_MAX) {
        for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
            if (strcmp(scenarios[i].name, argv[2]) == 0) {
                run_scenario(i, argv[1], seconds, (size_t)sessions);
                return 0;
            }
        }
    }
    (void)fprintf(stderr, "usage: straight ADDRESS products|product|orders|cart_add|checkout "
                          "SECONDS SESSIONS\n");
    return 2;
}

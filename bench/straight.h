/*
 * bench/straight.h: what a unit of work of bench/straight.c is made of. Each database has one file
 * that does this over its own API, linked into a program of its own.
 *
 * Whatever fails ends the program with a message: a yardstick that went on would measure something
 * else.
 * Threads: a session belongs to one thread.
 */
#ifndef BENCH_STRAIGHT_H
#define BENCH_STRAIGHT_H

#include "db/catalogue.h"
#include "db/value.h"

/* The statements used here. */
enum statement_id {
    PRODUCTS_LIST,
    PRODUCT,
    ORDERS_LIST,
    ORDERS_LINES,
    ORDERS_COUNT,
    CART_MAKE,
    CART_ADD,
    STOCK_TAKE,
    CUSTOMER_SAVE,
    ORDER_INSERT,
    ITEM_INSERT,
    SHIPMENT_INSERT,
    AUDIT_INSERT,
    STATEMENT_COUNT
};

extern const struct db_statement *const straight_statements[STATEMENT_COUNT];

enum { PAGE = 100 /* rows of a list */ };

/* What is kept of a result: column 0 of each row, an integer. */
struct answer {
    size_t rows;
    int64_t firsts[PAGE];
};

struct straight {
    struct engine *engine;
    uint64_t seen;  /* of all columns read: what is read must not be optimised away */
    int64_t now_us; /* of the running unit */
};

_Noreturn void straight_stop(const char *what, const char *why);

/* --- one implementation per database --- */

struct engine *engine_open(const char *address);
void engine_close(struct engine *engine);
void engine_begin(struct straight *s, bool is_writing);
/* Runs a statement with one value per parameter, in its order, and reads every column of its rows.
 * It may be sent only: the answer (NULL: none is wanted) stands from engine_settle or engine_commit
 * on, and must have room until then; the values need not. */
void engine_run(struct straight *s, enum statement_id id, const struct db_value *values,
                struct answer *answer);
void engine_settle(struct straight *s);
void engine_commit(struct straight *s); /* returns when it is durable */

#endif

/*
 * tests/conformance/oracle_statements.h: statements in Oracle's SQL, made by hand as the generator
 * makes them, for tests that need no other engine beside it.
 */
#ifndef TESTS_CONFORMANCE_ORACLE_STATEMENTS_H
#define TESTS_CONFORMANCE_ORACLE_STATEMENTS_H

#include <stddef.h>

#include "db/db.h"

struct wares_row {
    int64_t id;
    const char *name; /* may be empty, is never null */
    int64_t price_cents;
    int64_t at_us;
    bool flag;
    double ratio;
    const char *body;
    bool price_cents_is_null;
    bool at_us_is_null;
    bool flag_is_null;
    bool ratio_is_null;
};
struct count_row {
    int64_t total;
};
struct stock_row {
    int64_t stock;
};
struct tags_row {
    const char *module;
    const char *action;
    const char *client_identifier;
};

#define COLUMN(row_, name_, type_, nullable_)                                                      \
    {                                                                                              \
        .name = #name_, .type = (type_), .is_nullable = (nullable_),                               \
        .offset = offsetof(struct row_, name_)                                                     \
    }
#define COLUMN_OR_NULL(row_, name_, type_)                                                         \
    {                                                                                              \
        .name = #name_, .type = (type_), .is_nullable = true,                                      \
        .offset = offsetof(struct row_, name_),                                                    \
        .null_offset = offsetof(struct row_, name_##_is_null)                                      \
    }
#define LENGTH_OF(array_) (sizeof(array_) / sizeof((array_)[0]))
static const struct db_param wares_params[] = {
    {"id", DB_INT, false},   {"name", DB_TEXT, false}, {"price", DB_MONEY, true},
    {"at", DB_TIME, true},   {"flag", DB_BOOL, true},  {"ratio", DB_REAL, true},
    {"body", DB_TEXT, true},
};
static const struct db_column wares_columns[] = {
    COLUMN(wares_row, id, DB_INT, false),
    COLUMN(wares_row, name, DB_TEXT, false),
    COLUMN_OR_NULL(wares_row, price_cents, DB_MONEY),
    COLUMN_OR_NULL(wares_row, at_us, DB_TIME),
    COLUMN_OR_NULL(wares_row, flag, DB_BOOL),
    COLUMN_OR_NULL(wares_row, ratio, DB_REAL),
    COLUMN(wares_row, body, DB_TEXT, true),
};
static const struct db_param id_params[] = {{"id", DB_INT, false}};
static const struct db_param take_params[] = {{"id", DB_INT, false}, {"quantity", DB_INT, false}};
static const struct db_param sleep_params[] = {{"seconds", DB_INT, false}};
static const struct db_column count_columns[] = {COLUMN(count_row, total, DB_INT, false)};
static const struct db_column stock_columns[] = {COLUMN(stock_row, stock, DB_INT, false)};
static const struct db_column tags_columns[] = {
    COLUMN(tags_row, module, DB_TEXT, true),
    COLUMN(tags_row, action, DB_TEXT, true),
    COLUMN(tags_row, client_identifier, DB_TEXT, true),
};

static const struct db_statement wares_make = {
    .name = "wares_make",
    .variants[DB_ORACLE] = {
        .text = "CREATE TABLE wares (id NUMBER(19) PRIMARY KEY, name VARCHAR2(200), "
                "price NUMBER(12,2), at_time TIMESTAMP(6), flag NUMBER(1), ratio BINARY_DOUBLE, "
                "body CLOB, stock NUMBER(10) DEFAULT 10 NOT NULL CHECK (stock >= 0))"}};
static const struct db_statement wares_drop = {.name = "wares_drop",
                                               .variants[DB_ORACLE] = {.text = "DROP TABLE wares"}};
static const struct db_statement wares_put = {
    .name = "wares_put",
    .params = wares_params,
    .param_count = LENGTH_OF(wares_params),
    .variants[DB_ORACLE] = {.text =
                                "INSERT INTO wares (id, name, price, at_time, flag, ratio, body) "
                                "VALUES (:id, :name, :price, :at_time, :flag, :ratio, :body)",
                            .sql_id = "acc2hzm78rpxu",
                            .bind_count = LENGTH_OF(wares_params)}};
/* Fails like a MERGE that another transaction was quicker than. */
static const struct db_statement wares_collide = {
    .name = "wares_collide",
    .params = id_params,
    .param_count = 1,
    .variants[DB_ORACLE] = {
        .text = "INSERT INTO wares (id) VALUES (:id)", .bind_count = 1, .may_collide = true}};
static const struct db_statement wares_get = {
    .name = "wares_get",
    .params = id_params,
    .param_count = 1,
    .columns = wares_columns,
    .column_count = LENGTH_OF(wares_columns),
    .row_size = sizeof(struct wares_row),
    .variants[DB_ORACLE] = {.text = "SELECT id, name, price, at_time, flag, ratio, body "
                                    "FROM wares WHERE id = :id",
                            .bind_count = 1,
                            .is_read_only = true}};
static const struct db_statement wares_count = {
    .name = "wares_count",
    .columns = count_columns,
    .column_count = 1,
    .row_size = sizeof(struct count_row),
    .variants[DB_ORACLE] = {.text = "SELECT count(*) AS total FROM wares", .is_read_only = true}};
static const uint8_t take_order[] = {1, 0, 1};
static const struct db_statement wares_take = {
    .name = "wares_take",
    .params = take_params,
    .param_count = 2,
    .columns = stock_columns,
    .column_count = 1,
    .row_size = sizeof(struct stock_row),
    .variants[DB_ORACLE] = {.text = "UPDATE wares SET stock = stock - :quantity "
                                    "WHERE id = :id AND stock >= :quantity "
                                    "RETURNING stock INTO :stock",
                            .bind_order = take_order,
                            .bind_count = 3,
                            .gives_binds = true}};
static const struct db_statement wares_sleep = {
    .name = "wares_sleep",
    .params = sleep_params,
    .param_count = 1,
    .variants[DB_ORACLE] = {.text = "BEGIN dbms_session.sleep(:seconds); END;",
                            .bind_count = 1,
                            .is_block = true,
                            .is_read_only = true}};
static const struct db_statement wares_tags = {
    .name = "wares_tags",
    .columns = tags_columns,
    .column_count = 3,
    .row_size = sizeof(struct tags_row),
    .variants[DB_ORACLE] = {.text = "SELECT SYS_CONTEXT('USERENV', 'MODULE') AS m, "
                                    "SYS_CONTEXT('USERENV', 'ACTION') AS a, "
                                    "SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER') AS c FROM dual",
                            .is_read_only = true}};

#endif

/*
 * db/catalogue.h: what the generated catalogue says of each statement. The tables themselves and
 * the typed function per statement are made from sql/ by tools/sql2c.py.
 */
#ifndef DB_CATALOGUE_H
#define DB_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "db/sqlid.h"

enum db_dialect { DB_SQLITE, DB_POSTGRES, DB_ORACLE, DB_DIALECT_COUNT };

/* How a value travels. C side: INT, MONEY (cents), TIME (microseconds UTC) and BOOL are int64_t
 * (bool for BOOL), REAL is double, TEXT is NUL-terminated UTF-8. NOW is a parameter that the
 * session binds itself: the time of the transaction. */
enum db_type { DB_INT, DB_MONEY, DB_TIME, DB_BOOL, DB_REAL, DB_TEXT, DB_NOW };

struct db_param {
    const char *name;
    enum db_type type;
    bool is_nullable;
};

/* Where a result column goes in the statement's row struct. A nullable column that is not text has
 * a bool `<field>_is_null` at null_offset. */
struct db_column {
    const char *name;
    enum db_type type;
    bool is_nullable;
    uint16_t offset;
    uint16_t null_offset;
};

/* What is sent to an engine of a dialect. To Oracle each :name is a bind of its own wherever it
 * stands, but in a block one for all its places; binds are placed from 0 in the order in which they
 * first stand. */
struct db_variant {
    const char *text;          /* exactly what is sent; NULL: there is none for this dialect */
    char sql_id[SQLID_SIZE];   /* of that text */
    const uint8_t *bind_order; /* NULL: n-th placeholder is the n-th parameter; else placeholder ->
                                  parameter */
    uint8_t bind_count;
    bool is_read_only;
    bool is_block; /* PL/SQL, which runs once a call; all other writes of Oracle's go as arrays */
    /* The row comes out of binds, one for each column in their order, behind the bind_count that go
     * in: RETURNING ... INTO gives one for each row that was changed, a block one, or none where
     * the first column is NULL. */
    bool gives_binds;
    /* Has a MERGE that inserts, or a change that may become an insert: where another transaction
     * has stored the same key meanwhile it fails as a duplicate, and does what it should when it is
     * run again. */
    bool may_collide;
    /* Places whose text Oracle takes as a LOB alone when it is longer than a VARCHAR2 may be; any
     * other long text is of a CLOB column and goes as it is. Then the columns, among those that
     * come out of binds, that are CLOBs. */
    const uint8_t *lob_places;
    const uint8_t *lob_columns;
    uint8_t lob_place_count;
    uint8_t lob_column_count;
    const char *operation;  /* "UPDATE": db.operation.name */
    const char *collection; /* "products": db.collection.name; "" or NULL where there is none */
};

struct db_statement {
    const char *name; /* "stock_take" */
    const char *file; /* "sql/shop/stock.sql" */
    const struct db_param *params;
    const struct db_column *columns;
    uint8_t param_count;
    uint8_t column_count;
    uint16_t row_size; /* sizeof(the) row struct, 0 without columns */
    /* Texts that are never empty (db/filled_texts.h): places among params, offsets in the row. */
    const uint8_t *filled_params;
    const uint16_t *filled_columns;
    uint8_t filled_param_count;
    uint8_t filled_column_count;
    /* Of a batch statement: a bind is an array with a value for each row, but NOW one value. */
    bool is_batch;
    const struct db_statement *batch; /* does the same for many rows at once; NULL: row by row */
    struct db_variant variants[DB_DIALECT_COUNT];
};

/* A service's statements: sql/core and its own directory. */
struct db_catalogue {
    const char *service; /* "shop" */
    const struct db_statement *const *statements;
    size_t count;
};

/* A schema or seed script, run once, in order of version; text per dialect. */
struct db_script {
    int version;
    const char *name; /* "0001_core" */
    bool is_seed;     /* left out when seeding is off */
    const char *text[DB_DIALECT_COUNT];
    /* SHA-256, hexadecimal, of the file without what is for other dialects: adding one changes
     * nothing for databases that are there. */
    char checksum[DB_DIALECT_COUNT][65];
};

#endif

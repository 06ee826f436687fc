/*
 * db/value.h: one constructor per type of a bound value; the generated statement functions are
 * made of these. Text is borrowed until the statement has run.
 */
#ifndef DB_VALUE_H
#define DB_VALUE_H

#include "db/db.h"

static inline struct db_value db_value_null(enum db_type type)
{
    return (struct db_value){.type = type, .is_null = true};
}

static inline struct db_value db_value_int(int64_t value)
{
    return (struct db_value){.type = DB_INT, .i = value};
}

static inline struct db_value db_value_money(int64_t cents)
{
    return (struct db_value){.type = DB_MONEY, .i = cents};
}

static inline struct db_value db_value_time(int64_t us)
{
    return (struct db_value){.type = DB_TIME, .i = us};
}

static inline struct db_value db_value_bool(bool value)
{
    return (struct db_value){.type = DB_BOOL, .i = value};
}

static inline struct db_value db_value_real(double value)
{
    return (struct db_value){.type = DB_REAL, .real = value};
}

/* NULL is the null value: the table's own NOT NULL decides whether that is a mistake. */
static inline struct db_value db_value_text(const char *value)
{
    return (struct db_value){.type = DB_TEXT, .is_null = value == NULL, .text = value};
}

/* The session puts the time of the transaction in its place. */
static inline struct db_value db_value_now(void)
{
    return (struct db_value){.type = DB_NOW};
}

static inline struct db_value db_value_int_or_null(const int64_t *value)
{
    return value != NULL ? db_value_int(*value) : db_value_null(DB_INT);
}

static inline struct db_value db_value_money_or_null(const int64_t *cents)
{
    return cents != NULL ? db_value_money(*cents) : db_value_null(DB_MONEY);
}

static inline struct db_value db_value_time_or_null(const int64_t *us)
{
    return us != NULL ? db_value_time(*us) : db_value_null(DB_TIME);
}

static inline struct db_value db_value_bool_or_null(const bool *value)
{
    return value != NULL ? db_value_bool(*value) : db_value_null(DB_BOOL);
}

static inline struct db_value db_value_real_or_null(const double *value)
{
    return value != NULL ? db_value_real(*value) : db_value_null(DB_REAL);
}

#endif

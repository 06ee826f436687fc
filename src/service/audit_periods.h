/*
 * service/audit_periods.h: the audit trail in months. What is in one stays as it was written; whole
 * ones go, the oldest first, when `octo audit drop` says so and never by a service. Months are
 * those of UTC.
 */
#ifndef SERVICE_AUDIT_PERIODS_H
#define SERVICE_AUDIT_PERIODS_H

#include "db/db.h"
#include "service/writer.h"

enum { AUDIT_MONTH_MAX = 8 }; /* "2026-11" and its NUL */

/* When the month begins and when the next one does. */
MUST_CHECK bool audit_month_parse(const char *month, int64_t *ret_begin_us, int64_t *ret_end_us);
/* The month of a time. */
void audit_month_of(int64_t us, char out[AUDIT_MONTH_MAX]);

/* --- on a server periods are tables, which have to be there before their month --- */

MUST_CHECK bool audit_periods_make(struct ctx *ctx, struct db_pool *pool, struct err *err);

struct audit_periods; /* a job of the writer, which does that every hour */

struct audit_periods *audit_periods_new(struct writer *writer, struct db_pool *pool);
void audit_periods_free(struct audit_periods *periods); /* after writer_stop; NULL is accepted */

/* --- dropping --- */

struct audit_drop {
    int64_t until_us;     /* the beginning of a month: everything from before goes */
    const char *data_dir; /* whose reserve is taken where the disk is full (service/disk.h) */
};

/* Drops, and leaves a row that says so; on a file another one when it begins, since there it goes
 * in steps, so that services can work meanwhile. One that was interrupted is finished by the next.
 */
MUST_CHECK bool audit_drop(struct ctx *ctx, struct db_pool *pool, const struct audit_drop *drop,
                           int64_t *ret_rows, struct err *err);

#endif

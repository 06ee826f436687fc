/*
 * crm/report_queries.h: the queries that reports may ask: statements of sql/crm/report_queries.sql
 * and no others. Nobody's text becomes SQL; what a report leaves open are the parameters of its
 * statement, bound with the types that the statement declares.
 * Memory: tables are constants; what is bound lives in the arena that is given.
 */
#ifndef CRM_REPORT_QUERIES_H
#define CRM_REPORT_QUERIES_H

#include "db/db.h"
#include "http/json_in.h"
#include "http/json_out.h"

enum { REPORT_PARAMETERS_MOST = 8, REPORT_TEXT_MOST = 200 /* characters of one */ };

struct report_query {
    const char *name; /* "revenue_by_month" */
    const char *about;
    const struct db_statement *statement;
};

extern const char *const REPORT_QUERY_WORDS[];                /* their names, NULL-terminated */
const struct report_query *report_query_of(const char *name); /* NULL: there is none */

/* The values for the query's statement, which gives `most` rows at most. ERR_INVALID, with the
 * parameter's place below /parameters, for one that is missing, unknown or of another type. */
MUST_CHECK bool report_bind(struct arena *arena, const struct report_query *query,
                            const struct json_member *parameters, size_t count, int64_t most,
                            struct db_value **ret_values, struct err *err);

/* Every query as an element of the open list: name, about, parameters with their types, columns. */
void report_queries_describe(struct json_out *out);
extern const struct reply_shape REPORT_QUERY_REPLY;

#endif

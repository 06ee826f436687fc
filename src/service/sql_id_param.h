/*
 * service/sql_id_param.h: a SQL_ID in the path of a route, read and checked.
 */
#ifndef SERVICE_SQL_ID_PARAM_H
#define SERVICE_SQL_ID_PARAM_H

#include "db/sqlid.h"
#include "http/params.h"

struct sql_id_param {
    char text[SQLID_SIZE];
};

bool sql_id_parse(const char *text, void *into);

/* sql_id; the struct has a struct sql_id_param sql_id and a bool has_sql_id. */
#define PARAM_SQL_ID(struct_)                                                                      \
    {                                                                                              \
        .name = "sql_id", .kind = PARAM_KIND_PARSED, .place = PARAM_IN_PATH,                       \
        .offset = offsetof(struct_, sql_id), .flag_offset = offsetof(struct_, has_sql_id),         \
        .has_flag = true, .most = SQLID_SIZE - 1, .parse = sql_id_parse,                           \
        .rule = "the 13 characters of a SQL_ID", .pattern = "^[0-9a-dfg][0-9a-df-hjkmnp-z]{12}$"   \
    }

/* Of routes that take nothing else. */
struct sql_id_params {
    struct sql_id_param sql_id;
    bool has_sql_id;
};
extern const struct param_shape SQL_ID_PARAMS;

#endif

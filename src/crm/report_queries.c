#include "crm/report_queries.h"

#include <string.h>

#include "core/text.h"
#include "http/reply_shape.h"
#include "sql_crm.h"

#define QUERIES(X)                                                                                 \
    X("revenue_by_month", sql_crm__report_revenue_by_month, "Orders and revenue by month")         \
    X("revenue_by_region", sql_crm__report_revenue_by_region,                                      \
      "Orders and revenue by the region they go to")                                               \
    X("best_customers", sql_crm__report_best_customers, "Customers by what they bought for")       \
    X("orders", sql_crm__report_orders, "Orders one by one")                                       \
    X("open_invoices", sql_crm__report_open_invoices, "What is still to be paid")                  \
    X("tickets_by_assignee", sql_crm__report_tickets_by_assignee,                                  \
      "Support tickets by who sees to them")                                                       \
    X("leads_by_campaign", sql_crm__report_leads_by_campaign, "What campaigns cost and brought")

static const struct report_query TABLE[] = {
#define X(name_, statement_, about_) {name_, about_, &(statement_)},
    QUERIES(X)
#undef X
};
const char *const REPORT_QUERY_WORDS[] = {
#define X(name_, statement_, about_) name_,
    QUERIES(X)
#undef X
        NULL};
enum { QUERY_COUNT = sizeof(TABLE) / sizeof(TABLE[0]) };

const struct report_query *report_query_of(const char *name)
{
    for (size_t i = 0; i < QUERY_COUNT; i++) {
        if (strcmp(TABLE[i].name, name) == 0) {
            return &TABLE[i];
        }
    }
    return NULL;
}

/* --- parameters --- */

/* How many rows are asked for, and what the session binds itself, are no caller's. */
static bool is_callers(const struct db_param *param)
{
    return param->type != DB_NOW && strcmp(param->name, "most") != 0;
}

static const char *const TYPE_WORDS[] = {
    [DB_INT] = "integer", [DB_MONEY] = "amount", [DB_TIME] = "time", [DB_BOOL] = "boolean",
    [DB_REAL] = "number", [DB_TEXT] = "text",    [DB_NOW] = NULL,
};

/* What such a parameter is told to look like. */
static const char *const RULES[] = {
    [DB_INT] = "a whole number",
    [DB_MONEY] = "an amount with at most two decimals, as \"12.50\"",
    [DB_TIME] = "a time, as \"2026-11-22\" or \"2026-11-22T10:11:12Z\"",
    [DB_BOOL] = "true or false",
    [DB_REAL] = NULL, /* no statement has one */
    [DB_TEXT] = "a text of 1 to 200 characters",
};

static bool parse(enum db_type type, const char *text, struct db_value *ret)
{
    const size_t characters = utf8_count(text);

    *ret = (struct db_value){.type = type};
    switch (type) {
    case DB_INT:
        return text_to_int64(text, &ret->i);
    case DB_MONEY:
        return money_parse(text, &ret->i);
    case DB_TIME:
        return utc_parse(text, &ret->i);
    case DB_BOOL:
        ret->i = strcmp(text, "true") == 0;
        return ret->i != 0 || strcmp(text, "false") == 0;
    case DB_TEXT:
        ret->text = text;
        return characters >= 1 && characters <= REPORT_TEXT_MOST;
    case DB_REAL:
    case DB_NOW:
        break;
    }
    return false;
}

static const struct json_member *find_member(const struct json_member *members, size_t count,
                                             const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].name, name) == 0) {
            return &members[i];
        }
    }
    return NULL;
}

static bool bind_param(struct arena *arena, const struct db_param *param,
                       const struct json_member *given, struct db_value *ret, struct err *err)
{
    const char *pointer = arena_printf(arena, "/parameters/%s", param->name);

    *ret = (struct db_value){.type = param->type, .is_null = true};
    if (given == NULL) {
        return param->is_nullable || err_field(err, ERR_INVALID, pointer, "%s is required: %s",
                                               param->name, RULES[param->type]);
    }
    return parse(param->type, given->text, ret) ||
           err_field(err, ERR_INVALID, pointer, "%s must be %s", param->name, RULES[param->type]);
}

/* A name that the query does not have would silently ask for more than was meant. */
static bool check_names(struct arena *arena, const struct report_query *query,
                        const struct json_member *members, size_t count, struct err *err)
{
    const struct db_statement *statement = query->statement;

    for (size_t i = 0; i < count; i++) {
        bool is_known = false;

        for (uint8_t at = 0; at < statement->param_count; at++) {
            const struct db_param *param = &statement->params[at];

            is_known |= is_callers(param) && strcmp(param->name, members[i].name) == 0;
        }
        if (!is_known) {
            return err_field(err, ERR_INVALID,
                             arena_printf(arena, "/parameters/%s", members[i].name),
                             "%s has no parameter %s; GET /api/reports/queries tells which it has",
                             query->name, members[i].name);
        }
    }
    return true;
}

bool report_bind(struct arena *arena, const struct report_query *query,
                 const struct json_member *parameters, size_t count, int64_t most,
                 struct db_value **ret_values, struct err *err)
{
    const struct db_statement *statement = query->statement;
    struct db_value *values = arena_array(arena, statement->param_count, sizeof(*values));

    if (!check_names(arena, query, parameters, count, err)) {
        return false;
    }
    for (uint8_t i = 0; i < statement->param_count; i++) {
        const struct db_param *param = &statement->params[i];

        if (param->type == DB_NOW) {
            values[i] = (struct db_value){.type = DB_NOW};
        } else if (!is_callers(param)) {
            values[i] = (struct db_value){.type = DB_INT, .i = most};
        } else if (!bind_param(arena, param, find_member(parameters, count, param->name),
                               &values[i], err)) {
            return false;
        }
    }
    *ret_values = values;
    return true;
}

/* --- what there is --- */

static const struct reply_field parameter_reply_fields[] = {
    REPLY_FIELD("name", REPLY_TEXT),
    REPLY_FIELD("type", REPLY_TEXT),
    REPLY_FIELD("is_required", REPLY_BOOL),
};
static const struct reply_shape PARAMETER_REPLY =
    REPLY_SHAPE("ReportParameter", parameter_reply_fields);
static const struct reply_field query_reply_fields[] = {
    REPLY_FIELD("query", REPLY_TEXT),
    REPLY_FIELD("about", REPLY_TEXT),
    REPLY_PART("parameters", &PARAMETER_REPLY, REPLY_LIST),
    REPLY_FIELD("columns", REPLY_TEXT | REPLY_LIST),
};
const struct reply_shape REPORT_QUERY_REPLY = REPLY_SHAPE("ReportQuery", query_reply_fields);

static void describe_params(struct json_out *out, const struct db_statement *statement)
{
    json_begin_list(out, "parameters");
    for (uint8_t i = 0; i < statement->param_count; i++) {
        const struct db_param *param = &statement->params[i];

        if (is_callers(param)) {
            json_begin_object(out, NULL);
            json_put_text(out, "name", param->name);
            json_put_text(out, "type", TYPE_WORDS[param->type]);
            json_put_bool(out, "is_required", !param->is_nullable);
            json_end_object(out);
        }
    }
    json_end_list(out);
}

void report_queries_describe(struct json_out *out)
{
    for (size_t i = 0; i < QUERY_COUNT; i++) {
        const struct db_statement *statement = TABLE[i].statement;

        json_begin_object(out, NULL);
        json_put_text(out, "query", TABLE[i].name);
        json_put_text(out, "about", TABLE[i].about);
        describe_params(out, statement);
        json_begin_list(out, "columns");
        for (uint8_t at = 0; at < statement->column_count; at++) {
            json_put_text(out, NULL, statement->columns[at].name);
        }
        json_end_list(out);
        json_end_object(out);
    }
}

#include "service/statement_counts.h"

#include <inttypes.h>

#include "service/roles.h"
#include "service/service.h"

enum { OPERATORS_MS = 8000 /* whoever asks waits for ten seconds */ };

static const struct reply_field counted_fields[] = {
    REPLY_FIELD("service", REPLY_TEXT),
    REPLY_FIELD("statement", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("sql_id", REPLY_TEXT | REPLY_NULLABLE),
    REPLY_FIELD("queryid", REPLY_TEXT), /* JSON's readers have no 64 bits */
    REPLY_FIELD("calls", REPLY_COUNT),
    REPLY_FIELD("total_us", REPLY_COUNT),
    REPLY_FIELD("mean_us", REPLY_COUNT),
    REPLY_FIELD("rows", REPLY_COUNT),
    REPLY_FIELD("blocks_hit", REPLY_COUNT),
    REPLY_FIELD("blocks_read", REPLY_COUNT),
    REPLY_FIELD("blocks_written", REPLY_COUNT),
    REPLY_FIELD("counted_as", REPLY_TEXT | REPLY_NULLABLE), /* where there is no name */
};
static const struct reply_shape COUNTED = REPLY_SHAPE("CountedStatement", counted_fields);
static const struct reply_field counts_fields[] = {
    REPLY_FIELD("engine", REPLY_TEXT),
    REPLY_FIELD("since", REPLY_TIME | REPLY_NULLABLE),
    REPLY_FIELD("evicted", REPLY_COUNT),
    REPLY_PART("statements", &COUNTED, REPLY_LIST),
    REPLY_FIELD("note", REPLY_TEXT | REPLY_OPTIONAL),
};
static const struct reply_shape COUNTS = REPLY_SHAPE("StatementCounts", counts_fields);

static void put_counted(struct arena *arena, struct json_out *json, const struct service *service,
                        const struct db_counted *counted)
{
    const struct db_statement *statement = counted->statement;

    json_begin_object(json, NULL);
    json_put_text(json, "service", service->traits->name);
    json_put_text(json, "statement", statement != NULL ? statement->name : NULL);
    json_put_text(json, "sql_id",
                  statement != NULL ? statement->variants[db_dialect(service->db)].sql_id : NULL);
    json_put_text(json, "queryid", arena_printf(arena, "%" PRId64, counted->id));
    json_put_int(json, "calls", counted->calls);
    json_put_int(json, "total_us", counted->total_us);
    json_put_int(json, "mean_us", counted->calls > 0 ? counted->total_us / counted->calls : 0);
    json_put_int(json, "rows", counted->rows);
    json_put_int(json, "blocks_hit", counted->blocks_hit);
    json_put_int(json, "blocks_read", counted->blocks_read);
    json_put_int(json, "blocks_written", counted->blocks_written);
    json_put_text(json, "counted_as", statement == NULL ? counted->text : NULL);
    json_end_object(json);
}

static bool show_counts(struct request *rq, struct reply *rp, struct err *err)
{
    const struct service *service = service_of(rq);
    struct json_out *json = &rp->json;
    struct db_counts counts;

    if (!db_server_counts(&rq->ctx, service->db, &counts, err)) {
        return false;
    }
    json_begin_object(json, NULL);
    json_put_text(json, "engine", db_engine(service->db));
    if (counts.why == NULL) {
        json_put_time(json, "since", counts.since_us);
    } else {
        json_put_null(json, "since");
    }
    json_put_int(json, "evicted", counts.evicted);
    json_begin_list(json, "statements");
    for (size_t i = 0; i < counts.count; i++) {
        put_counted(rq->ctx.arena, json, service, &counts.list[i]);
    }
    json_end_list(json);
    if (counts.why != NULL) {
        json_put_text(json, "note",
                      arena_printf(rq->ctx.arena, "%s: %s", db_engine(service->db), counts.why));
    }
    json_end_object(json);
    return true;
}

static const struct route ROUTES[] = {
    {GET, "/api/observability/statements", show_counts, ROLE_SERVICE | ROLE_ADMIN,
     .flags = ROUTE_FOR_OPERATORS, .time_ms = OPERATORS_MS, .shows = SHOWS_METRICS | SHOWS_TOPOLOGY,
     .reply = &COUNTS,
     .summary = "What the database server itself counts of this service's statements"},
};
const struct route_table service_count_routes = {ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]),
                                                 "counts", "What the database server counts"};

#include "console/server_counts.h"

#include <stdlib.h>
#include <string.h>

#include "console/owners.h"
#include "core/clock.h"
#include "core/text.h"

#include "console/console_priv.h"

enum {
    UNDERWAY_SHARE = 100, /* a hundredth, and so many executions */
    UNDERWAY = 20,
    NS_PER_US = 1000,
};

#define PATH "/api/observability/statements"

/* ---- both sides of one service ---- */

struct comparing {
    struct arena *arena;
    const struct console *console;
    struct compared_service *service;
    size_t capacity;
};

/* What is asked every few seconds whether somebody is there, without spans: by whoever watches
 * /ready, and by the console (standing.c). */
static bool is_probe(const char *name)
{
    static const char *const PROBES[] = {"db_ping", "user_standing"};
    bool is = false;

    for (size_t i = 0; !is && i < sizeof(PROBES) / sizeof(PROBES[0]); i++) {
        is = strcmp(name, PROBES[i]) == 0;
    }
    return is;
}

static struct compared_statement *find(const struct compared_service *service, const char *sql_id)
{
    for (size_t i = 0; i < service->count; i++) {
        if (strcmp(service->list[i].sql_id, sql_id) == 0) {
            return &service->list[i];
        }
    }
    return NULL;
}

static struct compared_statement *find_or_add(struct comparing *comparing, const char *sql_id,
                                              const char *name)
{
    struct compared_service *service = comparing->service;
    struct compared_statement *statement = find(service, sql_id);

    if (statement == NULL) {
        service->list = arena_room(comparing->arena, service->list, service->count,
                                   &comparing->capacity, sizeof(*service->list));
        statement = &service->list[service->count++];
        *statement = (struct compared_statement){.sql_id = arena_strdup(comparing->arena, sql_id),
                                                 .name = arena_strdup(comparing->arena, name),
                                                 .is_probe = is_probe(name)};
    }
    return statement;
}

static int64_t count_of(const struct json *of, const char *member)
{
    int64_t value = 0;

    (void)json_int(json_get(of, member), &value);
    return value;
}

/* A server may have several rows of one statement: it tells apart what tables the names meant. What
 * an engine says by itself, such as BEGIN and tags, is in no service's catalogue and mostly has no
 * spans: it is not compared, here and below. */
static void take_counted(struct comparing *comparing, const struct json *counted)
{
    for (size_t i = 0; i < json_length(counted); i++) {
        const struct json *row = json_at(counted, i);
        const char *sql_id = json_text(json_get(row, "sql_id"));
        const char *name = json_text(json_get(row, "statement"));
        struct compared_statement *statement;

        if (sql_id == NULL || name == NULL ||
            console_find_statement(comparing->console, sql_id) == NULL) {
            continue;
        }
        statement = find_or_add(comparing, sql_id, name);
        statement->is_counted = true;
        statement->server.calls += count_of(row, "calls");
        statement->server.rows += count_of(row, "rows");
        statement->server.total_us += count_of(row, "total_us");
    }
}

static void take_told(struct comparing *comparing, const struct statements_ran *ran)
{
    for (size_t i = 0; i < ran->count; i++) {
        struct compared_statement *statement;

        if (console_find_statement(comparing->console, ran->list[i].sql_id) == NULL) {
            continue;
        }
        statement = find_or_add(comparing, ran->list[i].sql_id, ran->list[i].name);
        statement->most = ran->list[i].most;
        statement->least = ran->list[i].least;
    }
}

static int descending(int64_t a, int64_t b)
{
    return (a < b) - (a > b);
}

static int by_time(const void *a, const void *b)
{
    const struct compared_statement *left = a;
    const struct compared_statement *right = b;
    int order = descending(left->server.total_us, right->server.total_us);

    order = order != 0 ? order : descending(left->most.total_ns, right->most.total_ns);
    return order != 0 ? order : strcmp(left->sql_id, right->sql_id);
}

/* ---- asking ---- */

/* The server's counts come first, so that spans have had the time in which it answered. */
static bool compare(struct request *rq, const struct json *answer, struct compared_service *service,
                    struct err *err)
{
    const struct console *console = console_of(rq);
    struct comparing comparing = {.arena = rq->ctx.arena, .console = console, .service = service};
    const char *since = json_text(json_get(answer, "since"));
    struct statements_ran ran;

    service->engine = arena_strdup(rq->ctx.arena, json_text(json_get(answer, "engine")));
    if (since == NULL || !utc_parse(since, &service->since_us)) {
        service->reason = arena_strdup(rq->ctx.arena, json_text(json_get(answer, "note")));
        return true;
    }
    if (!rollup_catch_up(&rq->ctx, console->rollup, err) ||
        !statements_ran(&rq->ctx, console->sums, service->service, service->since_us, &ran, err)) {
        return false;
    }
    if (!ran.is_all) {
        service->reason = "its server began to count before the console took spans: have it begin "
                          "anew";
    }
    take_counted(&comparing, json_get(answer, "statements"));
    take_told(&comparing, &ran);
    if (service->count > 0) {
        qsort(service->list, service->count, sizeof(*service->list), by_time);
    }
    return true;
}

static bool ask(struct request *rq, const struct settings_place *place,
                struct compared_service *service, struct err *err)
{
    struct json *answer;
    bool ok = true;

    *service = (struct compared_service){.service = place->module};
    owners_ask(rq, console_of(rq)->owners, place->service, PATH, &answer, &service->reason);
    if (answer != NULL) {
        ok = compare(rq, answer, service, err);
        json_free(answer);
    }
    return ok;
}

bool server_counts_compare(struct request *rq, const char *service, struct compared *ret,
                           struct err *err)
{
    const struct owners *owners = console_of(rq)->owners;
    const struct settings_place *place;
    struct compared compared = {.count = 0};
    size_t capacity = 0;

    for (size_t i = 0; (place = owners_at(owners, i)) != NULL; i++) {
        if (service != NULL && strcmp(service, place->module) != 0) {
            continue;
        }
        compared.services = arena_room(rq->ctx.arena, compared.services, compared.count, &capacity,
                                       sizeof(*compared.services));
        if (!ask(rq, place, &compared.services[compared.count++], err)) {
            return false;
        }
    }
    *ret = compared;
    return true;
}

/* ---- differences ---- */

/* `most` and `least` enclose what spans tell of; `calls` executions did `counted` of it. */
static bool is_more(int64_t counted, int64_t told, int64_t calls)
{
    const int64_t more = counted > told ? counted : told;
    const int64_t of_one = calls > 0 ? (more + calls - 1) / calls : 0;

    return counted - told > more / UNDERWAY_SHARE + UNDERWAY * of_one;
}

unsigned server_counts_differ(const struct compared_statement *statement)
{
    const struct server_count *server = &statement->server;
    const struct statement_share *most = &statement->most;
    const struct statement_share *least = &statement->least;
    const int64_t calls = server->calls > most->executions ? server->calls : most->executions;
    unsigned differs = 0;

    if (statement->is_probe) {
        return 0;
    }
    if (is_more(server->calls, most->executions, calls)) {
        differs |= DIFFERS_MORE_CALLS;
    }
    if (is_more(least->executions, server->calls, calls)) {
        differs |= DIFFERS_FEWER_CALLS;
    }
    if (is_more(server->rows, most->rows, calls) || is_more(least->rows, server->rows, calls)) {
        differs |= DIFFERS_ROWS;
    }
    if (is_more(server->total_us, most->total_ns / NS_PER_US, calls)) {
        differs |= DIFFERS_TIME;
    }
    return differs;
}

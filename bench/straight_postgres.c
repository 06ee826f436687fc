/*
 * bench/straight_postgres.c: the yardstick's statements through libpq, prepared and in pipeline
 * mode: a round trip for each time that something has to be known before the next statement.
 */
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/text.h"
#include "straight.h"

/* Microseconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch. */
#define EPOCH_US INT64_C(946684800000000)

enum { PARAMS_MAX = 16, SENT_MAX = 16 };

enum {
    OID_BOOL = 16,
    OID_INT8 = 20,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_TIME = 1184,
    OID_MONEY = 1700
};

enum control { BEGIN_READ = STATEMENT_COUNT, BEGIN_WRITE, COMMIT, CONTROL_END };

static const char *const control_texts[CONTROL_END] = {
    [BEGIN_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [BEGIN_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    [COMMIT] = "COMMIT",
};

/* A statement whose answer has not been read. */
struct sent {
    unsigned id; /* enum statement_id or enum control */
    struct answer *answer;
};

struct engine {
    PGconn *pg;
    struct sent sent[SENT_MAX];
    size_t count;
};

static _Noreturn void stop(const struct engine *engine, const char *what)
{
    straight_stop(what, PQerrorMessage(engine->pg));
}

/* --- opening --- */

static void name_of(unsigned id, char out[8])
{
    (void)snprintf(out, 8, "s%u", id);
}

static Oid oid_of(enum db_type type)
{
    switch (type) {
    case DB_INT:
        return OID_INT8;
    case DB_MONEY:
        return OID_MONEY;
    case DB_TIME:
    case DB_NOW:
        return OID_TIME;
    case DB_BOOL:
        return OID_BOOL;
    case DB_REAL:
        return OID_FLOAT8;
    case DB_TEXT:
        return OID_TEXT;
    }
    return 0;
}

static void prepare(struct engine *engine, unsigned id, const char *text, const Oid *types,
                    int type_count)
{
    char name[8];
    PGresult *result;

    name_of(id, name);
    result = PQprepare(engine->pg, name, text, type_count, types);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        stop(engine, text);
    }
    PQclear(result);
}

struct engine *engine_open(const char *address)
{
    struct engine *engine = mem_alloc(sizeof(*engine));
    Oid types[PARAMS_MAX];

    engine->pg = PQconnectdb(address);
    if (PQstatus(engine->pg) != CONNECTION_OK) {
        stop(engine, address);
    }
    for (unsigned id = 0; id < STATEMENT_COUNT; id++) {
        const struct db_statement *statement = straight_statements[id];

        for (size_t i = 0; i < statement->param_count; i++) {
            types[i] = oid_of(statement->params[i].type);
        }
        prepare(engine, id, statement->variants[DB_POSTGRES].text, types, statement->param_count);
    }
    for (unsigned id = BEGIN_READ; id < CONTROL_END; id++) {
        prepare(engine, id, control_texts[id], NULL, 0);
    }
    if (PQenterPipelineMode(engine->pg) == 0) {
        stop(engine, "pipeline mode");
    }
    return engine;
}

void engine_close(struct engine *engine)
{
    PQfinish(engine->pg);
    free(engine);
}

/* --- sending --- */

struct bound {
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX];
    int formats[PARAMS_MAX];
    char room[PARAMS_MAX][MONEY_TEXT_MAX];
};

static int put_int(int64_t value, char *room)
{
    uint64_t bits = htobe64((uint64_t)value);

    memcpy(room, &bits, sizeof(bits));
    return sizeof(bits);
}

/* In binary but for money, whose text is shorter than the way to a numeric. */
static void bind_value(const struct straight *s, const struct db_value *value, size_t at,
                       struct bound *out)
{
    char *room = out->room[at];
    uint64_t bits;

    out->values[at] = value->is_null ? NULL : room;
    out->lengths[at] = 0;
    out->formats[at] = value->type != DB_MONEY;
    if (value->is_null) {
        return;
    }
    switch (value->type) {
    case DB_TEXT:
        out->values[at] = value->text;
        out->lengths[at] = (int)strlen(value->text);
        break;
    case DB_MONEY:
        out->lengths[at] = (int)money_format(value->i, room);
        break;
    case DB_REAL:
        memcpy(&bits, &value->real, sizeof(bits));
        out->lengths[at] = put_int((int64_t)bits, room);
        break;
    case DB_BOOL:
        room[0] = (char)(value->i != 0);
        out->lengths[at] = 1;
        break;
    case DB_TIME:
        out->lengths[at] = put_int(value->i - EPOCH_US, room);
        break;
    case DB_NOW:
        out->lengths[at] = put_int(s->now_us - EPOCH_US, room);
        break;
    case DB_INT:
        out->lengths[at] = put_int(value->i, room);
        break;
    }
}

static void send_prepared(struct engine *engine, unsigned id, int count, const struct bound *bound,
                          struct answer *answer)
{
    char name[8];

    name_of(id, name);
    if (engine->count == SENT_MAX || PQsendQueryPrepared(engine->pg, name, count, bound->values,
                                                         bound->lengths, bound->formats, 1) == 0) {
        stop(engine, "send");
    }
    engine->sent[engine->count++] = (struct sent){.id = id, .answer = answer};
}

void engine_run(struct straight *s, enum statement_id id, const struct db_value *values,
                struct answer *answer)
{
    const struct db_variant *variant = &straight_statements[id]->variants[DB_POSTGRES];
    struct bound bound;

    for (size_t i = 0; i < variant->bind_count; i++) {
        bind_value(s, &values[variant->bind_order != NULL ? variant->bind_order[i] : i], i, &bound);
    }
    send_prepared(s->engine, id, variant->bind_count, &bound, answer);
}

/* --- answers --- */

static int64_t first_of(const PGresult *result, int row)
{
    uint64_t bits;

    if (PQgetlength(result, row, 0) != sizeof(bits)) {
        straight_stop(PQfname(result, 0), "is no bigint");
    }
    memcpy(&bits, PQgetvalue(result, row, 0), sizeof(bits));
    return (int64_t)be64toh(bits);
}

static void read_rows(struct straight *s, const PGresult *result, struct answer *answer)
{
    const int rows = PQntuples(result);
    const int columns = PQnfields(result);

    for (int row = 0; row < rows; row++) {
        for (int i = 0; i < columns; i++) {
            /* libpq puts a NUL behind each value, so that an empty one has a byte too. */
            s->seen +=
                (unsigned char)*PQgetvalue(result, row, i) + (uint64_t)PQgetlength(result, row, i);
        }
        if (answer != NULL && row < PAGE) {
            answer->firsts[row] = first_of(result, row);
        }
    }
    if (answer != NULL) {
        answer->rows = rows < PAGE ? (size_t)rows : PAGE;
    }
}

/* A statement's result and the NULL behind it. */
static void read_answer(struct straight *s, const struct sent *sent)
{
    struct engine *engine = s->engine;
    PGresult *result = PQgetResult(engine->pg);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        stop(engine, sent->id < STATEMENT_COUNT ? straight_statements[sent->id]->name
                                                : control_texts[sent->id]);
    }
    read_rows(s, result, sent->answer);
    PQclear(result);
    PQclear(PQgetResult(engine->pg));
}

void engine_settle(struct straight *s)
{
    struct engine *engine = s->engine;

    if (PQpipelineSync(engine->pg) == 0) {
        stop(engine, "sync");
    }
    for (size_t i = 0; i < engine->count; i++) {
        read_answer(s, &engine->sent[i]);
    }
    engine->count = 0;
    PQclear(PQgetResult(engine->pg)); /* the sync's */
}

void engine_begin(struct straight *s, bool is_writing)
{
    const struct bound none = {.values = {NULL}};

    send_prepared(s->engine, is_writing ? BEGIN_WRITE : BEGIN_READ, 0, &none, NULL);
}

void engine_commit(struct straight *s)
{
    const struct bound none = {.values = {NULL}};

    send_prepared(s->engine, COMMIT, 0, &none, NULL);
    engine_settle(s);
}

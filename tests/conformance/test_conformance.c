/*
 * The conformance suite: what services may expect of every engine, whatever stands behind it, what
 * only a server can do to us, and what is one engine's own. The argument names the engine.
 *
 * The program has a table of engines of its own, with one more than the services': that is all it
 * takes.
 */
#include "tests/support/scratch_engine.h"
#include "tests/support/suite.h"

const struct db_backend *const db_engines[] = {&db_backend_scratch, &db_backend_sqlite,
                                               &db_backend_oracle, &db_backend_postgres, NULL};

static const struct suite_room *const common_rooms[] = {
    &engines_room, &contract_room, &types_room,    &statements_room,
    &batches_room, &units_room,    &stopping_room, NULL,
};

/* Where requests may read on the loops that took them. */
static const struct suite_room *const loop_rooms[] = {
    &loop_room,
    NULL,
};

static const struct suite_room *const server_rooms[] = {
    &server_round_trips_room,
    &server_conflicts_room,
    &server_sessions_room,
    &server_outages_room,
    &server_observe_room,
    &server_spans_room,
    NULL,
};

/* Where reads of several units travel together. */
static const struct suite_room *const pipeline_rooms[] = {
    &server_pipelines_room,
    &server_pipeline_failures_room,
    NULL,
};

static const struct suite_room *const postgres_rooms[] = {
    &postgres_values_room,
    &postgres_connecting_room,
    &postgres_own_room,
    NULL,
};

static const struct suite_room *const no_rooms[] = {NULL};

static const struct {
    const struct test_server *server;
    const struct suite_room *const *own_rooms;
} engines[] = {
    {&sqlite_test_server, no_rooms},
    {&scratch_test_server, no_rooms},
    {&postgres_test_server, postgres_rooms},
    {&oracle_test_server, no_rooms},
};

enum { ENGINES = sizeof(engines) / sizeof(engines[0]), CASES_MOST = 200 };

static struct CMUnitTest cases[CASES_MOST];
static size_t case_count;

static void enter(const struct suite_room *const *rooms)
{
    for (; *rooms != NULL; rooms++) {
        if (case_count + (*rooms)->count > CASES_MOST) {
            print_error("more than %d cases: raise CASES_MOST\n", CASES_MOST);
            abort();
        }
        memcpy(&cases[case_count], (*rooms)->tests, (*rooms)->count * sizeof(cases[0]));
        case_count += (*rooms)->count;
    }
}

/* What the engine's capabilities claim, and what can be done to its server. */
static void enter_all(const struct test_server *server, const struct suite_room *const *own_rooms)
{
    const struct db_backend *backend = server->backend;

    enter(common_rooms);
    if ((backend->capabilities & DB_CAP_EMBEDDED) != 0 || backend->pipeline_send != NULL) {
        enter(loop_rooms);
    }
    if (server->order != NULL) {
        enter(server_rooms);
    }
    if (backend->pipeline_send != NULL) {
        enter(pipeline_rooms);
    }
    enter(own_rooms);
}

int main(int argc, char **argv)
{
    scratch_engine_make();
    for (size_t i = 0; argc == 2 && i < ENGINES; i++) {
        if (strcmp(argv[1], engines[i].server->backend->name) == 0) {
            suite_server = engines[i].server;
            suite_backend = suite_server->backend;
            db_fixture_use(suite_server);
            enter_all(suite_server, engines[i].own_rooms);
        }
    }
    if (suite_server == NULL) {
        print_error("usage: %s ENGINE, one of", argv[0]);
        for (size_t i = 0; i < ENGINES; i++) {
            print_error(" %s", engines[i].server->backend->name);
        }
        print_error("\n");
        return 2;
    }
    /* The macro for this takes an array whose length the compiler knows. */
    return _cmocka_run_group_tests("conformance", cases, case_count, NULL, NULL);
}

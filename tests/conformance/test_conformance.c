/*
 * The conformance suite: what services may expect of every engine, whatever stands behind it, and
 * what only a server can do to us. The argument names the engine.
 *
 * The program has a table of engines of its own, with one more than the services': that is all it
 * takes.
 */
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_engine.h"
#include "tests/support/suite.h"

const struct db_backend *const db_engines[] = {&db_backend_scratch, &db_backend_sqlite,
                                               &db_backend_postgres, NULL};

static void postgres_reset(void)
{
    postgres_server_run("DROP SCHEMA IF EXISTS octo_test CASCADE");
}

static const struct test_server servers[] = {
    {.backend = &db_backend_sqlite},
    {.backend = &db_backend_scratch, .scheme = SCRATCH_SCHEME},
    {.backend = &db_backend_postgres,
     .url = postgres_server_url,
     .need = postgres_server_or_skip,
     .reset = postgres_reset},
};

static const struct suite_room *const common_rooms[] = {
    &engines_room, &contract_room, &types_room, &statements_room,
    &batches_room, &units_room,    &loop_room,  &stopping_room,
};

static const struct suite_room *const server_rooms[] = {
    &server_round_trips_room, &server_conflicts_room,  &server_values_room,
    &server_sessions_room,    &server_connecting_room, &server_outages_room,
    &server_observe_room,     &server_pipelines_room,  &server_pipeline_failures_room,
    &server_spans_room,
};

enum {
    SERVERS = sizeof(servers) / sizeof(servers[0]),
    COMMON_ROOMS = sizeof(common_rooms) / sizeof(common_rooms[0]),
    SERVER_ROOMS = sizeof(server_rooms) / sizeof(server_rooms[0]),
    CASES_MOST = 200,
};

static struct CMUnitTest cases[CASES_MOST];
static size_t case_count;

static void enter(const struct suite_room *const *rooms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (case_count + rooms[i]->count > CASES_MOST) {
            print_error("more than %d cases: raise CASES_MOST\n", CASES_MOST);
            abort();
        }
        memcpy(&cases[case_count], rooms[i]->tests, rooms[i]->count * sizeof(cases[0]));
        case_count += rooms[i]->count;
    }
}

int main(int argc, char **argv)
{
    scratch_engine_make();
    for (size_t i = 0; argc == 2 && i < SERVERS; i++) {
        if (strcmp(argv[1], servers[i].backend->name) == 0) {
            suite_backend = servers[i].backend;
            db_fixture_use(&servers[i]);
        }
    }
    if (suite_backend == NULL) {
        print_error("usage: %s ENGINE, one of", argv[0]);
        for (size_t i = 0; i < SERVERS; i++) {
            print_error(" %s", servers[i].backend->name);
        }
        print_error("\n");
        return 2;
    }
    enter(common_rooms, COMMON_ROOMS);
    if ((suite_backend->capabilities & DB_CAP_EMBEDDED) == 0) {
        enter(server_rooms, SERVER_ROOMS);
    }
    /* The macro for this takes an array whose length the compiler knows. */
    return _cmocka_run_group_tests("conformance", cases, case_count, NULL, NULL);
}

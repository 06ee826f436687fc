/*
 * The conformance suite: what services may expect of every backend, whatever stands behind it, and
 * what only a server can do to us. The argument names the backend.
 */
#include "tests/support/suite.h"

static const struct suite_room *const common_rooms[] = {
    &types_room, &statements_room, &batches_room, &units_room, &stopping_room,
};

static const struct suite_room *const server_rooms[] = {
    &server_round_trips_room, &server_conflicts_room,  &server_values_room,
    &server_sessions_room,    &server_connecting_room, &server_outages_room,
    &server_observe_room,     &server_pipelines_room,  &server_pipeline_failures_room,
    &server_spans_room,
};

enum {
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
    if (argc == 2 && strcmp(argv[1], db_backend_sqlite.name) == 0) {
        suite_backend = &db_backend_sqlite;
    } else if (argc == 2 && strcmp(argv[1], db_backend_postgres.name) == 0) {
        suite_backend = &db_backend_postgres;
    } else {
        print_error("usage: %s %s|%s\n", argv[0], db_backend_sqlite.name, db_backend_postgres.name);
        return 2;
    }
    db_fixture_need(suite_backend);
    enter(common_rooms, COMMON_ROOMS);
    if ((suite_backend->capabilities & DB_CAP_EMBEDDED) == 0) {
        enter(server_rooms, SERVER_ROOMS);
    }
    /* The macro for this takes an array whose length the compiler knows. */
    return _cmocka_run_group_tests("conformance", cases, case_count, NULL, NULL);
}

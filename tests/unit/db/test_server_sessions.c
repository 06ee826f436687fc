/* Which statement a session runs, as servers tell of it, by its text or by its SQL_ID:
 * db/server_sessions.c. The server is a fake one that tells what a case has written down. */
#include "core/clock.h"
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/fake_backend.h"
#include "tests/support/test.h"

enum { MOST = 4 };

#define COUNT_ID sql_conformance__mark_count.variants[DB_SQLITE].sql_id
#define COMMIT_ID "8ggw94h7mvxd7"
#define STRANGE_ID "a5ks9fhw2v9s1"

static const struct db_statement commit = {
    .name = "own_commit", .variants[DB_SQLITE] = {.text = "COMMIT", .sql_id = COMMIT_ID}};
static const struct db_statement *const own_statements[] = {&commit};
static const struct db_catalogue own = {.statements = own_statements, .count = 1};

static struct db_server_session told[MOST];
static size_t told_at;
static const char *client_identifier; /* of all that are told */

static void session_of(const void *row, struct db_server_session *ret)
{
    (void)row;
    *ret = told[told_at++];
    ret->module = ret->waits_for = ret->blocked_by = "";
    ret->client_identifier = client_identifier;
}

struct fixture {
    struct db_backend backend;
    struct db *db;
    struct arena arena;
    struct ctx ctx;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = "nowhere",
                                       .backend = &f->backend,
                                       .catalogue = &sql_conformance_catalogue};
    struct err err = {.code = ERR_NONE};

    f->backend = *fake_backend(NULL);
    f->backend.sessions = &sql_conformance__thing_count;
    f->backend.session_of = session_of;
    f->backend.own = &own;
    told_at = 0;
    client_identifier = "";
    arena_init(&f->arena);
    db_fixture_ctx(&f->ctx, &f->arena, "LOOK");
    *state = f;
    return db_open(&options, &f->db, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    must_close(f->db);
    arena_fini(&f->arena);
    free(f);
    return 0;
}

/* The server's one session, which is none of this process's. */
static struct db_session_view view_of(struct fixture *f, struct db_server_session session)
{
    struct db_session_view views[MOST];
    struct err err = {.code = ERR_NONE};
    size_t count = 0;

    session.sid = 4711;
    told[0] = session;
    if (!db_server_sessions(&f->ctx, f->db, views, MOST, &count, &err)) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(count, 1);
    return views[0];
}

static void statement__told_by_its_sql_id__is_named(void **state)
{
    const struct db_session_view view =
        view_of(*state, (struct db_server_session){.state = "active", .sql_id = COUNT_ID});

    assert_string_equal(view.statement, "mark_count");
    assert_string_equal(view.sql_id, COUNT_ID);
}

static void statement__told_by_its_text__is_named(void **state)
{
    const struct db_session_view view = view_of(
        *state,
        (struct db_server_session){.state = "active",
                                   .text = sql_conformance__mark_count.variants[DB_SQLITE].text});

    assert_string_equal(view.statement, "mark_count");
    assert_string_equal(view.sql_id, COUNT_ID);
}

/* Whoever wrote it: the SQL_ID is the server's word. */
static void statement__told_by_a_strange_sql_id__keeps_it(void **state)
{
    const struct db_session_view view =
        view_of(*state, (struct db_server_session){.state = "active", .sql_id = STRANGE_ID});

    assert_string_equal(view.statement, "");
    assert_string_equal(view.sql_id, STRANGE_ID);
}

static void statement__there_is_none__shows_none(void **state)
{
    const struct db_session_view view =
        view_of(*state, (struct db_server_session){.state = "idle", .sql_id = ""});

    assert_string_equal(view.statement, "");
    assert_string_equal(view.sql_id, "");
}

/* While it runs it is what the session does; afterwards it only says how a unit ended. */
static void statement__engines_own__is_shown_while_it_runs(void **state)
{
    struct fixture *f = *state;
    struct db_session_view view =
        view_of(f, (struct db_server_session){.state = "active", .sql_id = COMMIT_ID});

    assert_string_equal(view.statement, "own_commit");
    assert_string_equal(view.sql_id, COMMIT_ID);
    told_at = 0;
    view = view_of(f, (struct db_server_session){.state = "idle", .sql_id = COMMIT_ID});
    assert_string_equal(view.statement, "");
    assert_string_equal(view.sql_id, "");
}

/* A text of nobody's has an SQL_ID all the same, where the server told the whole of it. */
static void statement__strange_text__has_the_id_of_what_is_whole(void **state)
{
    static const char TEXT[] = "SELECT 'of another program'";
    struct fixture *f = *state;
    char expected[SQLID_SIZE];
    struct db_session_view view =
        view_of(f, (struct db_server_session){.state = "active", .text = TEXT});

    sqlid_of(TEXT, strlen(TEXT), expected);
    assert_string_equal(view.statement, "");
    assert_string_equal(view.sql_id, expected);
    told_at = 0;
    view = view_of(f, (struct db_server_session){.state = "active", .text = TEXT, .is_cut = true});
    assert_string_equal(view.sql_id, "");
}

/* Of a session of ours the pool knows what the server does not, and what was asked of it before its
 * unit ended. */
static void session__of_this_process__has_pool_action_and_last_statement(void **state)
{
    const struct db_pool_options options = {.name = "main", .size = 1};
    struct fixture *f = *state;
    struct db_session *session = NULL;
    struct db_pool *pool = NULL;
    struct sql_mark_count_row row;
    struct db_session_view views[MOST];
    struct err err = {.code = ERR_NONE};
    size_t count = 0;

    assert_true(db_pool_new(f->db, &options, &pool, &err));
    assert_true(db_checkout(&f->ctx, pool, &session, &err));
    assert_int_equal(sql_mark_count(session, &row, &err), DB_ROW);
    told[0] = (struct db_server_session){
        .sid = db_sid(session), .state = "idle", .state_ms = 42, .sql_id = COMMIT_ID};
    client_identifier = f->ctx.trace.trace_id;
    assert_true(db_server_sessions(&f->ctx, f->db, views, MOST, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(views[0].service, "test");
    assert_string_equal(views[0].pool, "main");
    assert_string_equal(views[0].action, "LOOK");
    assert_string_equal(views[0].statement, "mark_count");
    assert_string_equal(views[0].sql_id, COUNT_ID);
    assert_int_equal(views[0].state_ms, 42);
    db_checkin(session);
}

/* The look has its own time, and takes none of the unit's. */
static void sessions__asked_for__leave_the_deadline_as_it_was(void **state)
{
    struct fixture *f = *state;
    const uint64_t deadline_ns = clock_after_ms(3600000);

    f->ctx.deadline_ns = deadline_ns;
    (void)view_of(f, (struct db_server_session){.state = "idle", .sql_id = ""});
    assert_int_equal(f->ctx.deadline_ns, deadline_ns);
}

#define SESSIONS_TEST(case_) cmocka_unit_test_setup_teardown(case_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSIONS_TEST(statement__told_by_its_sql_id__is_named),
        SESSIONS_TEST(statement__told_by_its_text__is_named),
        SESSIONS_TEST(statement__told_by_a_strange_sql_id__keeps_it),
        SESSIONS_TEST(statement__there_is_none__shows_none),
        SESSIONS_TEST(statement__engines_own__is_shown_while_it_runs),
        SESSIONS_TEST(statement__strange_text__has_the_id_of_what_is_whole),
        SESSIONS_TEST(session__of_this_process__has_pool_action_and_last_statement),
        SESSIONS_TEST(sessions__asked_for__leave_the_deadline_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

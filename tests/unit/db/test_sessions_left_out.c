/* A case that ends with a session out is named, and the ones behind it run: tests/support's
 * must_close. The program runs such cases in a child of its own. */
#include "sql_conformance.h"
#include "tests/support/db_fixture.h"
#include "tests/support/test.h"

static const char LEAVES[] = "leaves";

static int set_up(void **state)
{
    *state = db_fixture_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    db_fixture_free(*state);
    return 0;
}

static void leave_one_out(struct db_fixture *f)
{
    struct db_session *session = NULL;
    struct db_cursor *cursor = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    assert_true(sql_thing_list_open(session, &cursor, &err));
}

static void case_fails(void **state)
{
    leave_one_out(*state);
    fail_msg("of its own");
}

static void case_ends_well(void **state)
{
    leave_one_out(*state);
}

static void case_brings_it_back(void **state)
{
    struct db_fixture *f = *state;
    struct db_session *session = NULL;
    struct err err = {.code = ERR_NONE};

    assert_true(db_checkout(&f->ctx, f->pool, &session, &err));
    db_checkin(session);
}

#define TEST(case_) cmocka_unit_test_setup_teardown(case_, set_up, tear_down)

static int leave_sessions_out(void)
{
    const struct CMUnitTest tests[] = {
        TEST(case_fails),
        TEST(case_ends_well),
        TEST(case_brings_it_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the child said; its end is in *ret_status. */
static void read_child(const char *program, char *out, size_t size, int *ret_status)
{
    char command[512];
    FILE *said;
    size_t length;

    (void)snprintf(command, sizeof(command),
                   "unset OCTO_TEST_CASE; CMOCKA_MESSAGE_OUTPUT=TAP %s %s 2>&1", program, LEAVES);
    said = popen(command, "r"); /* NOLINT(cert-env33-c): the program's own path */
    assert_non_null(said);
    length = fread(out, 1, size - 1, said);
    out[length] = '\0';
    *ret_status = pclose(said);
}

static void sessions__left_out__name_the_case_and_stop_nobody(void **state)
{
    char said[8192];
    int status = 0;

    read_child(*state, said, sizeof(said), &status);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 0);
    assert_non_null(strstr(said, "of its own"));
    assert_non_null(strstr(said, "sessions that are still out: 1"));
    assert_non_null(strstr(said, "not ok 1 - case_fails"));
    assert_non_null(strstr(said, "not ok 2 - case_ends_well"));
    assert_non_null(strstr(said, "\nok 3 - case_brings_it_back"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(sessions__left_out__name_the_case_and_stop_nobody, argv[0]),
    };

    return argc > 1 && strcmp(argv[1], LEAVES) == 0 ? leave_sessions_out()
                                                    : cmocka_run_group_tests(tests, NULL, NULL);
}

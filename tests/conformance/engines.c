/* Which engine opens a location. */
#include "tests/support/suite.h"

/* The fixture named no engine but a location only. */
static void open__location_of_the_engine__is_opened_by_it(void **state)
{
    const struct db_fixture *f = *state;
    const size_t length = strlen(suite_backend->name);

    assert_memory_equal(db_target(f->db), suite_backend->name, length);
    assert_int_equal(db_target(f->db)[length], ':');
    assert_int_equal(db_dialect(f->db), suite_backend->dialect);
}

/* What the location has of a password stays out of the message. */
static void open__location_of_no_engine__says_what_there_is(void **state)
{
    const struct db_options options = {.service = "test",
                                       .module = "octo-test",
                                       .location = "nosuch://octo:secret@db.example/octo"};
    struct db *db = NULL;
    struct err err = {.code = ERR_NONE};

    (void)state;
    must_have_failed(db_open(&options, &db, &err), &err, ERR_CONFIG, suite_backend->locations);
}

static const struct CMUnitTest tests[] = {
    SUITE_TEST(open__location_of_the_engine__is_opened_by_it),
    cmocka_unit_test(open__location_of_no_engine__says_what_there_is),
};

SUITE_ROOM(engines_room, tests);

/* Statements' SQL_IDs against the server's own: one whose text is not what it is said to be is
 * found, once. */
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "db/value.h"
#include "tests/conformance/oracle_fixture.h"

enum { TIMES = 3 };

/* wares_put, by a text that has a blank more than the one its SQL_ID is of. */
static struct db_statement altered_put(void)
{
    struct db_statement altered = wares_put;

    altered.name = "wares_altered";
    altered.file = "oracle_sqlids.c";
    altered.variants[DB_ORACLE].text =
        "INSERT INTO wares  (id, name, price, at_time, flag, ratio, body) "
        "VALUES (:id, :name, :price, :at_time, :flag, :ratio, :body)";
    return altered;
}

static bool put(struct db_session *session, const struct db_statement *statement, struct err *err)
{
    static int64_t id;
    struct ware ware = plain_ware(++id);

    return db_exec(session, statement, ware.values, NULL, err);
}

static bool put_one(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    const struct db_statement *const *statement = arg;

    (void)ctx;
    return put(session, *statement, err);
}

static bool put_both(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return put(session, &wares_put, err) && put(session, arg, err);
}

struct heard {
    size_t lines;
    char pairs[256];
};

static void hear(void *arg, const struct log_entry *entry)
{
    struct heard *heard = arg;

    if (strcmp(entry->event, "SQL_ID differs") == 0) {
        heard->lines++;
        (void)snprintf(heard->pairs, sizeof(heard->pairs), "%s", entry->pairs);
    }
}

static void sqlids__one_text_is_another__that_one_is_told_once(void **state)
{
    struct fixture *f = *state;
    struct db_statement altered = altered_put();
    const struct db_statement *statements[] = {&wares_put, &altered};
    struct db_sqlid_view view;
    struct heard heard = {.lines = 0};
    char own[SQLID_SIZE];

    db_verify_sqlids(f->db);
    log_tee(hear, &heard);
    for (int i = 0; i < TIMES; i++) {
        must_write(f, put_one, &statements[0]);
        must_write(f, put_one, &statements[1]);
    }
    log_tee(NULL, NULL);
    db_sqlid_verification(f->db, &view);
    assert_true(view.is_on);
    assert_int_equal(view.compared, 2);
    assert_int_equal(view.mismatched, 1);
    assert_int_equal(view.uncertain, 0);
    assert_int_equal(heard.lines, 1);
    sqlid_of(altered.variants[DB_ORACLE].text, strlen(altered.variants[DB_ORACLE].text), own);
    assert_non_null(strstr(heard.pairs, "statement=wares_altered"));
    assert_non_null(strstr(heard.pairs, own));
}

/* What it costs is no unit's, and the second time it costs nothing. */
static void sqlids__are_compared__costs_no_unit_a_round_trip(void **state)
{
    struct fixture *f = *state;
    struct db_statement altered = altered_put();
    struct db_sqlid_view view;

    db_verify_sqlids(f->db);
    for (int i = 0; i < TIMES; i++) {
        f->ctx.sql_round_trips = 0;
        must_write(f, put_both, &altered);
        assert_int_equal(f->ctx.sql_round_trips, 3); /* two statements and the commit */
    }
    db_sqlid_verification(f->db, &view);
    assert_int_equal(view.compared, 2);
}

static void sqlids__nobody_wants_them_compared__are_not(void **state)
{
    struct fixture *f = *state;
    struct db_statement altered = altered_put();
    struct db_sqlid_view view;

    must_write(f, put_both, &altered);
    db_sqlid_verification(f->db, &view);
    assert_false(view.is_on);
    assert_int_equal(view.compared, 0);
}

const struct CMUnitTest oracle_sqlid_tests[] = {
    ORACLE_TEST(sqlids__one_text_is_another__that_one_is_told_once),
    ORACLE_TEST(sqlids__are_compared__costs_no_unit_a_round_trip),
    ORACLE_TEST(sqlids__nobody_wants_them_compared__are_not),
};
const size_t oracle_sqlid_test_count = LENGTH_OF(oracle_sqlid_tests);

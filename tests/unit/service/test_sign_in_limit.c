/* service/sign_in_limit.h: what counts as one, whom the limits refuse and whom they let pass. */
#include "core/clock.h"
#include "db/migrate.h"
#include "service/sign_in_limit.h"
#include "sql_core.h"
#include "sql_core_catalogue.h"
#include "support/db_fixture.h"
#include "support/test.h"

#define SECOND INT64_C(1000000)
#define NOW (INT64_C(1796000000) * SECOND)

enum { MOST = 5, ADMIN = 1, NOBODY = 0 };

static const uint8_t KEY[DIGEST_SHA256_SIZE] = {1};

struct rig {
    struct db_fixture *db;
    struct sign_in_limits *limits;
    int64_t now_us;
};

/* --- scaffolding --- */

static bool add_admin(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    (void)arg;
    return sql_user_add(session, "admin", "admin@example.org", "x", "admin", err);
}

static void must_write(struct rig *rig, db_work *work, void *arg)
{
    struct err err = {0};

    if (!db_write(&rig->db->ctx, rig->db->pool, work, arg, &err)) {
        fail_msg("%s", err.text);
    }
}

static int set_up(void **state)
{
    struct rig *rig = mem_alloc(sizeof(*rig));
    struct migrate_report report;
    struct err err = {0};

    rig->db = db_fixture_new_empty(NULL);
    if (!db_migrate(&rig->db->ctx, rig->db->pool, sql_core_scripts, sql_core_script_count, false,
                    &report, &err)) {
        fail_msg("%s", err.text);
    }
    rig->limits = sign_in_limits_new();
    must_write(rig, add_admin, NULL);
    rig->now_us = NOW;
    clock_freeze(clock_mono_ns(), NOW);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    clock_thaw();
    sign_in_limits_free(rig->limits);
    db_fixture_free(rig->db);
    free(rig);
    return 0;
}

static void pass(struct rig *rig, int64_t seconds)
{
    rig->now_us += seconds * SECOND;
    clock_freeze(clock_mono_ns() + (uint64_t)(seconds * SECOND) * 1000, rig->now_us);
    rig->db->ctx.deadline_ns = CLOCK_NEVER;
}

static struct sign_in_try begin(struct rig *rig, const char *address, const char *name)
{
    struct sign_in_try try;

    rig->db->ctx.client_ip = address;
    sign_in_try_init(&try, &rig->db->ctx, KEY, name);
    return try;
}

static struct sign_in_try judge(struct rig *rig, const char *address, const char *name,
                                int64_t user_id)
{
    struct sign_in_try try = begin(rig, address, name);
    struct db_session *session = NULL;
    struct err err = {0};

    if (!db_checkout(&rig->db->ctx, rig->db->pool, &session, &err) ||
        !sign_in_try_judge(&try, session, rig->limits, user_id, MOST, &err)) {
        fail_msg("%s", err.text);
    }
    db_checkin(session);
    return try;
}

static bool note_failure(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sign_in_try_failed(arg, session, err);
}

static void fail_once(struct rig *rig, const char *address, const char *name)
{
    struct sign_in_try try = begin(rig, address, name);

    must_write(rig, note_failure, &try);
}

static bool note_success(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    (void)ctx;
    return sign_in_try_succeeded(arg, session, ADMIN, err);
}

/* admin signs in. */
static void succeed(struct rig *rig, const char *address)
{
    struct sign_in_try try = judge(rig, address, "admin", ADMIN);

    assert_true(try.may_try);
    must_write(rig, note_success, &try);
}

static int64_t refused_here(struct rig *rig, const char *address)
{
    rig->db->ctx.client_ip = address;
    return sign_in_refused_s(rig->limits, &rig->db->ctx);
}

/* --- what counts as one --- */

/* However a name is written it is one name, and none can be read from its row. */
static void sign_in_try__name__counts_trimmed_and_folded(void **state)
{
    static const char *const SAME[] = {"admin", " Admin", "ADMIN\t", "\r\nadmin  "};
    static const char *const OTHERS[] = {"admin@example.org", "adm in", "admin\xc2\xa0", ""};
    struct rig *rig = *state;
    const struct sign_in_try admin = begin(rig, "192.0.2.1", "admin");
    struct sign_in_try other;

    for (size_t i = 0; i < sizeof(SAME) / sizeof(SAME[0]); i++) {
        assert_string_equal(begin(rig, "192.0.2.2", SAME[i]).who[BY_NAME], admin.who[BY_NAME]);
        assert_string_not_equal(begin(rig, "192.0.2.2", SAME[i]).who[BY_PAIR], admin.who[BY_PAIR]);
        assert_string_not_equal(begin(rig, "192.0.2.1", OTHERS[i]).who[BY_NAME],
                                admin.who[BY_NAME]);
    }
    assert_null(strstr(admin.who[BY_PAIR], "admin"));
    sign_in_try_init(&other, &rig->db->ctx, (const uint8_t[DIGEST_SHA256_SIZE]){2}, "admin");
    assert_string_not_equal(other.who[BY_NAME], admin.who[BY_NAME]);
}

/* Who has a network of IPv6 has all of its addresses. */
static void sign_in_try__address__counts_as_its_network(void **state)
{
    struct rig *rig = *state;

    assert_string_equal(begin(rig, "2001:db8:1:2:3:4:5:6", "a").who[BY_ADDRESS],
                        begin(rig, "2001:db8:1:2::1", "a").who[BY_ADDRESS]);
    assert_string_not_equal(begin(rig, "2001:db8:1:3::1", "a").who[BY_ADDRESS],
                            begin(rig, "2001:db8:1:2::1", "a").who[BY_ADDRESS]);
    assert_string_equal(begin(rig, "::ffff:192.0.2.1", "a").who[BY_ADDRESS], "192.0.2.1");
    assert_string_equal(begin(rig, NULL, "a").who[BY_ADDRESS], "-");
}

/* --- limits --- */

/* Five with one name, and no more for five minutes after the first. */
static void sign_in_try__pair_failed_too_often__is_refused_for_the_window(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < MOST; i++) {
        assert_true(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
        fail_once(rig, "192.0.2.1", i % 2 == 0 ? "admin" : " ADMIN");
        pass(rig, 10);
    }
    assert_false(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
    assert_int_equal(judge(rig, "192.0.2.1", "admin", ADMIN).refused_s, LOGIN_WINDOW_S - MOST * 10);
    assert_true(judge(rig, "192.0.2.1", "manager", NOBODY).may_try);
    assert_true(judge(rig, "192.0.2.2", "admin", ADMIN).may_try);
    assert_int_equal(refused_here(rig, "192.0.2.1"), 0);
    pass(rig, LOGIN_WINDOW_S - MOST * 10);
    assert_true(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
}

/* Ever new names from one address: refused before anything is asked, and nobody else is. */
static void sign_in_try__names_are_sprayed__address_is_refused(void **state)
{
    struct rig *rig = *state;
    char name[16];
    int tried = 0;

    for (int i = 0; i < 1000 && refused_here(rig, "2001:db8::1") == 0; i++) {
        (void)snprintf(name, sizeof(name), "u%d", i);
        if (judge(rig, "2001:db8::1", name, NOBODY).may_try) {
            fail_once(rig, "2001:db8::1", name);
            tried++;
        }
    }
    assert_int_equal(tried, MOST * SIGN_IN_ADDRESS_TIMES);
    assert_in_range(refused_here(rig, "2001:db8::ffff"), 1, LOGIN_WINDOW_S + 1);
    assert_int_equal(refused_here(rig, "2001:db8:0:1::1"), 0);
    assert_true(judge(rig, "192.0.2.1", "u0", NOBODY).may_try);
    pass(rig, LOGIN_WINDOW_S + 1);
    assert_int_equal(refused_here(rig, "2001:db8::1"), 0);
    assert_true(judge(rig, "2001:db8::1", "u0", NOBODY).may_try);
}

/* One name from ever new addresses: as many guesses as the name's limit, whoever has the name; in
 * each step a user and nobody are refused alike. */
static void sign_in_try__one_name_from_everywhere__is_refused(void **state)
{
    struct rig *rig = *state;
    char address[32];
    int tried = 0;

    for (int i = 0; i < 200; i++) {
        struct sign_in_try known;
        struct sign_in_try unknown;

        (void)snprintf(address, sizeof(address), "198.51.%d.%d", i / 100, i % 100);
        known = judge(rig, address, "admin", ADMIN);
        unknown = judge(rig, address, "nobody", NOBODY);
        assert_int_equal(known.may_try, unknown.may_try);
        assert_int_equal(known.refused_s, unknown.refused_s);
        if (known.may_try) {
            fail_once(rig, address, "admin");
            fail_once(rig, address, "nobody");
            tried++;
        }
    }
    assert_int_equal(tried, MOST * SIGN_IN_NAME_TIMES);
    assert_true(judge(rig, address, "admin@example.org", ADMIN).may_try);
}

/* --- known places --- */

/* Amid both attacks, from elsewhere and from the same address, admin may try from where he was. */
static void sign_in_try__known_place__passes_beyond_the_limits(void **state)
{
    struct rig *rig = *state;
    char text[32];

    succeed(rig, "192.0.2.1");
    for (int i = 0; i < MOST * SIGN_IN_NAME_TIMES; i++) {
        (void)snprintf(text, sizeof(text), "198.51.100.%d", i);
        fail_once(rig, text, "admin");
        (void)snprintf(text, sizeof(text), "u%d", i);
        fail_once(rig, "192.0.2.1", text);
    }
    assert_false(judge(rig, "203.0.113.9", "admin", ADMIN).may_try);
    assert_false(judge(rig, "192.0.2.1", "another", NOBODY).may_try);
    assert_int_equal(refused_here(rig, "192.0.2.1"), 0); /* the database has to be asked */
    assert_true(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
    assert_true(judge(rig, "192.0.2.1", "admin", ADMIN).refused_s > 0);
}

/* His own failures there make him wait, ever longer and never more than a minute or so. */
static void sign_in_try__known_place_fails_on__waits_longer_each_time(void **state)
{
    struct rig *rig = *state;

    succeed(rig, "192.0.2.1");
    for (int i = 0; i < MOST; i++) {
        fail_once(rig, "192.0.2.1", "admin");
    }
    for (int64_t pause_s = 1; pause_s <= 32; pause_s *= 2) {
        pass(rig, pause_s - 1);
        assert_false(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
        pass(rig, 1);
        assert_true(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
        fail_once(rig, "192.0.2.1", "admin");
    }
    assert_int_equal(sign_in_pause_s(MOST - 1, MOST), 0);
    assert_int_equal(sign_in_pause_s(MOST, MOST), 1);
    assert_int_equal(sign_in_pause_s(MOST + 6, MOST), SIGN_IN_PAUSE_MOST_S);
    assert_int_equal(sign_in_pause_s(INT64_MAX, MOST), SIGN_IN_PAUSE_MOST_S);
    pass(rig, SIGN_IN_PAUSE_MOST_S);
    succeed(rig, "192.0.2.1");
    assert_int_equal(judge(rig, "192.0.2.1", "admin", ADMIN).tallies[BY_PAIR].failures, 0);
}

/* The last places are known, and no others: not those of another user, nor what is too old. */
static void sign_in_try__places__are_the_last_ones(void **state)
{
    struct rig *rig = *state;
    char address[32];

    for (int i = 0; i <= SIGN_IN_ADDRESSES_MOST; i++) {
        (void)snprintf(address, sizeof(address), "192.0.2.%d", i);
        succeed(rig, address);
        pass(rig, 1);
    }
    for (int i = 0; i < MOST * SIGN_IN_NAME_TIMES; i++) {
        fail_once(rig, "203.0.113.9", "admin");
    }
    assert_false(judge(rig, "192.0.2.0", "admin", ADMIN).may_try);
    assert_true(judge(rig, "192.0.2.1", "admin", ADMIN).may_try);
    assert_true(judge(rig, address, "admin", ADMIN).may_try);
    assert_false(judge(rig, address, "admin", ADMIN + 1).may_try);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sign_in_try__name__counts_trimmed_and_folded, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sign_in_try__address__counts_as_its_network, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            sign_in_try__pair_failed_too_often__is_refused_for_the_window, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sign_in_try__names_are_sprayed__address_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sign_in_try__one_name_from_everywhere__is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sign_in_try__known_place__passes_beyond_the_limits, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sign_in_try__known_place_fails_on__waits_longer_each_time,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(sign_in_try__places__are_the_last_ones, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

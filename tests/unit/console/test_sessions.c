/* console/sessions.h: who is told by a token, for how long, and how many at a time. */
#include <string.h>

#include "console/sessions.h"
#include "core/clock.h"
#include "support/test.h"

enum { LIFE_S = 60 };
#define NOW_NS UINT64_C(1000000000000)
#define NOW_US INT64_C(1767225600000000)

static const struct auth_user ADA = {.id = 7, .username = "ada", .role = "analyst", .stamp = "1"};

static struct sessions *sessions;
static struct arena arena;

static int begin(void **state)
{
    (void)state;
    clock_freeze(NOW_NS, NOW_US);
    arena_init(&arena);
    sessions = sessions_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    sessions_free(sessions);
    arena_fini(&arena);
    clock_thaw();
    return 0;
}

/* Opens one of this user, `later_s` seconds from now on by both clocks. */
static void open_at(int64_t later_s, int64_t user_id, char token[SESSION_TOKEN_MAX])
{
    const struct auth_user user = {
        .id = user_id, .username = "somebody", .role = "viewer", .stamp = "1"};
    int64_t expires_us;

    clock_freeze(NOW_NS + (uint64_t)later_s * 1000 * CLOCK_NS_PER_MS,
                 NOW_US + later_s * CLOCK_US_PER_S);
    sessions_open(sessions, &user, LIFE_S, token, &expires_us);
    assert_int_equal(expires_us, NOW_US + (later_s + LIFE_S) * CLOCK_US_PER_S);
}

static bool is_live(const char *token)
{
    struct caller caller;

    return sessions_find(sessions, &arena, token, &caller);
}

static void sessions_find__its_token__tells_whose_it_is(void **state)
{
    char token[SESSION_TOKEN_MAX];
    struct caller caller;
    int64_t expires_us;

    (void)state;
    sessions_open(sessions, &ADA, LIFE_S, token, &expires_us);
    assert_int_equal(strspn(token, "0123456789abcdef"), SESSION_TOKEN_MAX - 1);
    assert_true(sessions_find(sessions, &arena, token, &caller));
    assert_int_equal(caller.user_id, 7);
    assert_string_equal(caller.username, "ada");
    assert_int_equal(caller.role, ROLE_ANALYST);
    assert_string_equal(caller.auth_method, "password");
    assert_int_equal(caller.expires_us, NOW_US + LIFE_S * CLOCK_US_PER_S);
}

static void sessions_find__another_token__is_nobodys(void **state)
{
    char token[SESSION_TOKEN_MAX];

    (void)state;
    open_at(0, 1, token);
    token[0] = token[0] == '0' ? '1' : '0';
    assert_false(is_live(token));
}

static void sessions_find__its_time_is_over__is_nobodys(void **state)
{
    char token[SESSION_TOKEN_MAX];

    (void)state;
    open_at(0, 1, token);
    clock_freeze(NOW_NS + (LIFE_S * UINT64_C(1000) - 1) * CLOCK_NS_PER_MS, NOW_US);
    assert_true(is_live(token));
    clock_freeze(NOW_NS + LIFE_S * UINT64_C(1000) * CLOCK_NS_PER_MS, NOW_US);
    assert_false(is_live(token));
    assert_int_equal(sessions_count(sessions), 0);
}

static void sessions_end__one__spares_the_others(void **state)
{
    char token[SESSION_TOKEN_MAX];
    char other[SESSION_TOKEN_MAX];

    (void)state;
    open_at(0, 1, token);
    open_at(0, 1, other);
    sessions_end(sessions, token);
    sessions_end(sessions, token);
    assert_false(is_live(token));
    assert_true(is_live(other));
}

static void sessions_open__more_than_a_user_may__ends_his_oldest(void **state)
{
    char tokens[SESSIONS_OF_USER + 1][SESSION_TOKEN_MAX];
    char others[SESSION_TOKEN_MAX];

    (void)state;
    open_at(0, 2, others);
    for (int i = 0; i <= SESSIONS_OF_USER; i++) {
        open_at(i == 3 ? 0 : 1, 1, tokens[i]);
    }
    assert_false(is_live(tokens[3]));
    assert_true(is_live(tokens[0]));
    assert_true(is_live(tokens[SESSIONS_OF_USER]));
    assert_true(is_live(others));
    assert_int_equal(sessions_count(sessions), SESSIONS_OF_USER + 1);
}

static void sessions_open__all_places_taken__ends_the_first(void **state)
{
    static char tokens[SESSIONS_ALL + 1][SESSION_TOKEN_MAX];

    (void)state;
    for (int i = 0; i <= SESSIONS_ALL; i++) {
        open_at(i == 9 ? 0 : 1, i, tokens[i]);
    }
    assert_false(is_live(tokens[9]));
    assert_true(is_live(tokens[0]));
    assert_true(is_live(tokens[SESSIONS_ALL]));
    assert_int_equal(sessions_count(sessions), SESSIONS_ALL);
}

/* One user signed in twice, and once more since his password is another one. */
static void sessions_end_of__as_he_signed_in__spares_what_came_after(void **state)
{
    const struct auth_user changed = {.id = 7, .username = "ada", .role = "analyst", .stamp = "2"};
    char tokens[3][SESSION_TOKEN_MAX];
    struct session_user *users;
    int64_t expires_us;

    (void)state;
    sessions_open(sessions, &ADA, LIFE_S, tokens[0], &expires_us);
    sessions_open(sessions, &ADA, LIFE_S, tokens[1], &expires_us);
    sessions_open(sessions, &changed, LIFE_S, tokens[2], &expires_us);
    assert_int_equal(sessions_users(sessions, &arena, &users), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(users[i].id, 7);
        assert_int_equal(users[i].role, ROLE_ANALYST);
        if (strcmp(users[i].stamp, "1") == 0) {
            sessions_end_of(sessions, &users[i]);
        }
    }
    assert_false(is_live(tokens[0]));
    assert_false(is_live(tokens[1]));
    assert_true(is_live(tokens[2]));
    assert_int_equal(sessions_users(sessions, &arena, &users), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sessions_find__its_token__tells_whose_it_is, begin, end),
        cmocka_unit_test_setup_teardown(sessions_find__another_token__is_nobodys, begin, end),
        cmocka_unit_test_setup_teardown(sessions_find__its_time_is_over__is_nobodys, begin, end),
        cmocka_unit_test_setup_teardown(sessions_end__one__spares_the_others, begin, end),
        cmocka_unit_test_setup_teardown(sessions_open__more_than_a_user_may__ends_his_oldest, begin,
                                        end),
        cmocka_unit_test_setup_teardown(sessions_end_of__as_he_signed_in__spares_what_came_after,
                                        begin, end),
        cmocka_unit_test_setup_teardown(sessions_open__all_places_taken__ends_the_first, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* ora/refusal.h: what each refusal of a listener is told as. */
#include "ora/refusal.h"
#include "tests/support/test.h"

static const struct ora_address address = {.host = "db.example.org", .port = "1521"};
static const struct ora_description one = {.service = {.at = "s", .length = 1},
                                           .sid = {.at = "x", .length = 1},
                                           .instance = {.at = "i1", .length = 2}};
static const struct ora_description nothing;

static void assert_told(uint32_t number, const struct ora_description *of, const char *words)
{
    struct octo_ora_error error;

    assert_false(ora_refusal_tell(number, &address, of, &error));
    assert_int_equal(error.kind, OCTO_ORA_CONNECT);
    assert_int_equal(error.number, (int)number);
    if (strncmp(error.text, words, strlen(words)) != 0) {
        fail_msg("\"%s\" does not begin with \"%s\"", error.text, words);
    }
}

static void ora_refusal_tell__known__names_what_was_asked_for(void **state)
{
    static const uint32_t without_names[] = {12504, 12506, 12518, 12564};
    static const uint32_t of_services[] = {12514, 12516, 12519, 12520, 12526, 12528, 12529};
    char words[128];

    (void)state;
    for (size_t i = 0; i < sizeof(without_names) / sizeof(without_names[0]); i++) {
        (void)snprintf(words, sizeof(words), "db.example.org port 1521: ORA-%u: the l",
                       (unsigned)without_names[i]);
        assert_told(without_names[i], &one, words);
    }
    for (size_t i = 0; i < sizeof(of_services) / sizeof(of_services[0]); i++) {
        struct octo_ora_error error;

        assert_false(ora_refusal_tell(of_services[i], &address, &one, &error));
        assert_int_equal(error.number, (int)of_services[i]);
        assert_non_null(strstr(error.text, " service s: "));
    }
    assert_told(12505, &one,
                "db.example.org port 1521: ORA-12505: the listener knows no SID x: ask");
    assert_told(12521, &one,
                "db.example.org port 1521: ORA-12521: the listener knows no instance i1: leave");
    assert_told(12514, &nothing,
                "db.example.org port 1521: ORA-12514: the listener knows no service: see");
}

static void ora_refusal_tell__unknown__says_so(void **state)
{
    (void)state;
    assert_told(12599, &one, "db.example.org port 1521: ORA-12599: the listener refuses");
    assert_told(0, &one, "db.example.org port 1521: the listener refuses without a reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_refusal_tell__known__names_what_was_asked_for),
        cmocka_unit_test(ora_refusal_tell__unknown__says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a caller may ask for when a session begins, and is refused before anything is sent. */
#include <octo/ora.h>
#include <string.h>

#include "tests/support/test.h"

/* The session must not come about; gives why. */
static struct octo_ora_error refused(struct octo_ora_options options)
{
    struct octo_ora *session = NULL;
    struct octo_ora_error error = {.kind = OCTO_ORA_NONE};

    options.user = "app";
    options.password = "word";
    assert_false(octo_ora_connect(&options, &session, &error));
    return error;
}

static void octo_ora_connect__time_zone_that_is_none__is_refused(void **state)
{
    static const char *const wrong[] = {"", "'; DROP TABLE orders", "+00:00 ",
                                        "Europe/A_town_whose_name_has_no_end_at_all"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct octo_ora_error error =
            refused((struct octo_ora_options){.dsn = "127.0.0.1:1/svc", .time_zone = wrong[i]});

        assert_int_equal(error.kind, OCTO_ORA_USAGE);
        assert_non_null(strstr(error.text, "a time zone is an offset"));
    }
}

/* The name is never looked up: it has none of the errors of one that does not exist. */
static void octo_ora_connect__plain_connection_elsewhere__is_refused(void **state)
{
    static const char *const elsewhere[] = {"db.invalid/svc", "192.0.2.1:1521/svc",
                                            "tcp://[2001:db8::1]/svc", "127.db.invalid/svc"};

    (void)state;
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        const struct octo_ora_error error =
            refused((struct octo_ora_options){.dsn = elsewhere[i], .needs_tls = true});

        assert_int_equal(error.kind, OCTO_ORA_USAGE);
        assert_non_null(strstr(error.text, "is another machine"));
    }
}

/* There is no listener at port 1, which is found out by asking. */
static void octo_ora_connect__plain_connection_to_this_machine__is_tried(void **state)
{
    static const char *const here[] = {"127.0.0.1:1/svc", "localhost:1/svc", "127.9.9.9:1/svc"};

    (void)state;
    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
        const struct octo_ora_error error =
            refused((struct octo_ora_options){.dsn = here[i], .needs_tls = true});

        assert_int_equal(error.kind, OCTO_ORA_CONNECT);
        assert_non_null(strstr(error.text, "no listener is there"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octo_ora_connect__time_zone_that_is_none__is_refused),
        cmocka_unit_test(octo_ora_connect__plain_connection_elsewhere__is_refused),
        cmocka_unit_test(octo_ora_connect__plain_connection_to_this_machine__is_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "shop/payment_signature.h"
#include "support/test.h"

#define KEY "whsec_test"
#define BODY "{\"id\":\"evt_1\"}"
#define NOW INT64_C(1700000000)
/* printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test */
#define DIGEST "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"
#define OTHER "0000000000000000000000000000000000000000000000000000000000000000"

static bool check(const char *field, const char *key, const char *body, int64_t now_s)
{
    struct err err = {0};

    return payment_signature_check(field, key, body, strlen(body), now_s, &err);
}

static void payment_signature__of_key_body_and_now__holds(void **state)
{
    static const char *const FIELDS[] = {
        "t=1700000000,v1=" DIGEST,
        "v1=" DIGEST ",t=1700000000",
        "t=1700000000,v0=x,v1=" OTHER ",v1=" DIGEST ",v2=",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
        assert_true(check(FIELDS[i], KEY, BODY, NOW));
        assert_true(check(FIELDS[i], KEY, BODY, NOW + PAYMENT_WINDOW_S));
        assert_true(check(FIELDS[i], KEY, BODY, NOW - PAYMENT_WINDOW_S));
        assert_false(check(FIELDS[i], KEY, BODY, NOW + PAYMENT_WINDOW_S + 1));
        assert_false(check(FIELDS[i], KEY, BODY, NOW - PAYMENT_WINDOW_S - 1));
        assert_false(check(FIELDS[i], "whsec_tesT", BODY, NOW));
        assert_false(check(FIELDS[i], KEY, BODY " ", NOW));
    }
}

static void payment_signature__no_such_field__refused(void **state)
{
    static const char *const FIELDS[] = {
        "",
        "t=1700000000",
        "v1=" DIGEST,
        "t=,v1=" DIGEST,
        "t=17x,v1=" DIGEST,
        "t=-1700000000,v1=" DIGEST,
        "t=999999999999,v1=" DIGEST,
        "t=1700000000,v1=" DIGEST "0",
        "t=1700000000 v1=" DIGEST,
        "t=1700000000,V1=" DIGEST,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
        struct payment_signature signature;
        struct err err = {0};

        assert_false(payment_signature_read(FIELDS[i], strlen(FIELDS[i]), &signature, &err));
        assert_int_equal(err.code, ERR_MALFORMED);
    }
}

/* The number is signed as it was written: another writing of it is another message. */
static void payment_signature__same_second_written_otherwise__refused(void **state)
{
    (void)state;
    assert_false(check("t=01700000000,v1=" DIGEST, KEY, BODY, NOW));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payment_signature__of_key_body_and_now__holds),
        cmocka_unit_test(payment_signature__no_such_field__refused),
        cmocka_unit_test(payment_signature__same_second_written_otherwise__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

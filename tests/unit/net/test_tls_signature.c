#include "core/digest.h"
#include "net/tls_signature.h"
#include "support/test.h"

enum {
    MOST = TLS_RSA_BITS_MOST / 8, /* bytes of a number */
    BYTES = 512,                  /* of what is decoded here */
};

/* RFC 7515 appendix A.2: a JSON Web Signature and the key that made it, of 2048 bits. */
static const char SIGNED[] = "eyJhbGciOiJSUzI1NiJ9."
                             "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
                             "LmNvbS9pc19yb290Ijp0cnVlfQ";
static const char MODULUS[] =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4"
    "d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxX"
    "FvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
static const char SIGNATURE[] =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
    "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QO"
    "YEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
static const uint8_t EXPONENT[] = {1, 0, 1};

/* A key of 2040 bits, and what it makes of the same text; both by Python's cryptography. */
static const char SHORT_MODULUS[] =
    "wV0uJ5-_qH5e5XXas51-UjSij8DAMa1nIMh0ELbOG2IfAyHo024Y1NdQi9dnVbP-VKNTpZ745nrDxsc9JTULy0T1G9H1"
    "9fxEaaqVuhEqc_zU3OC54p_bK149n2cuXpfKLNWshyVet3putFDbV34OFUKVkQV1R7KLnW0oO-DJ3QF3ca32wOGRGxK8"
    "FA655UgUM87HyKM2zKatZq-fnJGg4s-gXIE-Y3WH8rmOmwVPF40e0jALTC_bDtv76dh69tdFR8sIy0kMxILysQ2vToLE"
    "vEpW_L2LAvRmbeJPnmJ_1cVP7bmWnCO6V2Gky7o62DFbXPEW9RSYvhmZkmLDKh5V";
static const char SHORT_SIGNATURE[] =
    "YIyp2F8u7NOiL1Yz7udFAmwzTWU9WFMuW_zRPEjCqkCN9Kb7H7ZzNBSHXVljfH150-kROdU917vMPz2pWaP46GNMBIye"
    "y_hpHbDZ4YdftvBBUXLCEMMjUR25SODUiU7fRqBJsQpQ03-fxfGUde4AbH9jMJZ-YAWq1xQJ--rn_yvn5df4jQUki_BV"
    "a6OKTUOBghmkjUV5HTgc7nbsBU48VOzp-UE4YU20vx8ibGuUGI4H4VcaEwIcLp8fYoSfk74-zaHFq10W7mfYKxYg9YWz"
    "tygkSzJl7XV8W3h4eXdrfgoIcu8eiovJ8XLuRGU0cbkpztOfcnucNNvTI0Q1OosD";

/* A key and a text that it has signed. */
struct example {
    uint8_t modulus[BYTES];
    uint8_t signature[BYTES];
    struct tls_rsa_key key;
    size_t signature_length;
    char text[sizeof(SIGNED)];
};

static void make(struct example *made, const char *modulus, const char *signature)
{
    made->key = (struct tls_rsa_key){
        .modulus = made->modulus, .exponent = EXPONENT, .exponent_length = sizeof(EXPONENT)};
    assert_true(
        base64url_decode(modulus, strlen(modulus), made->modulus, &made->key.modulus_length));
    assert_true(
        base64url_decode(signature, strlen(signature), made->signature, &made->signature_length));
    memcpy(made->text, SIGNED, sizeof(SIGNED));
}

static bool is_right(const struct example *of)
{
    return tls_rs256_is_right(&of->key, of->text, strlen(of->text), of->signature,
                              of->signature_length);
}

static void tls_rs256__what_the_key_signed__right(void **state)
{
    struct example example;

    (void)state;
    make(&example, MODULUS, SIGNATURE);
    assert_true(is_right(&example));
}

static void tls_rs256__a_bit_of_it_is_another__wrong(void **state)
{
    struct example example;

    (void)state;
    make(&example, MODULUS, SIGNATURE);
    for (size_t i = 0; i < strlen(SIGNED); i += 7) {
        example.text[i] ^= 1;
        assert_false(is_right(&example));
        example.text[i] ^= 1;
    }
    for (size_t i = 0; i < example.signature_length; i += 17) {
        example.signature[i] ^= 0x10;
        assert_false(is_right(&example));
        example.signature[i] ^= 0x10;
    }
    assert_true(is_right(&example));
}

static void tls_rs256__a_signature_of_another_length__wrong(void **state)
{
    struct example example;
    size_t length;

    (void)state;
    make(&example, MODULUS, SIGNATURE);
    length = example.signature_length;
    example.signature[length] = 0;
    for (size_t i = 0; i < 3; i++) {
        example.signature_length = (size_t[]){0, length - 1, length + 1}[i];
        assert_false(is_right(&example));
    }
}

static void tls_rs256__a_key_of_too_few_bits__wrong_although_it_signed(void **state)
{
    struct example example;

    (void)state;
    make(&example, SHORT_MODULUS, SHORT_SIGNATURE);
    assert_true(example.key.modulus_length * 8 < TLS_RSA_BITS_LEAST);
    assert_false(is_right(&example));
}

/* Bytes of 0 in front leave a number as it is: only how long it is differs. */
static void tls_rs256__a_number_of_too_many_bytes__wrong(void **state)
{
    uint8_t modulus[MOST + 1] = {0};
    uint8_t exponent[MOST + 1] = {0};
    struct example example;
    struct tls_rsa_key key;

    (void)state;
    make(&example, MODULUS, SIGNATURE);
    key = example.key;
    memcpy(modulus + sizeof(modulus) - key.modulus_length, key.modulus, key.modulus_length);
    memcpy(exponent + sizeof(exponent) - sizeof(EXPONENT), EXPONENT, sizeof(EXPONENT));

    example.key.modulus = modulus + 1;
    example.key.modulus_length = MOST;
    example.key.exponent = exponent + 1;
    example.key.exponent_length = MOST;
    assert_true(is_right(&example));

    example.key.modulus = modulus;
    example.key.modulus_length = MOST + 1;
    assert_false(is_right(&example));

    example.key = key;
    example.key.exponent = exponent;
    example.key.exponent_length = MOST + 1;
    assert_false(is_right(&example));
}

static void tls_rs256__numbers_that_are_no_key__wrong(void **state)
{
    struct example example;

    (void)state;
    make(&example, MODULUS, SIGNATURE);
    example.key.exponent_length = 0;
    assert_false(is_right(&example));
    make(&example, MODULUS, SIGNATURE);
    example.key.modulus_length = 0;
    assert_false(is_right(&example));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_rs256__what_the_key_signed__right),
        cmocka_unit_test(tls_rs256__a_bit_of_it_is_another__wrong),
        cmocka_unit_test(tls_rs256__a_signature_of_another_length__wrong),
        cmocka_unit_test(tls_rs256__a_key_of_too_few_bits__wrong_although_it_signed),
        cmocka_unit_test(tls_rs256__a_number_of_too_many_bytes__wrong),
        cmocka_unit_test(tls_rs256__numbers_that_are_no_key__wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

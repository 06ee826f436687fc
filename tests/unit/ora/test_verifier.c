/* ora/verifier.h: passwords at log-on, with both kinds of verifier. */
#include "ora/verifier.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

static const char password[] = "tiger";

static void fill(uint8_t *to, size_t count, uint8_t first)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (uint8_t)(first + i);
    }
}

static struct ora_verifier verifier_of(uint32_t type)
{
    struct ora_verifier verifier = {
        .type = type,
        .salt_length = type == ORA_VERIFIER_12C ? 16 : 10,
        .session_salt_length = 16,
        .rounds = 4096,
        .session_rounds = 3,
    };

    fill(verifier.salt, sizeof(verifier.salt), 0x10);
    fill(verifier.session_salt, sizeof(verifier.session_salt), 0x30);
    return verifier;
}

struct vector {
    uint32_t type;
    size_t half; /* bytes of a half of the session's key */
    const char *password_key;
    const char *hash;
    const char *server; /* its half, enciphered */
    const char *client; /* "" where it is not known */
    const char *session_key;
    const char *sealed; /* the password behind A0..AF */
};

static const struct vector vectors[] = {
    {ORA_VERIFIER_12C, 32,
     "29C7D07C5B45AB005480A73A8F2851CBF03EDE128E0EF298E3F6A7FCFF98B4AF1B850E188AD7F8F8C486BBFA0F747"
     "647FE20"
     "631986B647946DFD22B55125F562",
     "7854B0D33BC27378673C135EC3F216156ECF9ACD0BDD00DD253A930D0FB25B48",
     "7CD488D0C76FDB249B906EA39C8A2D725E80424941AB06F0A49417137CA5C319",
     "F3321528515500C94E77426C2F463E4EE4AC7EF95CE80A03FFEA9587ED61D12C",
     "A207D68C6456F68683908C3DA51FA48AE5E69EC6326EE72FAF396D4D2EAC9E7F",
     "2D918F26F4A9B0922E169C196D971FC4B7F1E45EE5B642F9B8AA3838A709E525"},
    {ORA_VERIFIER_11G, 32, "", "00F8916F51E5E5BB1101367CEFEA32FA97E9465800000000",
     "41E847D863494835EB6459862025F05F1178660AE028E0B308CA47D2A26E53BC",
     "EE1919154F6FCB7CA2D787F7E34EAD91D111BFC9A77959D524D29FE931189E0A",
     "89D5D428ED0D1919D31442464C2EB36D289B7201D70B3D1C",
     "48683D1FE6FE614506C35CF64ED2FBDD741EB1FEE4063C885E1FFB83C69CCE64"},
    {ORA_VERIFIER_11G_OLD, 48, "", "00F8916F51E5E5BB1101367CEFEA32FA97E9465800000000",
     "41E847D863494835EB6459862025F05F1178660AE028E0B308CA47D2A26E53BCA8F49FE2D3EE45CB4A24A0105668B"
     "DE0",
     "", "918ACFBDA467FF7753F1F4A44F9CFE9C957C7776B6A9A024",
     "B1FE6571D539ADD479924C58ABAF6A5F42CE416651BF89FD41ACF2AC30E7B1CA"},
};

static void ora_password_derive__each_kind__gives_what_servers_expect(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *v = &vectors[i];
        const struct ora_verifier verifier = verifier_of(v->type);
        uint8_t server[ORA_SESSION_KEY_MAX];
        uint8_t client[ORA_SESSION_KEY_MAX];
        uint8_t random[ORA_BLOCK];
        uint8_t out[ORA_CIPHER_MAX];
        uint8_t key[ORA_KEY_MAX];
        struct ora_password derived;
        size_t length;

        fill(server, sizeof(server), 0x50);
        fill(client, sizeof(client), 0x80);
        fill(random, sizeof(random), 0xA0);
        assert_true(ora_password_derive(&verifier, password, strlen(password), &derived));
        if (*v->password_key != '\0') {
            hex_expect("password key", derived.key, sizeof(derived.key), v->password_key);
        }
        hex_expect("hash", derived.hash, derived.key_length, v->hash);
        assert_true(ora_aes_encrypt(derived.hash, derived.key_length, server, v->half, out));
        hex_expect("server's half", out, v->half, v->server);
        assert_true(ora_aes_decrypt(derived.hash, derived.key_length, out, v->half, out));
        assert_memory_equal(out, server, v->half);
        assert_true(ora_aes_encrypt(derived.hash, derived.key_length, client, v->half, out));
        if (*v->client != '\0') {
            hex_expect("client's half", out, v->half, v->client);
        }
        assert_true(ora_session_key(&verifier, derived.key_length, server, client, v->half, key));
        hex_expect("session key", key, derived.key_length, v->session_key);
        assert_true(
            ora_seal(key, derived.key_length, random, password, strlen(password), out, &length));
        hex_expect("password", out, length, v->sealed);
        assert_true(ora_unseal(key, derived.key_length, out, length, out, &length));
        assert_int_equal(length, strlen(password));
        assert_memory_equal(out + ORA_BLOCK, password, length);
    }
}

/* What a client of 12c sends besides, and what the server proves itself with. */
static void ora_seal__session_key_of_12c__seals_what_both_send(void **state)
{
    const struct ora_verifier verifier = verifier_of(ORA_VERIFIER_12C);
    static const char proof[] = "SERVER_TO_CLIENT";
    uint8_t key[ORA_KEY_MAX];
    uint8_t random[ORA_BLOCK];
    uint8_t out[ORA_CIPHER_MAX];
    struct ora_password derived;
    size_t length;

    (void)state;
    assert_true(ora_password_derive(&verifier, password, strlen(password), &derived));
    (void)hex_read(vectors[0].session_key, key, sizeof(key));
    fill(random, sizeof(random), 0xC0);
    assert_true(ora_seal(key, sizeof(key), random, derived.key, sizeof(derived.key), out, &length));
    hex_expect("speedy key", out, 80,
               "447657163A5B992B6A10C51F7546528F9F016106DD316E8DA2228E24DF4AAD734E0442EE723DA7CA1B7"
               "7A411DA59"
               "05BD586F8B24C8B8CFB9E909D64D44595DF0BE1527DE1161A45F88A9499F6CD544C3");
    fill(random, sizeof(random), 0x10);
    assert_true(ora_seal(key, sizeof(key), random, proof, strlen(proof), out, &length));
    hex_expect("server's proof", out, length,
               "E4F85C1C70697C4C42741FB92BA1462615782B9A87A63EBD1DC14059DB6C81E2C42975C32358B847469"
               "235471D19"
               "01CC");
}

static void ora_password_derive__what_is_out_of_bounds__fails(void **state)
{
    static char long_one[ORA_PASSWORD_MAX + 1];
    struct ora_verifier verifier = verifier_of(ORA_VERIFIER_12C);
    struct ora_password derived;
    uint8_t out[ORA_CIPHER_MAX];
    uint8_t key[ORA_KEY_MAX] = {0};
    size_t length;

    (void)state;
    assert_true(ora_password_derive(&verifier, long_one, ORA_PASSWORD_MAX, &derived));
    assert_false(ora_password_derive(&verifier, long_one, sizeof(long_one), &derived));
    verifier.rounds = ORA_ROUNDS_MAX;
    assert_true(ora_password_derive(&verifier, password, 5, &derived));
    verifier.rounds = ORA_ROUNDS_MAX + 1;
    assert_false(ora_password_derive(&verifier, password, 5, &derived));
    verifier.rounds = 0;
    assert_false(ora_password_derive(&verifier, password, 5, &derived));
    verifier.type = 1;
    assert_false(ora_password_derive(&verifier, password, 5, &derived));
    assert_false(ora_seal(key, sizeof(key), key, long_one, sizeof(long_one), out, &length));
    assert_false(ora_unseal(key, sizeof(key), key, 16, out, &length));
    assert_false(ora_unseal(key, sizeof(key), key, 31, out, &length));
}

static void ora_unhex__text__is_bytes_or_refused(void **state)
{
    uint8_t bytes[4];
    char text[8];
    size_t count = 0;

    (void)state;
    assert_true(ora_unhex((const uint8_t *)"00aBFf", 6, bytes, sizeof(bytes), &count));
    assert_int_equal(count, 3);
    ora_hex(bytes, count, text);
    assert_memory_equal(text, "00ABFF", 6);
    assert_false(ora_unhex((const uint8_t *)"0", 1, bytes, sizeof(bytes), &count));
    assert_false(ora_unhex((const uint8_t *)"0g", 2, bytes, sizeof(bytes), &count));
    assert_false(ora_unhex((const uint8_t *)"0001020304", 10, bytes, sizeof(bytes), &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_password_derive__each_kind__gives_what_servers_expect),
        cmocka_unit_test(ora_seal__session_key_of_12c__seals_what_both_send),
        cmocka_unit_test(ora_password_derive__what_is_out_of_bounds__fails),
        cmocka_unit_test(ora_unhex__text__is_bytes_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

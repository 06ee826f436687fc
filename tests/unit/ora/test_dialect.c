/* ora/dialect.h: what is read of a server's capabilities. ora/message.h: pairs of a log-on. */
#include "ora/dialect.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

static struct ora_message protocol_of(const uint8_t *caps, size_t caps_length,
                                      const uint8_t *runtime, size_t runtime_length)
{
    return (struct ora_message){
        .of.protocol = {.compile_caps = {.at = caps, .length = caps_length},
                        .runtime_caps = {.at = runtime, .length = runtime_length}}};
}

static void ora_protocol_take__each_server__says_what_it_takes(void **state)
{
    static const struct {
        uint8_t version;
        uint8_t flags;
        size_t runtime_length;
        uint32_t max_text;
    } cases[] = {{ORA_FV_12_1, 0x00, 7, 4000}, {ORA_FV_12_1, 0x04, 7, 32767},
                 {ORA_FV_12_1, 0xFB, 7, 4000}, {ORA_FV_12_1, 0xFF, 7, 32767},
                 {ORA_FV_12_1, 0xFF, 6, 4000}, {255, 0x04, 7, 32767}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t caps[ORA_CAPS_FIELD_VERSION + 1] = {[ORA_CAPS_FIELD_VERSION] = cases[i].version};
        uint8_t runtime[7] = {[6] = cases[i].flags};
        const struct ora_message message =
            protocol_of(caps, sizeof(caps), runtime, cases[i].runtime_length);
        struct ora_dialect dialect;
        uint32_t max_text = 0;

        assert_null(ora_protocol_take(&message, &dialect, &max_text));
        assert_int_equal(max_text, cases[i].max_text);
        assert_true(dialect.has_sql_type);
        assert_in_range(dialect.field_version, ORA_FV_12_1, cases[i].version);
    }
}

static void ora_protocol_take__too_old_or_too_short__is_refused(void **state)
{
    static const uint8_t old[ORA_CAPS_FIELD_VERSION + 1] = {[ORA_CAPS_FIELD_VERSION] =
                                                                ORA_FV_12_1 - 1};
    struct ora_message message = protocol_of(old, sizeof(old), old, sizeof(old));
    struct ora_dialect dialect;
    uint32_t max_text;

    (void)state;
    assert_string_equal(ora_protocol_take(&message, &dialect, &max_text),
                        "the server is older than 12.1, which is not spoken");
    message.of.protocol.compile_caps.length--;
    assert_string_equal(ora_protocol_take(&message, &dialect, &max_text),
                        "protocol error: a server without capabilities");
}

/* Some keys have a NUL at their end, which is none of theirs. */
static void ora_pair_read__key__is_without_its_nul(void **state)
{
    static const struct {
        const char *hex;
        size_t key_length, value_length;
        uint32_t flags;
    } cases[] = {{"01 03 03 41 42 00 01 01 01 31 01 07", 2, 1, 7},
                 {"01 02 02 41 42 01 02 02 31 00 00", 2, 2, 0},
                 {"00 00 00", 0, 0, 0}};
    uint8_t bytes[32];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ora_rd rd = ora_rd_of(bytes, hex_read(cases[i].hex, bytes, sizeof(bytes)));
        struct ora_pair pair;

        ora_pair_read(&rd, &pair);
        assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
        assert_int_equal(pair.key.length, cases[i].key_length);
        assert_int_equal(pair.value.length, cases[i].value_length);
        assert_int_equal(pair.flags, cases[i].flags);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_protocol_take__each_server__says_what_it_takes),
        cmocka_unit_test(ora_protocol_take__too_old_or_too_short__is_refused),
        cmocka_unit_test(ora_pair_read__key__is_without_its_nul),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

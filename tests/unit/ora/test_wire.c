/* ora/wire.h: integers and strings, both ways, and what a reader does at the end of its bytes. */
#include "ora/wire.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

enum { WRITER_MAX = 1 << 20 };

static void ora_rd_ub__integer__has_any_length_up_to_its_type(void **state)
{
    static const struct {
        const char *bytes;
        uint64_t value;
    } cases[] = {
        {"00", 0},
        {"01 05", 5},
        {"02 01 2C", 300},
        {"03 01 00 01", 65537},
        {"04 00 01 00 00", 65536},
        {"04 FF FF FF FF", UINT32_MAX},
        {"05 01 00 00 00 00", UINT64_C(1) << 32},
        {"08 FF FF FF FF FF FF FF FF", UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[16];
        const size_t count = hex_read(cases[i].bytes, bytes, sizeof(bytes));
        struct ora_rd rd = ora_rd_of(bytes, count);

        assert_true(ora_rd_ub8(&rd) == cases[i].value);
        assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
        rd = ora_rd_of(bytes, count);
        if (count <= 5) {
            assert_int_equal(ora_rd_ub4(&rd), cases[i].value);
        } else {
            assert_int_equal(ora_rd_ub4(&rd), 0);
            assert_non_null(rd.fault);
        }
    }
}

static void ora_rd_ub__wrong_length__is_a_fault(void **state)
{
    static const uint8_t negative[] = {0x81, 0x01};
    static const uint8_t long_two[] = {3, 0, 0, 1};
    struct ora_rd rd = ora_rd_of(negative, sizeof(negative));

    (void)state;
    assert_int_equal(ora_rd_ub4(&rd), 0);
    assert_string_equal(rd.fault, "a negative number where none can be");
    assert_false(rd.is_short);
    rd = ora_rd_of(long_two, sizeof(long_two));
    assert_int_equal(ora_rd_ub2(&rd), 0);
    assert_string_equal(rd.fault, "a number longer than its type");
}

static void ora_rd_sb4__sign_is_in_the_length(void **state)
{
    static const struct {
        const char *bytes;
        int32_t value;
        bool is_bad;
    } cases[] = {
        {"00", 0, false},
        {"81 01", -1, false},
        {"01 7F", 127, false},
        {"82 01 00", -256, false},
        {"84 80 00 00 00", INT32_MIN, false},
        {"04 7F FF FF FF", INT32_MAX, false},
        {"04 80 00 00 00", 0, true},
        {"85 01 01 01 01 01", 0, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[16];
        struct ora_rd rd = ora_rd_of(bytes, hex_read(cases[i].bytes, bytes, sizeof(bytes)));

        assert_int_equal(ora_rd_sb4(&rd), cases[i].value);
        assert_true((rd.fault != NULL) == cases[i].is_bad);
    }
}

static void ora_rd_clr__each_form__gives_its_content(void **state)
{
    static const struct {
        const char *bytes;
        const char *content; /* NULL: NULL */
        bool is_chunked;
    } cases[] = {
        {"00", NULL, false},
        {"FF", NULL, false},
        {"03 61 62 63", "61 62 63", false},
        {"FE 01 02 61 62 00", "61 62", false},
        {"FE 01 02 61 62 01 01 63 00", "61 62 63", true},
        {"FE 04 00 00 00 01 61 02 00 01 62 00", "61 62", true},
        {"FE 00", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[32];
        uint8_t content[32];
        struct ora_rd rd = ora_rd_of(bytes, hex_read(cases[i].bytes, bytes, sizeof(bytes)));
        const struct ora_bytes got = ora_rd_clr(&rd);

        assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
        assert_true(got.is_null == (cases[i].content == NULL));
        assert_true(got.is_chunked == cases[i].is_chunked);
        ora_bytes_copy(&got, content);
        hex_expect(cases[i].bytes, content, got.length,
                   cases[i].content != NULL ? cases[i].content : "");
    }
}

static void ora_rd_text__first_length__only_says_whether_there_is_one(void **state)
{
    static const uint8_t tripled[] = {1, 9, 3, 'a', 'b', 'c', 0};
    struct ora_rd rd = ora_rd_of(tripled, sizeof(tripled));
    struct ora_bytes text = ora_rd_text(&rd);

    (void)state;
    assert_true(ora_bytes_are(&text, "abc"));
    assert_false(ora_bytes_are(&text, "ab"));
    text = ora_rd_text(&rd);
    assert_true(text.is_null && ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
}

static void walk(struct ora_rd *rd)
{
    struct ora_bytes bytes;

    (void)ora_rd_u8(rd);
    (void)ora_rd_u16(rd);
    (void)ora_rd_ub4(rd);
    bytes = ora_rd_clr(rd);
    assert_true(ora_rd_is_fine(rd) || bytes.is_null);
    bytes = ora_rd_text(rd);
    assert_true(ora_rd_is_fine(rd) || bytes.is_null);
    (void)ora_rd_sb4(rd);
}

static void ora_rd__cut_anywhere__is_short_and_stays_so(void **state)
{
    static const char all[] =
        "01 00 02 03 00 01 02 FE 02 00 01 61 01 01 62 00 01 03 03 61 62 63 82 01 02";
    uint8_t bytes[64];
    const size_t count = hex_read(all, bytes, sizeof(bytes));

    (void)state;
    for (size_t cut = 0; cut <= count; cut++) {
        uint8_t *exact = malloc(cut == 0 ? 1 : cut); /* a sanitizer sees a step past it */
        struct ora_rd rd;

        assert_non_null(exact);
        memcpy(exact, bytes, cut);
        rd = ora_rd_of(exact, cut);
        walk(&rd);
        assert_null(rd.fault);
        assert_true(rd.is_short == (cut < count));
        assert_int_equal(ora_rd_left(&rd), 0);
        ora_rd_fail(&rd, "later");
        assert_true(cut == count || rd.fault == NULL);
        free(exact);
    }
}

static void ora_wr__integers__take_1_2_4_or_8_bytes(void **state)
{
    struct ora_wr wr;

    (void)state;
    ora_wr_init(&wr, WRITER_MAX);
    ora_wr_ub(&wr, 0);
    ora_wr_ub(&wr, 5);
    ora_wr_ub(&wr, 300);
    ora_wr_ub(&wr, 65536);
    ora_wr_ub(&wr, UINT64_C(1) << 32);
    ora_wr_u16_le(&wr, 873);
    ora_wr_u16(&wr, 873);
    ora_wr_u32(&wr, 0x7FFFFFFF);
    ora_wr_zeros(&wr, 2);
    hex_expect(
        "integers", wr.data, wr.length,
        "00 01 05 02 01 2C 04 00 01 00 00 08 00 00 00 01 00 00 00 00 69 03 03 69 7F FF FF FF "
        "00 00");
    ora_wr_fini(&wr);
}

static void ora_wr_clr__any_length__is_read_back(void **state)
{
    static const size_t lengths[] = {0,   1,     252,   253,   254,   255,
                                     256, 32767, 32768, 65534, 65535, 70000};
    static uint8_t content[70000];
    static uint8_t back[70000];

    (void)state;
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct ora_wr wr;
        struct ora_rd rd;
        struct ora_bytes clr;
        struct ora_bytes text;

        ora_wr_init(&wr, WRITER_MAX);
        ora_wr_clr(&wr, content, lengths[i]);
        ora_wr_text(&wr, content, lengths[i]);
        assert_false(wr.is_bad);
        rd = ora_rd_of(wr.data, wr.length);
        clr = ora_rd_clr(&rd);
        text = ora_rd_text(&rd);
        assert_true(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
        assert_int_equal(clr.length, lengths[i]);
        assert_int_equal(text.length, lengths[i]);
        assert_true(clr.is_null == (lengths[i] == 0));
        assert_true(clr.is_chunked == (lengths[i] > ORA_CHUNK_MAX));
        ora_bytes_copy(&clr, back);
        assert_memory_equal(back, content, lengths[i]);
        ora_wr_fini(&wr);
    }
}

static void ora_wr__past_its_ceiling__is_bad_until_cleared(void **state)
{
    static const uint8_t ten[10];
    struct ora_wr wr;

    (void)state;
    ora_wr_init(&wr, 15);
    ora_wr_raw(&wr, ten, sizeof(ten));
    assert_false(wr.is_bad);
    ora_wr_raw(&wr, ten, sizeof(ten));
    assert_true(wr.is_bad);
    ora_wr_u8(&wr, 1);
    assert_int_equal(wr.length, 10);
    ora_wr_clear(&wr);
    ora_wr_u8(&wr, 1);
    assert_true(!wr.is_bad && wr.length == 1);
    ora_wr_fini(&wr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_rd_ub__integer__has_any_length_up_to_its_type),
        cmocka_unit_test(ora_rd_ub__wrong_length__is_a_fault),
        cmocka_unit_test(ora_rd_sb4__sign_is_in_the_length),
        cmocka_unit_test(ora_rd_clr__each_form__gives_its_content),
        cmocka_unit_test(ora_rd_text__first_length__only_says_whether_there_is_one),
        cmocka_unit_test(ora_rd__cut_anywhere__is_short_and_stays_so),
        cmocka_unit_test(ora_wr__integers__take_1_2_4_or_8_bytes),
        cmocka_unit_test(ora_wr_clr__any_length__is_read_back),
        cmocka_unit_test(ora_wr__past_its_ceiling__is_bad_until_cleared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

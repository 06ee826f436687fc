/* ora/packet.h: heads in both forms, and the packets that connect two sides. */
#include "ora/packet.h"
#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

enum { WRITER_MAX = 1 << 22 };

static struct ora_packet must_read(const uint8_t *bytes, size_t count, bool is_wide)
{
    const char *fault = NULL;
    struct ora_packet packet;

    if (ora_packet_read(bytes, count, is_wide, ORA_SDU_MAX, &packet, &fault) != ORA_STEP_DONE) {
        fail_msg("no packet: %s", fault != NULL ? fault : "too short");
    }
    return packet;
}

static void ora_packet_read__head__says_how_much_is_needed(void **state)
{
    static const struct {
        bool is_wide;
        const char *bytes;
        enum ora_step step;
        size_t length;
        const char *fault;
    } cases[] = {
        {false, "", ORA_STEP_MORE, 8, NULL},
        {false, "00 0B 00 00 0C 00 00", ORA_STEP_MORE, 8, NULL},
        {false, "00 0B 00 00 0C 00 00 00", ORA_STEP_MORE, 11, NULL},
        {false, "00 0B 00 00 0C 00 00 00 01 00 02", ORA_STEP_DONE, 11, NULL},
        {true, "00 00 00 0B 0C 20 00 00 01 00 02 FF", ORA_STEP_DONE, 11, NULL},
        {true, "00 00 00 0A 06 00 00 00 00 40", ORA_STEP_DONE, 10, NULL},
        {true, "00 00 00 0A 06 00 00 00", ORA_STEP_MORE, 10, NULL},
        {true, "00 00 00 09 06 00 00 00 00", ORA_STEP_BAD, 0, "a packet of data without its flags"},
        {true, "00 00 00 07 06 00 00 00", ORA_STEP_BAD, 0, "a packet without a head"},
        {true, "00 00 00 00 00 00 00 00", ORA_STEP_BAD, 0, "a packet without a head"},
        {true, "00 20 00 01 06 00 00 00", ORA_STEP_BAD, 0, "a packet longer than agreed"},
        {true, "FF FF FF FF 06 00 00 00", ORA_STEP_BAD, 0, "a packet longer than agreed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[32];
        const char *fault = NULL;
        struct ora_packet packet;
        const size_t count = hex_read(cases[i].bytes, bytes, sizeof(bytes));

        assert_int_equal(
            ora_packet_read(bytes, count, cases[i].is_wide, ORA_SDU_MAX, &packet, &fault),
            cases[i].step);
        if (cases[i].step == ORA_STEP_BAD) {
            assert_string_equal(fault, cases[i].fault);
        } else {
            assert_int_equal(packet.length, cases[i].length);
        }
    }
}

/* Those of 12.1, 19c and 26ai, and one that older servers give. */
static void ora_accept_read__servers__say_what_they_agree_to(void **state)
{
    static const struct {
        const char *bytes;
        struct ora_accept accept;
    } cases[] = {
        {"00 29 00 00 02 00 00 00 01 3B 0C 01 00 00 00 00 01 00 00 00 00 29 45 00 00 00 00 00 00 "
         "00 "
         "00 00 00 00 20 00 00 00 FF FF 00",
         {315, 8192, false, false, false}},
        {"00 2D 00 00 02 00 00 00 01 3E 00 01 00 00 00 00 01 00 00 00 00 2D 0C 0C 00 00 00 00 00 "
         "00 "
         "00 00 00 00 20 00 00 00 FF FF 00 00 00 00 01",
         {318, 8192, false, false, false}},
        {"00 3D 00 00 02 00 00 00 01 3F 00 01 00 00 00 00 01 00 00 00 00 3D C5 00 00 00 00 00 00 "
         "00 "
         "00 00 00 00 40 00 00 00 20 00 00 1A 00 00 00 5A F0 74 A2 71 17 AE 81 5F 9E D5 67 13 59 "
         "5E "
         "D3",
         {319, 16384, false, true, true}},
        {"00 2D 00 00 02 00 00 00 01 3E 00 01 00 00 00 00 01 00 00 00 00 2D 10 00 00 00 00 00 00 "
         "00 "
         "00 00 00 00 20 00 00 00 FF FF 00 12 00 00 00",
         {318, 8192, true, false, true}}, /* an end of response needs 319 */
        {"00 20 00 00 02 00 00 00 01 3A 0C 41 10 00 20 00 01 00 00 00 00 20 41 01 00 00 00 00 00 "
         "00 "
         "00 00",
         {314, 4096, false, false, false}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[64];
        const size_t count = hex_read(cases[i].bytes, bytes, sizeof(bytes));
        const struct ora_packet packet = must_read(bytes, count, false);
        struct ora_accept accept;

        assert_int_equal(packet.type, ORA_PACKET_ACCEPT);
        assert_null(ora_accept_read(&packet, &accept));
        assert_int_equal(accept.version, cases[i].accept.version);
        assert_int_equal(accept.sdu, cases[i].accept.sdu);
        assert_int_equal(accept.demands_encryption, cases[i].accept.demands_encryption);
        assert_int_equal(accept.has_end_of_response, cases[i].accept.has_end_of_response);
        assert_int_equal(accept.has_fast_logon, cases[i].accept.has_fast_logon);
    }
}

static void ora_accept_read__of_any_length__reads_no_further(void **state)
{
    static const char whole[] =
        "00 3D 00 00 02 00 00 00 01 3F 00 01 20 00 20 00 01 00 00 00 00 3D C5 00 00 00 00 00 00 00 "
        "00 00 00 00 40 00 00 00 20 00 00 1A 00 00 00 5A F0 74 A2 71 17 AE 81 5F 9E D5 67 13 59 5E "
        "D3";
    uint8_t bytes[61];

    (void)state;
    assert_int_equal(hex_read(whole, bytes, sizeof(bytes)), sizeof(bytes));
    for (size_t length = ORA_PACKET_HEAD; length <= sizeof(bytes); length++) {
        uint8_t *exact = malloc(length);
        struct ora_accept accept;
        struct ora_packet packet;
        const char *fault;

        assert_non_null(exact);
        memcpy(exact, bytes, length);
        exact[1] = (uint8_t)length;
        packet = must_read(exact, length, false);
        fault = ora_accept_read(&packet, &accept);
        assert_true((fault != NULL) == (length < 10));
        if (fault == NULL) {
            assert_int_equal(accept.version, 319);
            assert_int_equal(accept.sdu, length >= 36 ? 16384 : 8192);
            assert_true(accept.has_end_of_response == (length >= 45));
        }
        free(exact);
    }
}

static void ora_accept_read__packets_of_no_size__are_refused(void **state)
{
    uint8_t bytes[45];
    const size_t count =
        hex_read("00 2D 00 00 02 00 00 00 01 3E 00 01 00 00 00 00 01 00 00 00 00 2D 0C "
                 "0C 00 00 00 00 00 00 00 00 00 00 01 FF 00 00 FF FF 00 00 00 00 01",
                 bytes, sizeof(bytes));
    const struct ora_packet packet = must_read(bytes, count, false);
    struct ora_accept accept;

    (void)state;
    assert_string_equal(ora_accept_read(&packet, &accept),
                        "an ACCEPT with packets of a size that there is not");
}

static void ora_refuse_read__text__has_the_number(void **state)
{
    static const struct {
        const char *text;
        uint32_t number;
    } cases[] = {
        {"(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=12514)(ERROR_STACK=(ERROR=(CODE=12514))))",
         12514},
        {"(ERR=)", 0},
        {"(DESCRIPTION=(ERR", 0},
        {"(ERR=99999999999999)", 99999},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t length = strlen(cases[i].text);
        struct ora_refuse refuse;
        struct ora_packet packet;
        struct ora_wr wr;
        uint8_t body[256] = {34, 0, 0, (uint8_t)length};

        memcpy(body + 4, cases[i].text, length);
        ora_wr_init(&wr, WRITER_MAX);
        ora_packet_write(&wr, false, ORA_PACKET_REFUSE, 0, body, 4 + length);
        packet = must_read(wr.data, wr.length, false);
        assert_null(ora_refuse_read(&packet, &refuse));
        assert_int_equal(refuse.number, cases[i].number);
        assert_int_equal(refuse.text.length, length);
        ora_wr_fini(&wr);
    }
}

static void ora_marker__each_kind__is_read_back(void **state)
{
    static const char *const others[] = {"00 00 00 09 0C 00 00 00 00",
                                         "00 00 00 0A 0C 00 00 00 00 00"};
    struct ora_packet packet;
    enum ora_marker marker;
    struct ora_wr wr;
    uint8_t bytes[16];

    (void)state;
    for (int kind = ORA_MARKER_BREAK; kind <= ORA_MARKER_INTERRUPT; kind++) {
        ora_wr_init(&wr, WRITER_MAX);
        ora_marker_write(&wr, true, (enum ora_marker)kind);
        packet = must_read(wr.data, wr.length, true);
        assert_null(ora_marker_read(&packet, &marker));
        assert_int_equal(marker, kind);
        ora_wr_fini(&wr);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        packet = must_read(bytes, hex_read(others[i], bytes, sizeof(bytes)), true);
        assert_null(ora_marker_read(&packet, &marker));
        assert_int_equal(marker, ORA_MARKER_BREAK);
    }
    packet = must_read(bytes, hex_read("00 00 00 0B 0C 00 00 00 01 00 09", bytes, 16), true);
    assert_non_null(ora_marker_read(&packet, &marker));
}

static void ora_control_read__word_of_the_server__has_its_number(void **state)
{
    uint8_t bytes[32];
    struct ora_packet packet = must_read(
        bytes, hex_read("00 00 00 12 0E 00 00 00 00 08 00 00 00 16 00 00 09 5C", bytes, 32), true);
    struct ora_control control;

    (void)state;
    assert_null(ora_control_read(&packet, &control));
    assert_int_equal(control.kind, 8);
    assert_int_equal(control.number, 2396);
    packet = must_read(bytes, hex_read("00 00 00 0A 0E 00 00 00 00 08", bytes, 32), true);
    assert_string_equal(ora_control_read(&packet, &control), "a CONTROL that is too short");
}

/* The stream is whole again whatever the size of the packets that carried it. */
static void ora_data_write__stream__is_cut_into_packets(void **state)
{
    static uint8_t stream[5000];
    static uint8_t back[5000];
    static const size_t lengths[] = {0, 1, 501, 502, 503, 1004, 5000};

    (void)state;
    for (size_t i = 0; i < sizeof(stream); i++) {
        stream[i] = (uint8_t)(i * 31);
    }
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        size_t length = 0;
        size_t at = 0;
        struct ora_wr wr;

        ora_wr_init(&wr, WRITER_MAX);
        ora_data_write(&wr, true, ORA_SDU_MIN, 0, ORA_DATA_END_OF_REQUEST, stream, lengths[i]);
        while (at < wr.length) {
            const struct ora_packet packet = must_read(wr.data + at, wr.length - at, true);

            at += packet.length;
            assert_true(packet.length <= ORA_SDU_MIN);
            assert_int_equal(packet.data_flags, at == wr.length ? ORA_DATA_END_OF_REQUEST : 0);
            memcpy(back + length, packet.body, packet.body_length);
            length += packet.body_length;
        }
        assert_int_equal(length, lengths[i]);
        assert_memory_equal(back, stream, length);
        ora_wr_fini(&wr);
    }
}

static void ora_connect_write__short_data__stand_inside(void **state)
{
    static const char data[] =
        "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db1)(PORT=1521))(CONNECT_DATA="
        "(SERVICE_NAME=svc)(CID=(PROGRAM=app)(HOST=h)(USER=u))))";
    struct ora_connect connect;
    struct ora_packet packet;
    struct ora_wr wr;

    (void)state;
    ora_wr_init(&wr, WRITER_MAX);
    ora_connect_write(&wr, 0, ORA_SDU_DEFAULT, data, strlen(data));
    hex_expect(
        "CONNECT", wr.data, ORA_CONNECT_HEAD,
        "00 C9 00 00 01 00 00 00 01 3F 01 2C 00 01 20 00 20 00 4F 98 00 00 00 01 00 7F 00 4A "
        "00 00 00 00 84 84 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
        "00 00 00 00 20 00 00 00 20 00 00 00 00 00 00 00 00 00");
    packet = must_read(wr.data, wr.length, false);
    assert_int_equal(packet.length, wr.length);
    assert_null(ora_connect_read(&packet, &connect));
    assert_int_equal(connect.version, 319);
    assert_int_equal(connect.sdu, ORA_SDU_DEFAULT);
    assert_true(ora_bytes_are(&connect.data, data));
    ora_wr_fini(&wr);
}

static void ora_connect_write__long_data__follow(void **state)
{
    static char data[2000];
    struct ora_connect connect;
    struct ora_packet packet;
    struct ora_wr wr;

    (void)state;
    memset(data, 'x', sizeof(data));
    for (size_t length = ORA_CONNECT_INLINE_MAX; length <= sizeof(data); length += 885) {
        ora_wr_init(&wr, WRITER_MAX);
        ora_connect_write(&wr, ORA_FLAG_REDIRECTED, ORA_SDU_DEFAULT, data, length);
        packet = must_read(wr.data, wr.length, false);
        assert_int_equal(packet.flags, ORA_FLAG_REDIRECTED);
        assert_null(ora_connect_read(&packet, &connect));
        assert_int_equal(connect.data_length, length);
        if (length > ORA_CONNECT_INLINE_MAX) {
            assert_true(connect.data.is_null);
            packet = must_read(wr.data + packet.length, wr.length - packet.length, false);
            assert_int_equal(packet.type, ORA_PACKET_DATA);
            assert_int_equal(packet.body_length, length);
        } else {
            assert_int_equal(connect.data.length, length);
        }
        ora_wr_fini(&wr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ora_packet_read__head__says_how_much_is_needed),
        cmocka_unit_test(ora_accept_read__servers__say_what_they_agree_to),
        cmocka_unit_test(ora_accept_read__of_any_length__reads_no_further),
        cmocka_unit_test(ora_accept_read__packets_of_no_size__are_refused),
        cmocka_unit_test(ora_refuse_read__text__has_the_number),
        cmocka_unit_test(ora_marker__each_kind__is_read_back),
        cmocka_unit_test(ora_control_read__word_of_the_server__has_its_number),
        cmocka_unit_test(ora_data_write__stream__is_cut_into_packets),
        cmocka_unit_test(ora_connect_write__short_data__stand_inside),
        cmocka_unit_test(ora_connect_write__long_data__follow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/ora/peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/unit/ora/hex.h"

enum { MAX = 64 << 20, SOCKET_ROOM = 4 << 20, SDU = 8192, CALL_MS = 20000, HAS_SQL_TYPE = 14 };

static void init_session(struct octo_ora *session, uint8_t field_version, int fd)
{
    session->link.fd = fd;
    session->link.bell = -1;
    session->break_ms = CALL_MS;
    session->dialect = (struct ora_dialect){.field_version = field_version, .has_sql_type = true};
    session->reading.dialect = &session->dialect;
    session->is_wide = true;
    session->sdu = SDU;
    session->call_ms = CALL_MS;
    session->max_text = 4000;
    ora_wr_init(&session->in, MAX);
    ora_wr_init(&session->request, MAX);
    ora_wr_init(&session->packets, MAX);
    ora_wr_init(&session->answer, MAX);
    ora_wr_init(&session->releasing, MAX);
}

void peer_open(struct peer *peer, uint8_t field_version)
{
    const int room = SOCKET_ROOM;
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    for (int i = 0; i < 2; i++) {
        (void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    }
    peer->fd = ends[1];
    peer->session = calloc(1, sizeof(*peer->session));
    assert_non_null(peer->session);
    init_session(peer->session, field_version, ends[0]);
    ora_wr_init(&peer->saying, MAX);
    ora_wr_init(&peer->heard, MAX);
}

void peer_close(struct peer *peer)
{
    peer->session->is_dead = true; /* so that it takes no leave */
    octo_ora_close(peer->session);
    (void)close(peer->fd);
    ora_wr_fini(&peer->saying);
    ora_wr_fini(&peer->heard);
}

void peer_say_bytes(struct peer *peer, const void *bytes, size_t count)
{
    ora_wr_raw(&peer->saying, bytes, count);
}

void peer_say(struct peer *peer, const char *hex)
{
    uint8_t bytes[HEX_BYTES_MAX];

    peer_say_bytes(peer, bytes, hex_read(hex, bytes, sizeof(bytes)));
}

static void say_column(struct peer *peer, const struct peer_column *column)
{
    struct ora_wr *wr = &peer->saying;

    ora_wr_u8(wr, column->type);
    ora_wr_zeros(wr, 3); /* flags, precision, scale */
    ora_wr_ub(wr, column->size);
    ora_wr_zeros(wr, 5); /* elements to character set */
    ora_wr_u8(wr, column->form);
    ora_wr_zeros(wr, 2); /* characters, collation */
    ora_wr_u8(wr, 1);
    ora_wr_u8(wr, (uint8_t)strlen(column->name));
    ora_wr_text(wr, column->name, strlen(column->name));
    ora_wr_zeros(wr, 4); /* schema, type, position, flags */
    if (peer->session->dialect.field_version >= ORA_FV_23) {
        ora_wr_zeros(wr, 2); /* domain */
    }
    if (peer->session->dialect.field_version >= ORA_FV_23_EXT3) {
        ora_wr_zeros(wr, 1); /* annotations */
    }
    if (peer->session->dialect.field_version >= ORA_FV_23_4) {
        ora_wr_zeros(wr, 3); /* of vectors */
    }
}

void peer_say_describe(struct peer *peer, const struct peer_column *columns, size_t count)
{
    peer_say(peer, "10 04 01 02 03 04 00");
    ora_wr_ub(&peer->saying, count);
    ora_wr_u8(&peer->saying, 0);
    for (size_t i = 0; i < count; i++) {
        say_column(peer, &columns[i]);
    }
    ora_wr_zeros(&peer->saying, 6); /* date, four numbers, key of a cache */
}

void peer_say_end(struct peer *peer, uint32_t number, uint32_t cursor, uint64_t rows)
{
    static const char text[] = "ORA-00000: as the test says\n";
    struct ora_wr *wr = &peer->saying;

    peer_say(peer, "04 00 00 00 00 00 00");
    ora_wr_ub(wr, cursor);
    ora_wr_zeros(wr, 1 + 6 + 5 + 6 + 3); /* position, bytes, rowid, to the errors of arrays */
    ora_wr_ub(wr, number);
    ora_wr_ub(wr, rows);
    if (peer->session->dialect.field_version >= HAS_SQL_TYPE) {
        ora_wr_zeros(wr, 2);
    }
    if (number != 0) {
        ora_wr_clr(wr, text, sizeof(text) - 1);
    }
}

static void send_packets(struct peer *peer, const struct ora_wr *packets)
{
    assert_false(packets->is_bad);
    assert_int_equal(write(peer->fd, packets->data, packets->length), (ssize_t)packets->length);
}

void peer_send(struct peer *peer)
{
    struct ora_wr packets;

    ora_wr_init(&packets, MAX);
    ora_data_write(&packets, true, SDU, 0, 0, peer->saying.data, peer->saying.length);
    send_packets(peer, &packets);
    ora_wr_fini(&packets);
    ora_wr_clear(&peer->saying);
}

void peer_send_marker(struct peer *peer, enum ora_marker marker)
{
    struct ora_wr packets;

    ora_wr_init(&packets, MAX);
    ora_marker_write(&packets, true, marker);
    send_packets(peer, &packets);
    ora_wr_fini(&packets);
}

void peer_hear(struct peer *peer)
{
    uint8_t *bytes = malloc(PEER_HEARD_MAX);
    struct ora_packet packet;
    const char *fault;
    ssize_t count;
    size_t have = 0;

    assert_non_null(bytes);
    ora_wr_clear(&peer->heard);
    while (have < PEER_HEARD_MAX &&
           (count = read(peer->fd, bytes + have, PEER_HEARD_MAX - have)) > 0) {
        have += (size_t)count;
    }
    for (size_t at = 0; at < have; at += packet.length) {
        assert_int_equal(ora_packet_read(bytes + at, have - at, true, ORA_SDU_MAX, &packet, &fault),
                         ORA_STEP_DONE);
        if (packet.type == ORA_PACKET_DATA) {
            ora_wr_raw(&peer->heard, packet.body, packet.body_length);
        }
    }
    free(bytes);
}

void peer_expect_tail(struct peer *peer, const char *what, const char *hex)
{
    uint8_t expected[HEX_BYTES_MAX];
    const size_t count = hex_read(hex, expected, sizeof(expected));

    peer_hear(peer);
    assert_true(peer->heard.length >= count);
    hex_expect(what, peer->heard.data + peer->heard.length - count, count, hex);
}

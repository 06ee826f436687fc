#include "ora/packet.h"

#include <string.h>

/* What a client of ours asks for: see the table of CONNECT in decision 39's sources. */
enum {
    VERSION_TAKEN = 300,
    OPTIONS_NONE = 0x0001,    /* no urgent bytes */
    CHARACTERISTICS = 0x4F98, /* what Oracle's drivers say of their transport */
    BYTE_ORDER_PROBE = 1,
    NO_NATIVE_SERVICES = 0x84, /* off for this connection; TLS may be renegotiated */
    NATIVE_REQUIRED = 0x10,
    OBSOLETE_BYTES = 24,
    HAS_END_OF_RESPONSE = 0x02000000, /* in an ACCEPT's flags 2 */
    HAS_FAST_LOGON = 0x10000000,
    MARKER_HAS_DATA = 1,
    CONTROL_WORD = 8,
};

/* --- reading --- */

enum ora_step ora_packet_read(const uint8_t *bytes, size_t have, bool is_wide, size_t max,
                              struct ora_packet *ret, const char **ret_fault)
{
    struct ora_rd rd = ora_rd_of(bytes, have);
    struct ora_packet packet = {.length = ORA_PACKET_HEAD};

    *ret = packet;
    if (have < ORA_PACKET_HEAD) {
        return ORA_STEP_MORE;
    }
    if (is_wide) {
        packet.length = ora_rd_u32(&rd);
    } else {
        packet.length = ora_rd_u16(&rd);
        (void)ora_rd_u16(&rd); /* a checksum that nobody fills in */
    }
    packet.type = ora_rd_u8(&rd);
    packet.flags = ora_rd_u8(&rd);
    (void)ora_rd_u16(&rd);
    if (packet.length < ORA_PACKET_HEAD || packet.length > max) {
        *ret_fault =
            packet.length > max ? "a packet longer than agreed" : "a packet without a head";
        return ORA_STEP_BAD;
    }
    packet.body_length = packet.length - ORA_PACKET_HEAD;
    if (packet.type == ORA_PACKET_DATA) {
        if (packet.body_length < ORA_DATA_HEAD - ORA_PACKET_HEAD) {
            *ret_fault = "a packet of data without its flags";
            return ORA_STEP_BAD;
        }
        packet.body_length = packet.length - ORA_DATA_HEAD;
    }
    if (have < packet.length) {
        ret->length = packet.length;
        return ORA_STEP_MORE;
    }
    packet.data_flags = packet.type == ORA_PACKET_DATA ? ora_rd_u16(&rd) : 0;
    packet.body = rd.at;
    *ret = packet;
    return ORA_STEP_DONE;
}

static struct ora_bytes rest(struct ora_rd *rd, size_t count_max)
{
    struct ora_bytes bytes = {.at = rd->at, .length = ora_rd_left(rd)};

    bytes.length = bytes.length > count_max ? count_max : bytes.length;
    bytes.is_null = bytes.length == 0;
    return bytes;
}

const char *ora_connect_read(const struct ora_packet *packet, struct ora_connect *ret)
{
    struct ora_rd rd = ora_rd_of(packet->body, packet->body_length);
    struct ora_connect connect = {.sdu = ORA_SDU_DEFAULT};
    size_t offset;

    connect.version = ora_rd_u16(&rd);
    connect.version_min = ora_rd_u16(&rd);
    (void)ora_rd_u16(&rd); /* options */
    connect.sdu = ora_rd_u16(&rd);
    (void)ora_rd_raw(&rd, 8); /* TDU, characteristics, turnaround, byte order */
    connect.data_length = ora_rd_u16(&rd);
    offset = ora_rd_u16(&rd);
    if (!ora_rd_is_fine(&rd) || offset < ORA_PACKET_HEAD) {
        return "a CONNECT that is too short";
    }
    if (offset >= ORA_CONNECT_HEAD && packet->body_length >= ORA_CONNECT_HEAD - ORA_PACKET_HEAD) {
        struct ora_rd wide = ora_rd_of(packet->body + 50, 4);

        connect.sdu = ora_rd_u32(&wide);
    }
    if (offset < packet->length) {
        rd = ora_rd_of(packet->body + offset - ORA_PACKET_HEAD, packet->length - offset);
        connect.data = rest(&rd, connect.data_length);
    } else {
        connect.data = (struct ora_bytes){.at = packet->body, .is_null = true};
    }
    *ret = connect;
    return NULL;
}

const char *ora_accept_read(const struct ora_packet *packet, struct ora_accept *ret)
{
    struct ora_rd rd = ora_rd_of(packet->body, packet->body_length);
    struct ora_accept accept = {.sdu = ORA_SDU_DEFAULT};
    uint32_t sdu;
    uint32_t flags;

    accept.version = ora_rd_u16(&rd);
    if (!ora_rd_is_fine(&rd)) {
        return "an ACCEPT without a version";
    }
    (void)ora_rd_u16(&rd); /* options */
    sdu = ora_rd_u16(&rd);
    (void)ora_rd_raw(&rd, 8); /* TDU, byte order, accept data */
    accept.demands_encryption = (ora_rd_u8(&rd) & NATIVE_REQUIRED) != 0;
    (void)ora_rd_raw(&rd, 9);
    if (accept.version >= ORA_VERSION_WIDE) {
        const uint32_t wide = ora_rd_u32(&rd);

        sdu = wide != 0 ? wide : sdu;
    }
    (void)ora_rd_raw(&rd, 5); /* TDU, compression */
    flags = accept.version >= ORA_VERSION_FLAGS ? ora_rd_u32(&rd) : 0;
    if (sdu != 0 && (sdu < ORA_SDU_MIN || sdu > ORA_SDU_MAX)) {
        return "an ACCEPT with packets of a size that there is not";
    }
    accept.sdu = sdu != 0 ? sdu : accept.sdu;
    accept.has_fast_logon = (flags & HAS_FAST_LOGON) != 0;
    accept.has_end_of_response =
        (flags & HAS_END_OF_RESPONSE) != 0 && accept.version >= ORA_VERSION_END_OF_RESPONSE;
    *ret = accept;
    return NULL;
}

uint32_t ora_refuse_number(const struct ora_bytes *text)
{
    static const char key[] = "(ERR=";
    const size_t key_length = sizeof(key) - 1;
    uint32_t number = 0;

    for (size_t i = 0; i + key_length <= text->length; i++) {
        if (memcmp(text->at + i, key, key_length) != 0) {
            continue;
        }
        for (i += key_length; i < text->length && text->at[i] >= '0' && text->at[i] <= '9'; i++) {
            number = number < UINT16_MAX ? number * 10 + (uint32_t)(text->at[i] - '0') : number;
        }
        return number;
    }
    return 0;
}

const char *ora_refuse_read(const struct ora_packet *packet, struct ora_refuse *ret)
{
    struct ora_rd rd = ora_rd_of(packet->body, packet->body_length);

    (void)ora_rd_u16(&rd); /* reasons of user and system */
    ret->text_length = ora_rd_u16(&rd);
    if (!ora_rd_is_fine(&rd)) {
        return "a REFUSE that is too short";
    }
    ret->text = rest(&rd, ret->text_length);
    ret->number = ora_refuse_number(&ret->text);
    return NULL;
}

const char *ora_redirect_read(const struct ora_packet *packet, struct ora_redirect *ret)
{
    struct ora_rd rd = ora_rd_of(packet->body, packet->body_length);

    ret->data_length = ora_rd_u16(&rd);
    if (!ora_rd_is_fine(&rd)) {
        return "a REDIRECT that is too short";
    }
    ret->data = rest(&rd, ret->data_length);
    return NULL;
}

const char *ora_marker_read(const struct ora_packet *packet, enum ora_marker *ret)
{
    const uint8_t value = packet->body_length >= 3 ? packet->body[2] : ORA_MARKER_BREAK;

    if (packet->body_length == 0) {
        return "a MARKER without a body";
    }
    if (packet->body[0] != MARKER_HAS_DATA) {
        *ret = ORA_MARKER_BREAK;
        return NULL;
    }
    if (value < ORA_MARKER_BREAK || value > ORA_MARKER_INTERRUPT) {
        return "a MARKER of an unknown kind";
    }
    *ret = (enum ora_marker)value;
    return NULL;
}

const char *ora_control_read(const struct ora_packet *packet, struct ora_control *ret)
{
    struct ora_rd rd = ora_rd_of(packet->body, packet->body_length);
    struct ora_control control = {.kind = ora_rd_u16(&rd)};

    if (control.kind == CONTROL_WORD) {
        (void)ora_rd_u32(&rd); /* facility */
        control.number = ora_rd_u32(&rd);
    }
    if (!ora_rd_is_fine(&rd)) {
        return "a CONTROL that is too short";
    }
    *ret = control;
    return NULL;
}

/* --- writing --- */

static void write_head(struct ora_wr *wr, bool is_wide, enum ora_packet_type type, uint8_t flags,
                       size_t length)
{
    if (length > (is_wide ? (size_t)ORA_SDU_MAX : (size_t)ORA_PACKET_NARROW_MAX)) {
        wr->is_bad = true;
    }
    if (is_wide) {
        ora_wr_u32(wr, (uint32_t)length);
    } else {
        ora_wr_u16(wr, (uint16_t)length);
        ora_wr_u16(wr, 0);
    }
    ora_wr_u8(wr, (uint8_t)type);
    ora_wr_u8(wr, flags);
    ora_wr_u16(wr, 0);
}

void ora_packet_write(struct ora_wr *wr, bool is_wide, enum ora_packet_type type, uint8_t flags,
                      const void *body, size_t length)
{
    write_head(wr, is_wide, type, flags, ORA_PACKET_HEAD + length);
    ora_wr_raw(wr, body, length);
}

void ora_marker_write(struct ora_wr *wr, bool is_wide, enum ora_marker marker)
{
    const uint8_t body[] = {MARKER_HAS_DATA, 0, (uint8_t)marker};

    ora_packet_write(wr, is_wide, ORA_PACKET_MARKER, 0, body, sizeof(body));
}

void ora_data_write(struct ora_wr *wr, bool is_wide, size_t sdu, uint16_t flags,
                    uint16_t last_flags, const void *stream, size_t length)
{
    const size_t room = sdu - ORA_DATA_HEAD;
    const uint8_t *at = stream;

    do {
        const size_t count = length < room ? length : room;
        const bool is_last = count == length;

        write_head(wr, is_wide, ORA_PACKET_DATA, 0, ORA_DATA_HEAD + count);
        ora_wr_u16(wr, is_last ? (uint16_t)(flags | last_flags) : flags);
        ora_wr_raw(wr, at, count);
        at = count > 0 ? at + count : at;
        length -= count;
    } while (length > 0);
}

void ora_connect_write(struct ora_wr *wr, uint8_t flags, uint32_t sdu, const void *data,
                       size_t length)
{
    const bool is_inline = length <= ORA_CONNECT_INLINE_MAX;
    const uint16_t narrow = (uint16_t)(sdu < UINT16_MAX ? sdu : UINT16_MAX);

    if (length > UINT16_MAX) {
        wr->is_bad = true;
    }
    write_head(wr, false, ORA_PACKET_CONNECT, flags, ORA_CONNECT_HEAD + (is_inline ? length : 0));
    ora_wr_u16(wr, ORA_VERSION_WANTED);
    ora_wr_u16(wr, VERSION_TAKEN);
    ora_wr_u16(wr, OPTIONS_NONE);
    ora_wr_u16(wr, narrow);
    ora_wr_u16(wr, narrow);
    ora_wr_u16(wr, CHARACTERISTICS);
    ora_wr_u16(wr, 0);
    ora_wr_u16(wr, BYTE_ORDER_PROBE);
    ora_wr_u16(wr, (uint16_t)length);
    ora_wr_u16(wr, ORA_CONNECT_HEAD);
    ora_wr_u32(wr, 0);
    ora_wr_u8(wr, NO_NATIVE_SERVICES);
    ora_wr_u8(wr, NO_NATIVE_SERVICES);
    ora_wr_zeros(wr, OBSOLETE_BYTES);
    ora_wr_u32(wr, sdu);
    ora_wr_u32(wr, sdu);
    ora_wr_zeros(wr, 8); /* no compression, no urgent bytes */
    if (is_inline) {
        ora_wr_raw(wr, data, length);
    } else {
        ora_data_write(wr, false, ORA_PACKET_NARROW_MAX, 0, 0, data, length);
    }
}

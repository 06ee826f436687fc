/*
 * Property: a packet is the same however its bytes come and in either form of head; what a server
 * says while a session begins is read without a step past its end.
 */
#include <assert.h>
#include <stdint.h>

#include "ora/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_body(const struct ora_packet *packet)
{
    struct ora_connect connect;
    struct ora_accept accept;
    struct ora_refuse refuse;
    struct ora_redirect redirect;
    struct ora_control control;
    enum ora_marker marker;

    switch (packet->type) {
    case ORA_PACKET_CONNECT:
        assert(ora_connect_read(packet, &connect) != NULL ||
               connect.data.length <= packet->body_length);
        break;
    case ORA_PACKET_ACCEPT:
        assert(ora_accept_read(packet, &accept) != NULL ||
               (accept.sdu >= ORA_SDU_MIN && accept.sdu <= ORA_SDU_MAX));
        break;
    case ORA_PACKET_REFUSE:
        assert(ora_refuse_read(packet, &refuse) != NULL ||
               refuse.text.length <= refuse.text_length);
        break;
    case ORA_PACKET_REDIRECT:
        assert(ora_redirect_read(packet, &redirect) != NULL ||
               redirect.data.length <= redirect.data_length);
        break;
    case ORA_PACKET_MARKER:
        assert(ora_marker_read(packet, &marker) != NULL || marker <= ORA_MARKER_INTERRUPT);
        break;
    case ORA_PACKET_CONTROL:
        (void)ora_control_read(packet, &control);
        break;
    default:
        break;
    }
}

static void check(const uint8_t *data, size_t size, bool is_wide)
{
    struct ora_packet packet;
    struct ora_packet early;
    const char *fault = NULL;
    const enum ora_step step = ora_packet_read(data, size, is_wide, ORA_SDU_MAX, &packet, &fault);

    assert((step == ORA_STEP_BAD) == (fault != NULL));
    if (step == ORA_STEP_MORE) {
        assert(packet.length > size);
    }
    if (step != ORA_STEP_DONE) {
        return;
    }
    assert(packet.length <= size && packet.body + packet.body_length == data + packet.length);
    assert(ora_packet_read(data, packet.length - 1, is_wide, ORA_SDU_MAX, &early, &fault) ==
           ORA_STEP_MORE);
    read_body(&packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, false);
    check(data, size, true);
    return 0;
}

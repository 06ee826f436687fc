#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/tnsd/tnsd.h"

enum { BYTES_OF_A_LINE = 32, READ_SIZE = 16384 };

/* --- the record --- */

static void record(struct tnsd *t, char direction, const uint8_t *bytes, size_t count)
{
    if (t->record == NULL) {
        return;
    }
    (void)fprintf(t->record, "# packet %zu %c %zu bytes", ++t->packets, direction, count);
    if (direction == '>' && t->hides_next) {
        t->hides_next = false;
        (void)fputs(": LEFT OUT (holds a machine or user name)\n", t->record);
        (void)fflush(t->record);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (i % BYTES_OF_A_LINE == 0) {
            (void)fprintf(t->record, "\n%c", direction);
        }
        (void)fprintf(t->record, " %02x", bytes[i]);
    }
    (void)fputc('\n', t->record);
    (void)fflush(t->record);
}

/* --- in --- */

static void drop(struct ora_wr *wr, size_t count)
{
    wr->length -= count;
    memmove(wr->data, wr->data + count, wr->length);
}

/* A client that does not say where it wants to go, as it should, gets no further. */
static int check_route_name(SSL *tls, int *alert, void *arg)
{
    const struct tnsd_options *options = arg;
    const char *name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);

    if (options->route_name == NULL || (name != NULL && strcmp(name, options->route_name) == 0)) {
        return SSL_TLSEXT_ERR_OK;
    }
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool prepare_tls(struct tnsd *t)
{
    const struct tnsd_options *options = t->options;

    t->tls_ctx = SSL_CTX_new(TLS_server_method());
    if (t->tls_ctx == NULL ||
        SSL_CTX_use_certificate_chain_file(t->tls_ctx, options->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(t->tls_ctx, options->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_load_verify_locations(t->tls_ctx, options->authority, NULL) != 1) {
        return false;
    }
    SSL_CTX_set_client_CA_list(t->tls_ctx, SSL_load_client_CA_file(options->authority));
    SSL_CTX_set_verify(t->tls_ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    (void)SSL_CTX_set_tlsext_servername_callback(t->tls_ctx, check_route_name);
    (void)SSL_CTX_set_tlsext_servername_arg(t->tls_ctx, (void *)(uintptr_t)options);
    (void)SSL_CTX_set_session_id_context(t->tls_ctx, (const unsigned char *)"tnsd", 4);
    (void)SSL_CTX_set_num_tickets(t->tls_ctx,
                                  0); /* a ticket behind a handshake is bytes nobody awaits */
    return true;
}

bool tnsd_secure(struct tnsd *t)
{
    if (t->options->certificate == NULL) {
        return true;
    }
    if (t->tls_ctx == NULL && !prepare_tls(t)) {
        return false;
    }
    SSL_free(t->tls);
    t->tls = SSL_new(t->tls_ctx);
    return t->tls != NULL && SSL_set_fd(t->tls, t->fd) == 1 && SSL_accept(t->tls) == 1;
}

static bool read_some(struct tnsd *t)
{
    uint8_t bytes[READ_SIZE];
    const ssize_t count = t->tls != NULL ? SSL_read(t->tls, bytes, sizeof(bytes))
                                         : recv(t->fd, bytes, sizeof(bytes), 0);

    if (count <= 0) {
        return false;
    }
    ora_wr_raw(&t->in, bytes, (size_t)count);
    return !t->in.is_bad;
}

bool tnsd_has_input(const struct tnsd *t)
{
    return t->in.length > 0 || (t->tls != NULL && SSL_has_pending(t->tls) == 1);
}

bool tnsd_next_packet(struct tnsd *t, struct ora_packet *ret)
{
    static struct ora_wr held; /* what the packet that is given out stands in */
    const char *fault = NULL;
    enum ora_step step;

    while ((step = ora_packet_read(t->in.data, t->in.length, t->is_wide, ORA_SDU_MAX, ret,
                                   &fault)) == ORA_STEP_MORE) {
        if (!read_some(t)) {
            return false;
        }
    }
    if (step == ORA_STEP_BAD) {
        (void)fprintf(stderr, "tnsd: the client sends %s\n", fault);
        return false;
    }
    record(t, '>', t->in.data, ret->length);
    held.max = TNSD_STREAM_MAX;
    ora_wr_clear(&held);
    ora_wr_raw(&held, t->in.data, ret->length);
    drop(&t->in, ret->length);
    (void)ora_packet_read(held.data, held.length, t->is_wide, ORA_SDU_MAX, ret, &fault);
    return true;
}

bool tnsd_await_reset(struct tnsd *t)
{
    enum ora_marker marker = ORA_MARKER_BREAK;
    struct ora_packet packet;

    while (marker != ORA_MARKER_RESET) {
        if (!tnsd_next_packet(t, &packet)) {
            return false;
        }
        if (packet.type != ORA_PACKET_MARKER || ora_marker_read(&packet, &marker) != NULL) {
            marker = ORA_MARKER_BREAK;
        }
    }
    return true;
}

/* What was broken off had been answered already: that it is cancelled is said all the same. */
static bool answer_late_break(struct tnsd *t)
{
    if (!tnsd_send_marker(t, ORA_MARKER_BREAK) || !tnsd_await_reset(t) ||
        !tnsd_send_marker(t, ORA_MARKER_RESET)) {
        return false;
    }
    ora_wr_clear(&t->answer);
    tnsd_write_error(t, 1013, "ORA-01013: user requested cancel of current operation\n", 0, 0);
    return tnsd_send_answer(t);
}

bool tnsd_more(struct tnsd *t)
{
    struct ora_packet packet;
    enum ora_marker marker;

    for (;;) {
        if (!tnsd_next_packet(t, &packet)) {
            return false;
        }
        if (packet.type == ORA_PACKET_DATA) {
            if ((packet.data_flags & ORA_DATA_EOF) != 0) {
                return false;
            }
            ora_wr_raw(&t->stream, packet.body, packet.body_length);
            return !t->stream.is_bad;
        }
        if (packet.type != ORA_PACKET_MARKER || ora_marker_read(&packet, &marker) != NULL) {
            return false;
        }
        if (marker != ORA_MARKER_RESET && !answer_late_break(t)) {
            return false;
        }
    }
}

/* --- out --- */

static bool write_all(struct tnsd *t, const struct ora_wr *wr)
{
    for (size_t at = 0; at < wr->length;) {
        const ssize_t count = t->tls != NULL
                                  ? SSL_write(t->tls, wr->data + at, (int)(wr->length - at))
                                  : send(t->fd, wr->data + at, wr->length - at, MSG_NOSIGNAL);

        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        at += (size_t)count;
    }
    return true;
}

/* Records each packet before it is written: who has read an answer finds it in the record. */
static bool send_all(struct tnsd *t, struct ora_wr *wr)
{
    const char *fault;
    struct ora_packet packet;
    bool ok = !wr->is_bad;

    for (size_t at = 0; ok && at < wr->length; at += packet.length) {
        ok = ora_packet_read(wr->data + at, wr->length - at, t->is_wide, ORA_SDU_MAX, &packet,
                             &fault) == ORA_STEP_DONE;
        if (ok) {
            record(t, '<', wr->data + at, packet.length);
        }
    }
    ok = ok && write_all(t, wr);
    ora_wr_fini(wr);
    return ok;
}

bool tnsd_send_packet(struct tnsd *t, enum ora_packet_type type, uint8_t flags, const void *body,
                      size_t length)
{
    struct ora_wr wr;

    ora_wr_init(&wr, TNSD_STREAM_MAX);
    ora_packet_write(&wr, t->is_wide, type, flags, body, length);
    return send_all(t, &wr);
}

bool tnsd_send_marker(struct tnsd *t, enum ora_marker marker)
{
    struct ora_wr wr;

    ora_wr_init(&wr, TNSD_STREAM_MAX);
    ora_marker_write(&wr, t->is_wide, marker);
    return send_all(t, &wr);
}

/* Who has read it sees the session at rest. */
bool tnsd_send_answer(struct tnsd *t)
{
    struct ora_wr wr;

    if (!faults_spare_answer(t)) {
        return false;
    }
    seen_call(t, false);
    if (t->ends_responses) {
        ora_wr_u8(&t->answer, ORA_MSG_END_OF_RESPONSE);
    }
    ora_wr_init(&wr, TNSD_STREAM_MAX);
    ora_data_write(&wr, t->is_wide, ORA_SDU_DEFAULT, 0,
                   t->ends_responses ? ORA_DATA_END_OF_RESPONSE : 0, t->answer.data,
                   t->answer.length);
    wr.is_bad = wr.is_bad || t->answer.is_bad;
    ora_wr_clear(&t->answer);
    return send_all(t, &wr);
}

/* ora/session.c: how a session begins and ends, and its calls that are a word each (see
 * octo/ora.h). */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ora/heap.h"

#include "ora/session_priv.h"

enum { ID_BYTES = 16, ID_TEXT = 25, PACKETS_MAX = 96 << 20 };

/* --- connecting --- */

static bool not_connected(struct octo_ora *session, struct octo_ora_error *error, const char *text)
{
    ora_link_close(&session->link);
    return ora_fault(error, OCTO_ORA_CONNECT, "%s port %s: %s", session->place.host,
                     session->place.port, text);
}

static bool tell_refusal(struct octo_ora *session, uint32_t number, struct octo_ora_error *error)
{
    char text[OCTO_ORA_TEXT];

    switch (number) {
    case 12514:
        (void)snprintf(text, sizeof(text), "ORA-12514: the listener knows no service %.200s",
                       session->place.service);
        break;
    case 12506:
        (void)snprintf(text, sizeof(text),
                       "ORA-12506: the listener's access list does not allow this machine's "
                       "address: add it there, to try again does not help");
        break;
    case 0:
        (void)snprintf(text, sizeof(text), "the listener refuses without a reason");
        break;
    default:
        (void)snprintf(text, sizeof(text), "ORA-%05u: the listener refuses", (unsigned)number);
        break;
    }
    (void)not_connected(session, error, text);
    error->number = (int)number;
    return false;
}

static bool take_refusal(struct octo_ora *session, const struct ora_packet *packet,
                         struct octo_ora_error *error)
{
    struct ora_packet more;
    struct ora_refuse refuse;
    const char *fault = ora_refuse_read(packet, &refuse);

    if (fault != NULL) {
        return not_connected(session, error, fault);
    }
    if (refuse.text.length == 0 && refuse.text_length > 0) {
        if (!ora_next_packet(session, &more, error)) {
            return false;
        }
        refuse.number =
            ora_refuse_number(&(struct ora_bytes){.at = more.body, .length = more.body_length});
    }
    return tell_refusal(session, refuse.number, error);
}

static bool take_accept(struct octo_ora *session, const struct ora_packet *packet,
                        struct octo_ora_error *error)
{
    struct ora_accept accept;
    const char *fault = ora_accept_read(packet, &accept);

    if (fault != NULL) {
        return not_connected(session, error, fault);
    }
    if (accept.version < ORA_VERSION_WIDE) {
        return not_connected(session, error, "the server is older than 12.1, which is not spoken");
    }
    if (accept.demands_encryption) {
        return not_connected(session, error,
                             "the server demands Oracle's native encryption: set "
                             "SQLNET.ENCRYPTION_SERVER there to ACCEPTED");
    }
    session->sdu = accept.sdu;
    session->is_wide = true;
    return true;
}

/* A text that nobody else has: a listener's log shows it. */
static bool make_id(char ret[ID_TEXT], struct octo_ora_error *error)
{
    uint8_t bytes[ID_BYTES];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return ora_fault(error, OCTO_ORA_CONNECT, "OpenSSL has no random bytes");
    }
    (void)EVP_EncodeBlock((unsigned char *)ret, bytes, sizeof(bytes));
    return true;
}

/* What lies behind a RESEND with that flag is a new session of TLS, on the bare connection. */
static bool secure_again(struct octo_ora *session, const struct ora_packet *packet,
                         struct octo_ora_error *error)
{
    if (packet->type != ORA_PACKET_RESEND || (packet->flags & ORA_FLAG_RENEGOTIATE) == 0) {
        return true;
    }
    if (session->link.tls == NULL || session->in.length > session->taken) {
        return not_connected(session, error, "protocol error: TLS anew where there can be none");
    }
    return ora_link_secure_again(&session->link, session->place.host, error);
}

static bool greet(struct octo_ora *session, const struct ora_who *who, struct octo_ora_error *error)
{
    struct ora_packet packet = {.type = ORA_PACKET_RESEND};
    char id[ID_TEXT];

    if (!make_id(id, error)) {
        return false;
    }
    ora_wr_clear(&session->request);
    ora_descriptor_write(&session->request, &session->place, who, id);
    for (int i = 0; packet.type == ORA_PACKET_RESEND && i <= ORA_RESENDS_MAX; i++) {
        ora_wr_clear(&session->packets);
        ora_connect_write(&session->packets, 0, session->request.data, session->request.length);
        session->packets.is_bad = session->packets.is_bad || session->request.is_bad;
        if (!ora_send(session, &session->packets, error) ||
            !ora_next_packet(session, &packet, error) || !secure_again(session, &packet, error)) {
            return false;
        }
    }
    switch (packet.type) {
    case ORA_PACKET_ACCEPT:
        return take_accept(session, &packet, error);
    case ORA_PACKET_REFUSE:
        return take_refusal(session, &packet, error);
    case ORA_PACKET_REDIRECT:
        return not_connected(session, error,
                             "the listener sends its clients elsewhere, which is not followed: "
                             "name the address that it gives");
    case ORA_PACKET_RESEND:
        return not_connected(session, error, "the listener asks for the same again and again");
    default:
        return not_connected(session, error,
                             "protocol error: what answers is no listener of Oracle");
    }
}

static void free_session(struct octo_ora *session)
{
    ora_link_close(&session->link);
    ora_wr_fini(&session->in);
    ora_wr_fini(&session->request);
    ora_wr_fini(&session->packets);
    ora_wr_fini(&session->answer);
    free(session->closing);
    free(session);
}

static struct octo_ora *new_session(const struct octo_ora_options *options)
{
    struct octo_ora *session = ora_heap_zeroed(1, sizeof(*session));

    if (session == NULL) {
        return NULL;
    }
    session->link.fd = -1;
    session->sdu = ORA_SDU_DEFAULT;
    session->call_ms = options->call_ms > 0 ? options->call_ms : ORA_CALL_MS;
    session->reading.dialect = &session->dialect;
    ora_wr_init(&session->in, ORA_SDU_MAX + (size_t)65536);
    ora_wr_init(&session->request, ORA_REQUEST_MAX);
    ora_wr_init(&session->packets, PACKETS_MAX);
    ora_wr_init(&session->answer, ORA_ANSWER_MAX);
    return session;
}

static bool check_options(const struct octo_ora_options *options, struct octo_ora_error *error)
{
    if (options->dsn == NULL || options->user == NULL || options->password == NULL) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "a data source name, a user and a password are needed");
    }
    if (*options->user == '\0' || *options->password == '\0') {
        return ora_fault(error, OCTO_ORA_USAGE, "the user or the password is empty");
    }
    if (options->wallet_dir != NULL && strncasecmp(options->dsn, "tcps://", 7) != 0) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "a wallet is for TLS: write tcps:// before the host");
    }
    if (strlen(options->password) > ORA_PASSWORD_MAX) {
        return ora_fault(error, OCTO_ORA_USAGE, "a password has at most %d bytes",
                         ORA_PASSWORD_MAX);
    }
    return true;
}

bool octo_ora_connect(const struct octo_ora_options *options, struct octo_ora **ret_session,
                      struct octo_ora_error *error)
{
    struct octo_ora *session;
    struct ora_who who;

    if (!check_options(options, error)) {
        return false;
    }
    session = new_session(options);
    if (session == NULL) {
        return ora_fault_memory(error);
    }
    ora_who_am_i(options->program, &who);
    ora_set_deadline(session, options->connect_ms > 0 ? options->connect_ms : ORA_CONNECT_MS);
    if (!ora_place_parse(options->dsn, &session->place, error) ||
        !ora_link_open(&session->link, session->place.host, session->place.port, error) ||
        (session->place.is_tls &&
         !ora_link_secure(&session->link, session->place.host, options->wallet_dir,
                          options->wallet_password, error)) ||
        !greet(session, &who, error) || !ora_log_on(session, options, &who, error)) {
        /* There is no session that could be lost or go on. */
        error->kind = error->kind == OCTO_ORA_USAGE || error->kind == OCTO_ORA_MEMORY
                          ? error->kind
                          : OCTO_ORA_CONNECT;
        free_session(session);
        return false;
    }
    *ret_session = session;
    return true;
}

/* --- words --- */

static bool say(struct octo_ora *session, enum ora_function function, struct octo_ora_error *error)
{
    ora_set_deadline(session, session->call_ms);
    ora_request_begin(session, function, true);
    return ora_turn(session, ORA_CALL_SIMPLE, NULL, NULL, error);
}

bool octo_ora_ping(struct octo_ora *session, struct octo_ora_error *error)
{
    return say(session, ORA_FUNCTION_PING, error);
}

bool octo_ora_rollback(struct octo_ora *session, struct octo_ora_error *error)
{
    return say(session, ORA_FUNCTION_ROLLBACK, error);
}

bool octo_ora_commit(struct octo_ora *session, struct octo_ora_error *error)
{
    const bool was_alive = !session->is_dead;
    const bool ok = say(session, ORA_FUNCTION_COMMIT, error);

    if (!ok && was_alive && session->is_dead) {
        error->kind = OCTO_ORA_UNKNOWN;
    }
    return ok;
}

bool octo_ora_is_alive(const struct octo_ora *session)
{
    return !session->is_dead && !session->is_draining;
}

bool octo_ora_in_transaction(const struct octo_ora *session)
{
    return !session->is_dead && (session->call_status & ORA_STATUS_IN_TRANSACTION) != 0;
}

const char *octo_ora_server_version(const struct octo_ora *session)
{
    return session->version;
}

void octo_ora_set_call_ms(struct octo_ora *session, int call_ms)
{
    session->call_ms = call_ms > 0 ? call_ms : ORA_CALL_MS;
}

bool octo_ora_set_tag(struct octo_ora *session, enum octo_ora_tag tag, const char *text,
                      struct octo_ora_error *error)
{
    return ora_tags_set(&session->tags, tag, text) ||
           ora_fault(error, OCTO_ORA_USAGE, "a tag has at most %d bytes", ORA_TAG_MAX);
}

/* The whole farewell has the time of one call. */
void octo_ora_close(struct octo_ora *session)
{
    struct octo_ora_error ignored;

    if (session == NULL) {
        return;
    }
    ora_set_deadline(session, session->call_ms);
    if (octo_ora_in_transaction(session)) {
        ora_request_begin(session, ORA_FUNCTION_ROLLBACK, false);
        (void)ora_turn(session, ORA_CALL_SIMPLE, NULL, NULL, &ignored);
    }
    if (!session->is_dead) {
        ora_request_begin(session, ORA_FUNCTION_LOGOFF, false);
        (void)ora_turn(session, ORA_CALL_SIMPLE, NULL, NULL, &ignored);
    }
    if (!session->is_dead) {
        ora_wr_clear(&session->packets);
        ora_data_write(&session->packets, session->is_wide, session->sdu, ORA_DATA_EOF, 0, NULL, 0);
        (void)ora_send(session, &session->packets, &ignored);
    }
    free_session(session);
}

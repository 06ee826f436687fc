#include <string.h>
#include <strings.h>

#include "tests/support/tnsd/tnsd.h"

enum {
    TEXT_MAX = 4096,
    ADDRESS_MAX = 256,
    NO_SUCH_SERVICE = 12514,
    NO_SUCH_SERVER = 12520,
    REASON = 34,
    NO_NATIVE_SERVICES = 0x0C0C,
    DEMANDS_ENCRYPTION = 0x1C0C,
    ACCEPT_LENGTH = 45, /* with its head */
    ACCEPT_ID = 16,
    FAST_LOGON = 0x10000000, /* in an ACCEPT's flags 2 */
    END_OF_RESPONSE = 0x02000000,
};

/* What a client has said. */
struct greeting {
    uint16_t version;
    uint32_t sdu;
    uint8_t flags;
    char text[TEXT_MAX];
};

static bool has_service(const struct tnsd *t, const struct greeting *greeting)
{
    char wanted[256];

    (void)snprintf(wanted, sizeof(wanted), "(SERVICE_NAME=%s)", t->options->service);
    return strcasestr(greeting->text, wanted) != NULL;
}

/* That is the end, as where a client is sent elsewhere. */
static bool refuse(struct tnsd *t, unsigned number)
{
    char text[256];
    uint8_t body[4 + sizeof(text)] = {REASON};
    struct ora_wr wr;

    (void)snprintf(text, sizeof(text),
                   "(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=%u)(ERROR_STACK=(ERROR=(CODE=%u)"
                   "(EMFI=4))))",
                   number, number);
    body[3] = (uint8_t)strlen(text);
    if (!t->options->refuses_behind) {
        memcpy(body + 4, text, strlen(text));
        (void)tnsd_send_packet(t, ORA_PACKET_REFUSE, 0, body, 4 + strlen(text));
        return false;
    }
    ora_wr_init(&wr, sizeof(text) + 2);
    ora_wr_u16(&wr, 0);
    ora_wr_raw(&wr, text, strlen(text));
    (void)(tnsd_send_packet(t, ORA_PACKET_REFUSE, 0, body, 4) &&
           tnsd_send_packet(t, ORA_PACKET_DATA, 0, wr.data, wr.length));
    ora_wr_fini(&wr);
    return false;
}

static bool accept_client(struct tnsd *t, const struct greeting *greeting)
{
    const uint32_t sdu = greeting->sdu < ORA_SDU_DEFAULT ? greeting->sdu : ORA_SDU_DEFAULT;
    const uint32_t version =
        t->options->accepts_as != 0 ? t->options->accepts_as : t->pose->version;
    const uint16_t agreed = greeting->version < version ? greeting->version : (uint16_t)version;
    const bool has_id = agreed >= ORA_VERSION_END_OF_RESPONSE;
    struct ora_wr wr;
    bool ok;

    ora_wr_init(&wr, 64);
    ora_wr_u16(&wr, agreed);
    ora_wr_u16(&wr, 1);
    ora_wr_u16(&wr, 0);
    ora_wr_u16(&wr, 0);
    ora_wr_u16(&wr, 0x0100);
    ora_wr_u16(&wr, 0);
    ora_wr_u16(&wr, has_id ? ACCEPT_LENGTH + ACCEPT_ID : ACCEPT_LENGTH);
    ora_wr_u16(&wr, t->options->demands_encryption ? DEMANDS_ENCRYPTION : NO_NATIVE_SERVICES);
    ora_wr_zeros(&wr, 8);
    ora_wr_u32(&wr, sdu);
    ora_wr_u32(&wr, ORA_PACKET_NARROW_MAX);
    ora_wr_u8(&wr, 0);
    ora_wr_u32(&wr, (tnsd_has_fast_logon(t) ? FAST_LOGON : 0) |
                        (tnsd_has_end_of_response(t) ? END_OF_RESPONSE : 0));
    ora_wr_zeros(&wr, has_id ? ACCEPT_ID : 0); /* of the database */
    ok = tnsd_send_packet(t, ORA_PACKET_ACCEPT, 0, wr.data, wr.length);
    ora_wr_fini(&wr);
    t->is_wide = true;
    return ok && !t->options->ends_after_accept;
}

/* What the client asked for, of another service. */
static void write_connect_data(const struct tnsd *t, const struct greeting *greeting,
                               struct ora_wr *wr)
{
    static const char key[] = "(SERVICE_NAME=";
    const char *at = strcasestr(greeting->text, key);
    const char *end = at != NULL ? strchr(at, ')') : NULL;

    if (t->options->redirect_service == NULL || end == NULL) {
        ora_wr_raw(wr, greeting->text, strlen(greeting->text));
        return;
    }
    ora_wr_raw(wr, greeting->text, (size_t)(at - greeting->text));
    ora_wr_raw(wr, key, sizeof(key) - 1);
    ora_wr_raw(wr, t->options->redirect_service, strlen(t->options->redirect_service));
    ora_wr_raw(wr, end, strlen(end));
}

/* Of HOST:PORT; one in brackets stands as it is. */
static void write_address(const struct tnsd *t, char ret[ADDRESS_MAX])
{
    const char *to = t->options->redirect;
    const char *colon = strrchr(to, ':');

    if (to[0] == '(' || colon == NULL) {
        (void)snprintf(ret, ADDRESS_MAX, "%s", to);
        return;
    }
    (void)snprintf(ret, ADDRESS_MAX, "(ADDRESS=(PROTOCOL=%s)(HOST=%.*s)(PORT=%s))",
                   t->options->certificate != NULL ? "tcps" : "tcp", (int)(colon - to), to,
                   colon + 1);
}

/* To the address, and with new connect data behind a NUL where it is another service. */
static bool redirect(struct tnsd *t, const struct greeting *greeting)
{
    const bool has_parts = t->options->redirect_service != NULL;
    const uint8_t flags = has_parts ? ORA_FLAG_REDIRECT_PARTS : 0;
    char address[ADDRESS_MAX];
    uint8_t length[2];
    struct ora_wr wr;

    write_address(t, address);
    ora_wr_init(&wr, sizeof(address) + TEXT_MAX + 512);
    ora_wr_u16(&wr, 0); /* the length, or flags of DATA */
    ora_wr_raw(&wr, address, strlen(address));
    if (has_parts) {
        ora_wr_u8(&wr, 0);
        write_connect_data(t, greeting, &wr);
    }
    length[0] = (uint8_t)((wr.length - 2) >> 8);
    length[1] = (uint8_t)(wr.length - 2);
    if (t->options->redirects_inline) {
        memcpy(wr.data, length, sizeof(length));
        (void)tnsd_send_packet(t, ORA_PACKET_REDIRECT, flags, wr.data, wr.length);
    } else {
        (void)(tnsd_send_packet(t, ORA_PACKET_REDIRECT, flags, length, sizeof(length)) &&
               tnsd_send_packet(t, ORA_PACKET_DATA, 0, wr.data, wr.length));
    }
    ora_wr_fini(&wr);
    return false;
}

static bool read_greeting(struct tnsd *t, struct greeting *ret)
{
    struct ora_connect connect;
    struct ora_packet packet;
    const void *data;
    size_t length;

    t->hides_next = true;
    if (!tnsd_next_packet(t, &packet) || packet.type != ORA_PACKET_CONNECT ||
        ora_connect_read(&packet, &connect) != NULL) {
        return false;
    }
    ret->version = connect.version;
    ret->sdu = connect.sdu;
    ret->flags = packet.flags;
    data = connect.data.at;
    length = connect.data.length;
    if (length < connect.data_length) {
        t->hides_next = true;
        if (!tnsd_next_packet(t, &packet) || packet.type != ORA_PACKET_DATA) {
            return false;
        }
        data = packet.body;
        length = packet.body_length;
    }
    if (length >= sizeof(ret->text)) {
        return false;
    }
    memcpy(ret->text, data, length);
    ret->text[length] = '\0';
    return true;
}

/* The client must say again where it wants to go; with TLS anew before that, where it is so. */
static bool ask_again(struct tnsd *t, struct greeting *greeting, bool renegotiates)
{
    return tnsd_send_packet(t, ORA_PACKET_RESEND, renegotiates ? ORA_FLAG_RENEGOTIATE : 0, NULL,
                            0) &&
           (!renegotiates || tnsd_secure(t)) && read_greeting(t, greeting);
}

bool tnsd_connect(struct tnsd *t)
{
    struct greeting greeting;
    bool ok = read_greeting(t, &greeting);

    ok = ok && (!t->options->renegotiates || ask_again(t, &greeting, true));
    for (uint32_t i = 0; ok && i < t->options->resends; i++) {
        ok = ask_again(t, &greeting, false);
    }
    if (!ok) {
        return false;
    }
    if (t->options->refuse != 0 || faults_refusal(t) != 0) {
        return refuse(t, t->options->refuse != 0 ? t->options->refuse : faults_refusal(t));
    }
    if (t->options->redirect != NULL) {
        return redirect(t, &greeting);
    }
    if (t->options->expects_redirect && (greeting.flags & ORA_FLAG_REDIRECTED) == 0) {
        return refuse(t, NO_SUCH_SERVICE);
    }
    if (t->options->is_pooled && strcasestr(greeting.text, "(SERVER=pooled)") == NULL) {
        return refuse(t, NO_SUCH_SERVER);
    }
    return has_service(t, &greeting) ? accept_client(t, &greeting) : refuse(t, NO_SUCH_SERVICE);
}

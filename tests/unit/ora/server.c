#include "tests/unit/ora/server.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ora/verifier.h"
#include "tests/unit/ora/peer.h"

enum {
    MAX = 1 << 20,
    SDU = 8192,
    CLIENT_MAX = 65536,
    HALF = 32,
    ANSWER_MESSAGES_MAX = 8,
    VERSION_19 = 318,
    VERSION_23 = 319,
    FIELD_VERSION_19 = 12,
    FAST_LOGON_AND_ENDS = 0x12000000, /* in an ACCEPT's flags 2 */
    CANCELLED = 1013,
    NO_DATA = 1403,
};

#define LOCATOR                                                                                    \
    "00 26 00 01 00 08 80 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "   \
    "00 00 00 00 00 00 00 00 00 00 "

struct server {
    int fd; /* its end of the connection */
    struct server_plan plan;
    bool is_wide;
    bool awaits_data; /* of a CONNECT */
    bool ends_answers;
    bool is_spoilt; /* the fault has happened */
    size_t said;
    unsigned requests;
    struct ora_wr in; /* what the client has said and nobody has read */
    struct server_message messages[SERVER_MESSAGES_MAX];
    size_t message_count;
    size_t answer_begin[ANSWER_MESSAGES_MAX]; /* of the messages that are being written */
    size_t answer_count;
    /* Its hand for messages: nobody is at the other end of it. */
    struct octo_ora shape;
    struct peer writer;
};

/* --- what is said --- */

/* A client that has gone hears nothing. */
static void put(const struct server *server, const uint8_t *bytes, size_t count)
{
    (void)(count == 0 || send(server->fd, bytes, count, MSG_NOSIGNAL) < 0);
}

/* In place of so many bytes. */
static void spoil(struct server *server, size_t count)
{
    uint8_t nonsense[SDU];

    server->is_spoilt = true;
    if (server->plan.fault == SERVER_CUT) {
        (void)shutdown(server->fd, SHUT_RDWR);
    } else if (server->plan.fault == SERVER_NONSENSE) {
        memset(nonsense, 0xFF, sizeof(nonsense));
        put(server, nonsense, count);
    }
}

static void say_packet(struct server *server, const struct ora_wr *packet)
{
    const struct server_plan *plan = &server->plan;
    const size_t end = server->said + packet->length;

    assert(!packet->is_bad);
    if (!server->is_spoilt &&
        (plan->fault == SERVER_WELL || end < plan->at || (end == plan->at && !plan->is_at_once))) {
        put(server, packet->data, packet->length);
    } else if (!server->is_spoilt) {
        put(server, packet->data, plan->at - server->said);
        spoil(server, end > plan->at ? end - plan->at : ORA_DATA_HEAD);
    }
    server->said = end;
}

static void note(struct server *server, enum server_phase phase, size_t begin, size_t end,
                 bool is_last)
{
    assert(server->message_count < SERVER_MESSAGES_MAX);
    server->messages[server->message_count++] =
        (struct server_message){.phase = phase, .begin = begin, .end = end, .is_last = is_last};
}

static void say_whole(struct server *server, enum server_phase phase, struct ora_wr *packet)
{
    note(server, phase, server->said, server->said + packet->length, true);
    say_packet(server, packet);
    ora_wr_fini(packet);
}

/* A message of the answer begins. */
static void begin(struct server *server)
{
    server->answer_begin[server->answer_count++] = server->writer.saying.length;
}

static void say(struct server *server, const char *hex)
{
    begin(server);
    peer_say(&server->writer, hex);
}

static void say_end(struct server *server, uint32_t number, uint32_t cursor)
{
    begin(server);
    peer_say_end(&server->writer, number, cursor, 1);
}

static void answer(struct server *server, enum server_phase phase)
{
    struct ora_wr packet;
    size_t begins = server->said;

    if (server->ends_answers) {
        say(server, "1D");
    }
    ora_wr_init(&packet, MAX);
    ora_data_write(&packet, true, SDU, 0, 0, server->writer.saying.data,
                   server->writer.saying.length);
    for (size_t i = 0; i < server->answer_count; i++) {
        const bool is_last = i + 1 == server->answer_count;
        const size_t length = is_last ? server->writer.saying.length : server->answer_begin[i + 1];
        const size_t ends = server->said + ORA_DATA_HEAD + length;

        note(server, phase, begins, ends, is_last);
        begins = ends;
    }
    say_packet(server, &packet);
    ora_wr_fini(&packet);
    ora_wr_clear(&server->writer.saying);
    server->answer_count = 0;
}

/* --- log-on --- */

static const struct ora_verifier verifier = {.type = ORA_VERIFIER_12C,
                                             .salt = {1},
                                             .salt_length = ORA_SALT_MAX,
                                             .session_salt = {2},
                                             .session_salt_length = ORA_SALT_MAX,
                                             .rounds = 1,
                                             .session_rounds = 3};
static const uint8_t server_half[HALF] = {3};

static void accept_client(struct server *server)
{
    struct ora_wr body;
    struct ora_wr packet;

    ora_wr_init(&body, MAX);
    ora_wr_u16(&body, server->plan.is_23ai ? VERSION_23 : VERSION_19);
    ora_wr_zeros(&body, 22);
    ora_wr_u32(&body, SDU);
    ora_wr_zeros(&body, 5);
    ora_wr_u32(&body, server->plan.is_23ai ? FAST_LOGON_AND_ENDS : 0);
    ora_wr_init(&packet, MAX);
    ora_packet_write(&packet, false, ORA_PACKET_ACCEPT, 0, body.data, body.length);
    ora_wr_fini(&body);
    say_whole(server, SERVER_LOG_ON, &packet);
    server->is_wide = true;
}

static void say_protocol(struct server *server)
{
    const uint8_t caps[53] = {[0] = 6, [7] = server->shape.dialect.field_version};

    say(server, "01 06 00 4C 00"); /* banner "L" */
    peer_say(&server->writer, "69 03 01 00 00 00 0B 00 00 00 00 00 00 00 00 00 07 D0");
    ora_wr_clr(&server->writer.saying, caps, sizeof(caps));
    peer_say(&server->writer, "07 02 00 00 00 00 00 04");
}

static void put_pair(struct server *server, const char *key, const void *value, size_t length,
                     uint32_t flags)
{
    ora_wr_text(&server->writer.saying, key, strlen(key));
    ora_wr_text(&server->writer.saying, value, length);
    ora_wr_ub(&server->writer.saying, flags);
}

static void put_hex(struct server *server, const char *key, const uint8_t *bytes, size_t count,
                    uint32_t flags)
{
    char text[2 * ORA_CIPHER_MAX];

    ora_hex(bytes, count, text);
    put_pair(server, key, text, 2 * count, flags);
}

static void derive(struct ora_password *ret)
{
    assert(ora_password_derive(&verifier, "word", 4, ret));
}

static void say_verifier(struct server *server)
{
    struct ora_password password;
    uint8_t sealed[HALF];

    derive(&password);
    assert(ora_aes_encrypt(password.hash, password.key_length, server_half, HALF, sealed));
    say(server, "08 01 05");
    put_hex(server, "AUTH_SESSKEY", sealed, HALF, 0);
    put_hex(server, "AUTH_VFR_DATA", verifier.salt, verifier.salt_length, verifier.type);
    put_hex(server, "AUTH_PBKDF2_CSK_SALT", verifier.session_salt, ORA_SALT_MAX, 0);
    put_pair(server, "AUTH_PBKDF2_VGEN_COUNT", "1", 1, 0);
    put_pair(server, "AUTH_PBKDF2_SDER_COUNT", "3", 1, 0);
    say(server, "09 00 00");
}

/* The client's half of the session's key, out of its request. */
static void read_half(const struct ora_password *password, const struct ora_packet *request,
                      uint8_t ret[HALF])
{
    static const char key[] = "AUTH_SESSKEY";
    const uint8_t *at = memmem(request->body, request->body_length, key, sizeof(key) - 1);
    uint8_t sealed[HALF];
    struct ora_bytes text;
    struct ora_rd rd;
    size_t count = 0;

    assert(at != NULL);
    at += sizeof(key) - 1;
    rd = ora_rd_of(at, (size_t)(request->body + request->body_length - at));
    text = ora_rd_text(&rd);
    assert(ora_unhex(text.at, text.length, sealed, HALF, &count));
    assert(count == HALF);
    assert(ora_aes_decrypt(password->hash, password->key_length, sealed, HALF, ret));
}

static void say_welcome(struct server *server, const struct ora_packet *request)
{
    static const char proof[] = "SERVER_TO_CLIENT";
    static const uint8_t random[ORA_BLOCK];
    struct ora_password password;
    uint8_t client_half[HALF];
    uint8_t key[ORA_KEY_MAX];
    uint8_t sealed[ORA_CIPHER_MAX];
    size_t length;

    derive(&password);
    read_half(&password, request, client_half);
    assert(ora_session_key(&verifier, password.key_length, server_half, client_half, HALF, key) &&
           ora_seal(key, password.key_length, random, proof, sizeof(proof) - 1, sealed, &length));
    say(server, "08 01 02");
    put_hex(server, "AUTH_SVR_RESPONSE", sealed, length, 0);
    put_pair(server, "AUTH_VERSION_NO", "318767104", 9, 0);
    say(server, "09 00 00");
}

/* --- calls --- */

static const struct peer_column number = {"A", ORA_TYPE_NUMBER, 0, 22};
static const struct peer_column clob = {"C", ORA_TYPE_CLOB, ORA_FORM_DATABASE, 4000};

static void describe(struct server *server, const struct peer_column *column)
{
    begin(server);
    peer_say_describe(&server->writer, column, 1);
}

/* The answer to each request behind the log-on, in the order of test_endings.c. */
static void answer_call(struct server *server, unsigned which)
{
    switch (which) {
    case 0: /* a row, and there are more */
        describe(server, &number);
        say(server, "06 02 01 01 00 01 01 00 00 00");
        say(server, "07 02 C1 02");
        say(server, "08 00 00 00 00");
        say_end(server, 0, 5);
        answer(server, SERVER_EXECUTE);
        break;
    case 1: /* a row that has what its bits say, and no more */
        say(server, "06 02 01 01 00 01 01 00 00 00");
        say(server, "07 02 C1 03");
        say(server, "15 01 01 00");
        say(server, "07");
        say_end(server, NO_DATA, 5);
        answer(server, SERVER_FETCH);
        break;
    case 2:
        describe(server, &clob);
        say(server, "08 00 00 00 00");
        say_end(server, 0, 6);
        answer(server, SERVER_LOB);
        break;
    case 3:
        say(server, "06 02 01 01 00 01 01 00 00 00");
        say(server, "07 01 28 01 03 02 1F 7C 28 " LOCATOR);
        say_end(server, NO_DATA, 6);
        answer(server, SERVER_LOB);
        break;
    case 4:
        say(server, "0E 04 00 61 00 62");
        say(server, "08 " LOCATOR "01 02");
        say_end(server, 0, 0);
        answer(server, SERVER_LOB);
        break;
    case 5:
        say(server, "09 00 00");
        answer(server, SERVER_COMMIT);
        break;
    case 6: /* never, until it is broken off */
        break;
    case 7:
        say(server, "09 01 02 00"); /* in a transaction */
        answer(server, SERVER_PING);
        break;
    default: /* rolls back, logs off */
        say(server, "09 00 00");
        answer(server, SERVER_CLOSE);
        break;
    }
}

static void answer_request(struct server *server, const struct ora_packet *request)
{
    const unsigned logons = server->plan.is_23ai ? 2 : 4;
    const unsigned which = server->requests++;

    if (server->plan.is_23ai && which == 0) {
        server->ends_answers = true;
        say_protocol(server);
        say(server, "02 00 00");
        say_verifier(server);
        answer(server, SERVER_LOG_ON);
    } else if (which + 1 == logons) {
        say_welcome(server, request);
        answer(server, SERVER_LOG_ON);
    } else if (which == 0) {
        say_protocol(server);
        answer(server, SERVER_LOG_ON);
    } else if (which == 1 && logons > 2) {
        say(server, "02 00 00");
        answer(server, SERVER_LOG_ON);
    } else if (which < logons) {
        say_verifier(server);
        answer(server, SERVER_LOG_ON);
    } else {
        answer_call(server, which - logons);
    }
}

static void answer_marker(struct server *server, const struct ora_packet *request)
{
    enum ora_marker marker;
    struct ora_wr packet;

    assert(ora_marker_read(request, &marker) == NULL);
    ora_wr_init(&packet, MAX);
    ora_marker_write(&packet, true,
                     marker == ORA_MARKER_RESET ? ORA_MARKER_RESET : ORA_MARKER_BREAK);
    say_whole(server, SERVER_BREAK, &packet);
    if (marker == ORA_MARKER_RESET) {
        say_end(server, CANCELLED, 0);
        answer(server, SERVER_BREAK);
    }
}

/* Long connect data come in a packet of their own. */
static void take_connect(struct server *server, const struct ora_packet *packet)
{
    struct ora_connect connect;

    assert(ora_connect_read(packet, &connect) == NULL);
    server->awaits_data = connect.data.length < connect.data_length;
    if (!server->awaits_data) {
        accept_client(server);
    }
}

static void take_packet(struct server *server, const struct ora_packet *packet)
{
    if (packet->type == ORA_PACKET_CONNECT) {
        take_connect(server, packet);
    } else if (packet->type == ORA_PACKET_MARKER) {
        answer_marker(server, packet);
    } else if (server->awaits_data) {
        server->awaits_data = false;
        accept_client(server);
    } else if (packet->data_flags != ORA_DATA_EOF) {
        answer_request(server, packet);
    }
}

bool server_run(struct server *server)
{
    uint8_t bytes[CLIENT_MAX];
    struct ora_packet packet;
    const char *fault;
    const ssize_t count = recv(server->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (count <= 0) {
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    }
    ora_wr_raw(&server->in, bytes, (size_t)count);
    while (!server->is_spoilt &&
           ora_packet_read(server->in.data, server->in.length, server->is_wide, ORA_SDU_MAX,
                           &packet, &fault) == ORA_STEP_DONE) {
        take_packet(server, &packet);
        server->in.length -= packet.length;
        memmove(server->in.data, server->in.data + packet.length, server->in.length);
    }
    return true;
}

/* --- for the test --- */

struct server *server_new(int fd, const struct server_plan *plan)
{
    struct server *server = calloc(1, sizeof(*server));

    assert(server != NULL);
    server->fd = fd;
    server->plan = *plan;
    server->shape.dialect.field_version = plan->is_23ai ? ORA_FV_23_4 : FIELD_VERSION_19;
    server->writer.session = &server->shape;
    ora_wr_init(&server->in, MAX);
    ora_wr_init(&server->writer.saying, MAX);
    return server;
}

void server_free(struct server *server)
{
    (void)close(server->fd);
    ora_wr_fini(&server->in);
    ora_wr_fini(&server->writer.saying);
    free(server);
}

const struct server_message *server_said(const struct server *server, size_t *ret_count)
{
    *ret_count = server->message_count;
    return server->messages;
}

/*
 * ora/logon.c: how both sides agree on a dialect and a user proves who he is (see session_priv.h).
 * In the classic sequence, which every server of 12.1 and later takes, that are four requests:
 * protocol, types of data, and two parts of the log-on itself. Servers of 23ai take the first three
 * as one. With a token there is no first part.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ora/dialect.h"
#include "ora/token.h"

#include "ora/session_priv.h"

enum {
    MESSAGE_FUNCTION = 3,
    MESSAGE_FAST = 34,
    FAST_VERSION = 1,
    FAST_CONVERTS = 1,       /* the server converts characters */
    FAST_FIELD_VERSION = 13, /* of what stands within, whatever is agreed on by it */
    MODE_LOGON = 0x1,
    MODE_CHANGE_PASSWORD = 0x2,
    MODE_WITH_PASSWORD = 0x100,
    MODE_TOKEN_WITH_KEY = 0x20000000,
    PAIRS_MAX = 1 << 20, /* bytes; a token may be long */
    VALUE_MAX = 2 * ORA_CIPHER_MAX,
    PROOF_AT = 16,
    OFFSET_TEXT = 64,
};

static const char driver[] = "octo-ora";

/* Of a log-on's mode. */
static const uint32_t privileges[OCTO_ORA_PRIVILEGE_COUNT] = {
    [OCTO_ORA_SYSDBA] = 0x20,         [OCTO_ORA_SYSOPER] = 0x40,    [OCTO_ORA_SYSASM] = 0x400000,
    [OCTO_ORA_SYSBACKUP] = 0x1000000, [OCTO_ORA_SYSDG] = 0x2000000, [OCTO_ORA_SYSKM] = 0x4000000,
    [OCTO_ORA_SYSRAC] = 0x8000000,
};

/* What is gathered on the way, and wiped at its end. */
struct logon {
    struct octo_ora *session;
    const struct octo_ora_options *options;
    const struct ora_description *description;
    const struct ora_who *who;
    struct ora_slice client; /* whom the user acts for; without characters: himself */
    struct ora_verifier verifier;
    uint8_t server_half[ORA_SESSION_KEY_MAX]; /* enciphered */
    size_t half_length;
    uint8_t proof[ORA_CIPHER_MAX];
    size_t proof_length;
    struct ora_wr pairs; /* of the second part */
    uint32_t pair_count;
    bool wants_types;  /* the server has none of the types that were declared */
    const char *fault; /* of what the server sent */
};

/* --- what the server says --- */

/* Bytes in hexadecimal; a value that is none, or too long, is the server's fault. */
static void take_hex(struct logon *logon, const struct ora_bytes *value, uint8_t *ret, size_t max,
                     size_t *ret_length)
{
    if (value->is_chunked || !ora_unhex(value->at, value->length, ret, max, ret_length)) {
        logon->fault = "a log-on whose values are not what they should be";
    }
}

static uint32_t take_number(struct logon *logon, const struct ora_bytes *value)
{
    uint32_t number = 0;

    for (size_t i = 0; i < value->length && !value->is_chunked; i++) {
        if (value->at[i] < '0' || value->at[i] > '9' || number > UINT32_MAX / 16) {
            logon->fault = "a log-on whose numbers are not what they should be";
            return 0;
        }
        number = number * 10 + (uint32_t)(value->at[i] - '0');
    }
    return number;
}

static void take_verifier(struct logon *logon, const struct ora_pair *pair)
{
    struct ora_verifier *verifier = &logon->verifier;

    if (ora_bytes_are(&pair->key, "AUTH_SESSKEY")) {
        take_hex(logon, &pair->value, logon->server_half, sizeof(logon->server_half),
                 &logon->half_length);
    } else if (ora_bytes_are(&pair->key, "AUTH_VFR_DATA")) {
        verifier->type = pair->flags;
        take_hex(logon, &pair->value, verifier->salt, sizeof(verifier->salt),
                 &verifier->salt_length);
    } else if (ora_bytes_are(&pair->key, "AUTH_PBKDF2_CSK_SALT")) {
        take_hex(logon, &pair->value, verifier->session_salt, sizeof(verifier->session_salt),
                 &verifier->session_salt_length);
    } else if (ora_bytes_are(&pair->key, "AUTH_PBKDF2_VGEN_COUNT")) {
        verifier->rounds = take_number(logon, &pair->value);
    } else if (ora_bytes_are(&pair->key, "AUTH_PBKDF2_SDER_COUNT")) {
        verifier->session_rounds = take_number(logon, &pair->value);
    }
}

/* Two forms: since 18 the second number has eight bits. */
static void take_version(struct octo_ora *session, uint32_t number)
{
    const bool is_new = session->dialect.field_version >= ORA_FV_18_EXT;
    const unsigned n = number;

    if (is_new) {
        (void)snprintf(session->version, sizeof(session->version), "%u.%u.%u.%u.%u", n >> 24,
                       n >> 16 & 0xFF, n >> 12 & 0xF, n >> 4 & 0xFF, n & 0xF);
    } else {
        (void)snprintf(session->version, sizeof(session->version), "%u.%u.%u.%u.%u", n >> 24,
                       n >> 20 & 0xF, n >> 12 & 0xF, n >> 8 & 0xF, n & 0xF);
    }
}

static void take_welcome(struct logon *logon, const struct ora_pair *pair)
{
    if (ora_bytes_are(&pair->key, "AUTH_SVR_RESPONSE")) {
        take_hex(logon, &pair->value, logon->proof, sizeof(logon->proof), &logon->proof_length);
    } else if (ora_bytes_are(&pair->key, "AUTH_VERSION_NO")) {
        take_version(logon->session, take_number(logon, &pair->value));
    } else if (ora_bytes_are(&pair->key, "AUTH_SESSION_ID")) {
        logon->session->sid = take_number(logon, &pair->value);
    }
}

static void take_pairs(struct logon *logon, const struct ora_message *message)
{
    struct ora_rd rd = message->of.parameters.pairs;
    struct ora_pair pair;

    for (uint32_t i = 0; i < message->of.parameters.count; i++) {
        ora_pair_read(&rd, &pair);
        take_verifier(logon, &pair);
        take_welcome(logon, &pair);
    }
}

/* Whatever part of the sequence it belongs to: in the fast one all come in one answer, and what
 * comes first decides how the rest is read. */
static bool take(void *arg, const struct ora_message *message, struct octo_ora_error *error)
{
    struct logon *logon = arg;
    struct octo_ora *session = logon->session;
    const char *fault = NULL;

    if (message->type == ORA_MSG_PROTOCOL) {
        fault = ora_protocol_take(message, &session->dialect, &session->max_text);
        session->dialect.has_end_of_response = session->ends_responses && session->has_fast_logon;
    } else if (message->type == ORA_MSG_PARAMETER) {
        take_pairs(logon, message);
    } else if (message->type == ORA_MSG_RENEGOTIATE) {
        logon->wants_types = true;
    }
    if (fault != NULL) {
        return ora_die(session, error, "%s", fault);
    }
    return logon->fault == NULL || ora_die(session, error, "protocol error: %s", logon->fault);
}

/* --- the first part: who it is --- */

static void put_pair(struct ora_wr *wr, const char *key, const char *value, size_t length,
                     uint32_t flags)
{
    ora_wr_text(wr, key, strlen(key));
    ora_wr_text(wr, value, length);
    ora_wr_ub(wr, flags);
}

static void put_text(struct ora_wr *wr, const char *key, const char *value)
{
    put_pair(wr, key, value, strlen(value), 0);
}

/* Behind the function's head. */
static void put_user(const struct logon *logon, uint32_t mode, uint32_t pairs)
{
    struct ora_wr *wr = &logon->session->request;
    const size_t length = strlen(logon->session->user);

    ora_wr_u8(wr, length > 0 ? 1 : 0);
    ora_wr_ub(wr, length);
    ora_wr_ub(wr, mode);
    ora_wr_u8(wr, 1);
    ora_wr_ub(wr, pairs);
    ora_wr_u8(wr, 1);
    ora_wr_u8(wr, 1);
    if (length > 0) {
        ora_wr_clr(wr, logon->session->user, length);
    }
}

static void put_who(const struct logon *logon)
{
    struct ora_wr *wr = &logon->session->request;
    char process[16];

    (void)snprintf(process, sizeof(process), "%ld", (long)getpid());
    put_user(logon, MODE_LOGON | privileges[logon->options->privilege], 5);
    put_text(wr, "AUTH_TERMINAL", "unknown");
    put_text(wr, "AUTH_PROGRAM_NM", logon->who->program);
    put_text(wr, "AUTH_MACHINE", logon->who->machine);
    put_text(wr, "AUTH_PID", process);
    put_text(wr, "AUTH_SID", logon->who->user);
}

static bool say_who(struct logon *logon, struct octo_ora_error *error)
{
    ora_request_begin(logon->session, ORA_FUNCTION_LOGON_ONE, false);
    put_who(logon);
    return ora_turn(logon->session, ORA_CALL_LOGON, take, logon, error);
}

static bool check_verifier(const struct logon *logon, struct octo_ora_error *error)
{
    const uint32_t type = logon->verifier.type;
    const size_t half = logon->half_length;

    if (type != ORA_VERIFIER_12C && type != ORA_VERIFIER_11G && type != ORA_VERIFIER_11G_OLD) {
        return ora_fault(
            error, OCTO_ORA_CONNECT,
            "the user's password has a verifier of type 0x%X, which is not known: have "
            "it set anew on the server",
            (unsigned)type);
    }
    if ((half != 32 && half != 48) || logon->verifier.rounds > ORA_ROUNDS_MAX ||
        logon->verifier.session_rounds > ORA_ROUNDS_MAX) {
        return ora_fault(error, OCTO_ORA_CONNECT,
                         "protocol error: a log-on whose values are not what they should be");
    }
    return true;
}

/* --- the second part: the proof --- */

static void add_pair(struct logon *logon, const char *key, const char *value, size_t length,
                     uint32_t flags)
{
    put_pair(&logon->pairs, key, value, length, flags);
    logon->pair_count++;
}

static void add_text(struct logon *logon, const char *key, const char *value)
{
    add_pair(logon, key, value, strlen(value), 0);
}

static void add_hex(struct logon *logon, const char *key, const uint8_t *bytes, size_t count,
                    uint32_t flags)
{
    char text[VALUE_MAX];

    ora_hex(bytes, count, text);
    add_pair(logon, key, text, 2 * count, flags);
    OPENSSL_cleanse(text, sizeof(text));
}

/* Under the session's key, as one pair. */
static bool add_sealed(struct logon *logon, const char *key, const char *secret)
{
    const struct octo_ora *session = logon->session;
    uint8_t random[ORA_BLOCK];
    uint8_t sealed[ORA_CIPHER_MAX];
    size_t length;

    if (RAND_bytes(random, sizeof(random)) != 1 ||
        !ora_seal(session->key, session->key_length, random, secret, strlen(secret), sealed,
                  &length)) {
        return false;
    }
    add_hex(logon, key, sealed, length, 0);
    return true;
}

/* What the 12c verifier's key is sealed to: of its padding the server wants nothing. */
static bool add_password_key(struct logon *logon, const struct ora_password *password)
{
    const struct octo_ora *session = logon->session;
    uint8_t random[ORA_BLOCK];
    uint8_t sealed[ORA_CIPHER_MAX];
    size_t length;

    if (RAND_bytes(random, sizeof(random)) != 1 ||
        !ora_seal(session->key, session->key_length, random, password->key, sizeof(password->key),
                  sealed, &length)) {
        return false;
    }
    add_hex(logon, "AUTH_PBKDF2_SPEEDY_KEY", sealed, length - ORA_BLOCK, 0);
    return true;
}

/* Both halves of the session's key, one of them ours. */
static bool make_key(struct logon *logon, const struct ora_password *password,
                     uint8_t ret_sealed_half[ORA_SESSION_KEY_MAX])
{
    struct octo_ora *session = logon->session;
    const size_t length = logon->half_length;
    uint8_t theirs[ORA_SESSION_KEY_MAX];
    uint8_t ours[ORA_SESSION_KEY_MAX];
    const bool ok =
        ora_aes_decrypt(password->hash, password->key_length, logon->server_half, length, theirs) &&
        RAND_bytes(ours, (int)length) == 1 &&
        ora_aes_encrypt(password->hash, password->key_length, ours, length, ret_sealed_half) &&
        ora_session_key(&logon->verifier, password->key_length, theirs, ours, length, session->key);

    session->key_length = password->key_length;
    OPENSSL_cleanse(theirs, sizeof(theirs));
    OPENSSL_cleanse(ours, sizeof(ours));
    return ok;
}

static bool add_password(struct logon *logon, struct octo_ora_error *error)
{
    const struct octo_ora_options *options = logon->options;
    struct ora_password password;
    uint8_t sealed_half[ORA_SESSION_KEY_MAX];
    bool ok = ora_password_derive(&logon->verifier, options->password, strlen(options->password),
                                  &password) &&
              make_key(logon, &password, sealed_half);

    if (ok) {
        add_hex(logon, "AUTH_SESSKEY", sealed_half, logon->half_length, 1);
        ok = (logon->verifier.type != ORA_VERIFIER_12C || add_password_key(logon, &password)) &&
             add_sealed(logon, "AUTH_PASSWORD", options->password) &&
             (options->new_password == NULL ||
              add_sealed(logon, "AUTH_NEWPASSWORD", options->new_password));
    }
    OPENSSL_cleanse(&password, sizeof(password));
    return ok || ora_fault(error, OCTO_ORA_CONNECT, "OpenSSL cannot do what a log-on needs");
}

/* The address that the other side has. */
static void peer_address(const struct octo_ora *session, char *ret, size_t room)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);

    if (getpeername(session->link.fd, (struct sockaddr *)&address, &length) != 0 ||
        getnameinfo((const struct sockaddr *)&address, length, ret, (socklen_t)room, NULL, 0,
                    NI_NUMERICHOST) != 0) {
        (void)snprintf(ret, room, "%s", session->address.host);
    }
}

static bool add_token(struct logon *logon, struct octo_ora_error *error)
{
    const struct octo_ora_options *options = logon->options;
    char header[ORA_TOKEN_HEADER_ROOM];
    char signature[ORA_TOKEN_SIGNATURE_ROOM];
    char address[ORA_HOST_MAX + 1];

    add_text(logon, "AUTH_TOKEN", options->token);
    if (options->token_key == NULL) {
        return true;
    }
    peer_address(logon->session, address, sizeof(address));
    ora_token_header((int64_t)time(NULL), logon->description->service, address,
                     logon->session->address.port, header);
    if (!ora_token_sign(options->token_key, header, signature, error)) {
        return false;
    }
    add_text(logon, "AUTH_HEADER", header);
    add_text(logon, "AUTH_SIGNATURE", signature);
    OPENSSL_cleanse(signature, sizeof(signature));
    return true;
}

/* The session's own time zone: what dates of the server's are converted to is this machine's,
 * unless another one is wanted. */
static void zone_statement(const char *wanted, char ret[OFFSET_TEXT])
{
    const time_t now = time(NULL);
    struct tm local;
    long minutes;
    long size;

    if (wanted != NULL) {
        (void)snprintf(ret, OFFSET_TEXT, "ALTER SESSION SET TIME_ZONE='%s'", wanted);
        return;
    }
    (void)localtime_r(&now, &local);
    minutes = local.tm_gmtoff / 60;
    size = minutes < 0 ? -minutes : minutes;
    (void)snprintf(ret, OFFSET_TEXT, "ALTER SESSION SET TIME_ZONE='%c%02ld:%02ld'",
                   minutes < 0 ? '-' : '+', size / 60, size % 60);
}

/* What a pool of servers is told: whose session may be taken over, and how clean it must be. */
static void add_pool(struct logon *logon)
{
    const struct ora_description *description = logon->description;

    if (description->pool_class.length > 0) {
        add_pair(logon, "AUTH_KPPL_CONN_CLASS", description->pool_class.at,
                 description->pool_class.length, 0);
    }
    add_pair(logon, "AUTH_KPPL_PURITY", description->purity == ORA_PURITY_SELF ? "2" : "1", 1, 1);
}

static void add_session(struct logon *logon)
{
    char zone[OFFSET_TEXT];

    zone_statement(logon->options->time_zone, zone);
    if (logon->client.length > 0) {
        add_pair(logon, "PROXY_CLIENT_NAME", logon->client.at, logon->client.length, 0);
    }
    add_text(logon, "SESSION_CLIENT_CHARSET", "873");
    add_text(logon, "SESSION_CLIENT_DRIVER_NAME", driver);
    add_text(logon, "SESSION_CLIENT_VERSION", "1048576");
    add_pair(logon, "AUTH_ALTER_SESSION", zone, strlen(zone) + 1, 1);
    if (logon->session->is_pooled) {
        add_pool(logon);
    }
    if (logon->options->edition != NULL) {
        add_text(logon, "AUTH_ORA_EDITION", logon->options->edition);
    }
}

static uint32_t mode_of(const struct logon *logon)
{
    const struct octo_ora_options *options = logon->options;
    const uint32_t rights = privileges[options->privilege];

    if (options->token != NULL) {
        return rights | MODE_LOGON | (options->token_key != NULL ? MODE_TOKEN_WITH_KEY : 0);
    }
    return rights | MODE_WITH_PASSWORD |
           (options->new_password != NULL ? MODE_CHANGE_PASSWORD : MODE_LOGON);
}

/* The second part, behind a function's head in the request. */
static bool put_proof(struct logon *logon, struct octo_ora_error *error)
{
    struct ora_wr *wr = &logon->session->request;

    if (!(logon->options->token != NULL ? add_token(logon, error) : add_password(logon, error))) {
        return false;
    }
    add_session(logon);
    put_user(logon, mode_of(logon), logon->pair_count);
    ora_wr_raw(wr, logon->pairs.data, logon->pairs.length);
    wr->is_bad = wr->is_bad || logon->pairs.is_bad;
    return true;
}

/* Who knows the password could read the session's key, and seal this text with it. */
static bool check_proof(const struct logon *logon, struct octo_ora_error *error)
{
    static const char expected[] = "SERVER_TO_CLIENT";
    const struct octo_ora *session = logon->session;
    uint8_t plain[ORA_CIPHER_MAX];

    if (logon->options->token != NULL) {
        return true; /* there is no key; TLS has shown who the server is */
    }
    if (logon->proof_length < PROOF_AT + sizeof(expected) - 1 ||
        !ora_aes_decrypt(session->key, session->key_length, logon->proof, logon->proof_length,
                         plain) ||
        memcmp(plain + PROOF_AT, expected, sizeof(expected) - 1) != 0) {
        return ora_fault(error, OCTO_ORA_CONNECT,
                         "the server does not prove that it knows the password: something stands "
                         "between it and this machine");
    }
    return true;
}

static bool prove(struct logon *logon, struct octo_ora_error *error)
{
    ora_request_begin(logon->session, ORA_FUNCTION_LOGON_TWO, false);
    return put_proof(logon, error) &&
           ora_turn(logon->session, ORA_CALL_LOGON, take, logon, error) &&
           check_proof(logon, error);
}

/* --- sequences --- */

static bool agree_on_types(struct logon *logon, struct octo_ora_error *error)
{
    ora_wr_clear(&logon->session->request);
    ora_types_write(&logon->session->request, logon->session->ends_responses);
    return ora_turn(logon->session, ORA_CALL_DATA_TYPES, NULL, NULL, error);
}

/* These two answers end without a message of their own; those behind them have one. */
static bool agree(struct logon *logon, struct octo_ora_error *error)
{
    struct octo_ora *session = logon->session;
    bool ok;

    ora_wr_clear(&session->request);
    ora_protocol_write(&session->request, driver);
    ok = ora_turn(session, ORA_CALL_PROTOCOL, take, logon, error) && agree_on_types(logon, error);
    session->dialect.has_end_of_response = session->ends_responses;
    return ok;
}

/* Both messages of the dialect and the part of the log-on that stands first, in one. */
static bool agree_fast(struct logon *logon, struct octo_ora_error *error)
{
    struct octo_ora *session = logon->session;
    struct ora_wr *wr = &session->request;
    const bool has_token = logon->options->token != NULL;

    ora_wr_clear(wr);
    ora_wr_u8(wr, MESSAGE_FAST);
    ora_wr_u8(wr, FAST_VERSION);
    ora_wr_u8(wr, FAST_CONVERTS);
    ora_wr_u8(wr, 0);
    ora_protocol_write(wr, driver);
    ora_wr_zeros(wr, 5); /* the server's character sets, which nobody knows yet */
    ora_wr_u8(wr, FAST_FIELD_VERSION);
    ora_types_write(wr, session->ends_responses);
    ora_wr_u8(wr, MESSAGE_FUNCTION);
    ora_wr_u8(wr, has_token ? ORA_FUNCTION_LOGON_TWO : ORA_FUNCTION_LOGON_ONE);
    ora_wr_u8(wr, ++session->sequence);
    if (!has_token) {
        put_who(logon);
    } else if (!put_proof(logon, error)) {
        return false;
    }
    return ora_turn(session, ORA_CALL_LOGON, take, logon, error);
}

/* One that demands Oracle's own encryption, and is not asked for it, may end without a word. */
static bool tell_early_end(const struct logon *logon, struct octo_ora_error *error)
{
    if (logon->session->dialect.field_version == 0 && error->kind == OCTO_ORA_LOST) {
        const size_t length = strlen(error->text);

        (void)snprintf(error->text + length, sizeof(error->text) - length,
                       " before a word was said: does the server demand Oracle's native encryption "
                       "(set SQLNET.ENCRYPTION_SERVER there to ACCEPTED), or does a firewall cut?");
    }
    return false;
}

/* A server that does not like the types wants them, and who it is, once more, one by one. */
static bool log_on_fast(struct logon *logon, struct octo_ora_error *error)
{
    struct ora_phases *phases = &logon->session->link.phases;
    const char *where = logon->session->address.host;
    const bool has_token = logon->options->token != NULL;

    if (!ora_phase(phases, has_token ? "log-on" : "dialect", where, agree_fast(logon, error))) {
        return tell_early_end(logon, error);
    }
    if (logon->wants_types && !agree_on_types(logon, error)) {
        return false;
    }
    if (has_token && !logon->wants_types) {
        return true;
    }
    ora_wr_clear(&logon->pairs);
    logon->pair_count = 0;
    return ora_phase(phases, "log-on", where,
                     (has_token || ((!logon->wants_types || say_who(logon, error)) &&
                                    check_verifier(logon, error))) &&
                         prove(logon, error));
}

static bool log_on_classic(struct logon *logon, struct octo_ora_error *error)
{
    struct ora_phases *phases = &logon->session->link.phases;
    const char *where = logon->session->address.host;
    const bool has_token = logon->options->token != NULL;

    if (!ora_phase(phases, "dialect", where, agree(logon, error))) {
        return tell_early_end(logon, error);
    }
    return ora_phase(phases, "log-on", where,
                     (has_token || (say_who(logon, error) && check_verifier(logon, error))) &&
                         prove(logon, error));
}

/* USER or USER[CLIENT], each perhaps in double quotes, within which brackets are nothing special.
 */
static bool read_user(struct logon *logon, struct octo_ora_error *error)
{
    const char *user = logon->options->user != NULL ? logon->options->user : "";
    const size_t length = strlen(user);
    const char *open = NULL;
    bool is_quoted = false;

    for (const char *c = user; *c != '\0' && open == NULL; c++) {
        is_quoted = *c == '"' ? !is_quoted : is_quoted;
        open = *c == '[' && !is_quoted ? c : NULL;
    }
    if (open != NULL) {
        if (user[length - 1] != ']' || user + length - open < 3) {
            return ora_fault(error, OCTO_ORA_USAGE,
                             "the user: a proxy user is written USER[CLIENT]");
        }
        logon->client =
            (struct ora_slice){.at = open + 1, .length = (size_t)(user + length - open) - 2};
    }
    return ora_slice_copy(
               (struct ora_slice){.at = user,
                                  .length = open != NULL ? (size_t)(open - user) : length},
               logon->session->user, sizeof(logon->session->user)) ||
           ora_fault(error, OCTO_ORA_USAGE, "the user's name has more than %d bytes", ORA_USER_MAX);
}

/* What is written from here on may be a password, or a token. */
static void begin_secrets(struct logon *logon)
{
    ora_wr_init(&logon->pairs, PAIRS_MAX);
    logon->pairs.is_secret = true;
    logon->session->request.is_secret = true;
    logon->session->packets.is_secret = true;
}

static void end_secrets(struct logon *logon)
{
    struct octo_ora *session = logon->session;

    ora_wr_fini(&logon->pairs);
    ora_wr_wipe(&session->request);
    ora_wr_wipe(&session->packets);
    session->request.is_secret = false;
    session->packets.is_secret = false;
}

bool ora_log_on(struct octo_ora *session, const struct octo_ora_options *options,
                const struct ora_description *description, const struct ora_who *who,
                struct octo_ora_error *error)
{
    struct logon logon = {
        .session = session, .options = options, .description = description, .who = who};
    bool ok;

    if (options->token != NULL && session->link.tls == NULL) {
        return ora_fault(error, OCTO_ORA_CONNECT,
                         "%s port %s: a token is not sent to an address without TLS",
                         session->address.host, session->address.port);
    }
    begin_secrets(&logon);
    session->is_pooled =
        description->server == ORA_SERVER_POOLED || description->pool_class.length > 0;
    ok = read_user(&logon, error) &&
         (session->has_fast_logon ? log_on_fast(&logon, error) : log_on_classic(&logon, error));
    end_secrets(&logon);
    OPENSSL_cleanse(&logon, sizeof(logon));
    return ok;
}

bool octo_ora_change_password(struct octo_ora *session, const char *password,
                              const char *new_password, struct octo_ora_error *error)
{
    struct logon logon = {.session = session};
    bool ok;

    if (strlen(password) > ORA_PASSWORD_MAX || strlen(new_password) > ORA_PASSWORD_MAX ||
        *new_password == '\0') {
        return ora_fault(error, OCTO_ORA_USAGE, "a password has 1 to %d bytes", ORA_PASSWORD_MAX);
    }
    if (session->key_length == 0) {
        return ora_fault(error, OCTO_ORA_USAGE, "who logged on with a token has no password");
    }
    begin_secrets(&logon);
    ora_set_deadline(session, session->call_ms);
    ora_request_begin(session, ORA_FUNCTION_LOGON_TWO, true);
    ok = add_sealed(&logon, "AUTH_PASSWORD", password) &&
         add_sealed(&logon, "AUTH_NEWPASSWORD", new_password);
    if (ok) {
        put_user(&logon, MODE_WITH_PASSWORD | MODE_CHANGE_PASSWORD, logon.pair_count);
        ora_wr_raw(&session->request, logon.pairs.data, logon.pairs.length);
        ok = ora_turn(session, ORA_CALL_LOGON, NULL, NULL, error);
    } else {
        ok = ora_fault(error, OCTO_ORA_USAGE, "OpenSSL cannot do what a change of password needs");
    }
    end_secrets(&logon);
    return ok;
}

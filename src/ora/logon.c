/*
 * ora/logon.c: how both sides agree on a dialect and prove that they know the password (see
 * session_priv.h). The classic sequence, which every server of 12.1 and later takes: protocol,
 * types of data, and two parts of the log-on itself.
 */
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ora/logon_types.h"

#include "ora/session_priv.h"

enum {
    PROTOCOL_HIGHEST = 6,
    CHARSET_UTF8 = 873,
    ENCODING = 0x03, /* several bytes a character; texts have their length */
    MODE_LOGON = 0x1,
    MODE_WITH_PASSWORD = 0x100,
    TEXT_SHORT = 4000,
    TEXT_LONG = 32767,
    RUNTIME_LONG_TEXTS = 0x04, /* in byte 6 of the server's */
    VALUE_MAX = 2 * ORA_CIPHER_MAX,
    PROOF_AT = 16,
    OFFSET_TEXT = 64,
};

static const char driver[] = "octo-ora";

/* What a client of ours can do: the meaning of each place is the protocol's. */
static const uint8_t compile_caps[53] = {
    [0] = 6,     [4] = 0xEA,  [5] = 0x18,  [7] = ORA_FIELD_VERSION_MAX,
    [8] = 1,     [9] = 1,     [15] = 0x29, [16] = 0x90,
    [17] = 3,    [18] = 7,    [19] = 3,    [21] = 1,
    [23] = 0xCF, [26] = 4,    [27] = 1,    [31] = 0x10,
    [34] = 0x0C, [35] = 0x20, [37] = 0xB8, [39] = 8,
    [40] = 0x44, [42] = 5,    [44] = 0x3E, [45] = 2,
    [52] = 3,
};
static const uint8_t runtime_caps[11] = {[0] = 2, [6] = 5};

/* What is gathered on the way, and wiped at its end. */
struct logon {
    struct octo_ora *session;
    const struct octo_ora_options *options;
    const struct ora_who *who;
    struct ora_verifier verifier;
    uint8_t server_half[ORA_SESSION_KEY_MAX]; /* enciphered */
    size_t half_length;
    uint8_t session_key[ORA_KEY_MAX];
    size_t key_length;
    uint8_t proof[ORA_CIPHER_MAX];
    size_t proof_length;
    const char *fault; /* of what the server sent */
};

/* --- the dialect --- */

static bool take_protocol(void *arg, const struct ora_message *message,
                          struct octo_ora_error *error)
{
    struct octo_ora *session = arg;
    const struct ora_bytes *caps = &message->of.protocol.compile_caps;
    const struct ora_bytes *runtime = &message->of.protocol.runtime_caps;
    uint8_t version;

    if (message->type != ORA_MSG_PROTOCOL) {
        return true;
    }
    if (caps->is_chunked || caps->length <= ORA_CAPS_FIELD_VERSION || runtime->is_chunked) {
        return ora_die(session, error, "protocol error: a server without capabilities");
    }
    version = caps->at[ORA_CAPS_FIELD_VERSION];
    if (version < ORA_FV_12_1) {
        return ora_die(session, error, "the server is older than 12.1, which is not spoken");
    }
    session->dialect = (struct ora_dialect){
        .field_version = version < ORA_FIELD_VERSION_MAX ? version : ORA_FIELD_VERSION_MAX,
        .has_sql_type = true,
    };
    session->max_text =
        runtime->length > 6 && (runtime->at[6] & RUNTIME_LONG_TEXTS) != 0 ? TEXT_LONG : TEXT_SHORT;
    return true;
}

static bool agree_on_protocol(struct octo_ora *session, struct octo_ora_error *error)
{
    ora_wr_clear(&session->request);
    ora_wr_u8(&session->request, ORA_MSG_PROTOCOL);
    ora_wr_u8(&session->request, PROTOCOL_HIGHEST);
    ora_wr_u8(&session->request, 0);
    ora_wr_raw(&session->request, driver, sizeof(driver));
    return ora_turn(session, ORA_CALL_PROTOCOL, take_protocol, session, error);
}

static void declare_type(struct ora_wr *wr, uint16_t type)
{
    struct ora_declared_otherwise as = {.as = type, .form = 1};

    for (size_t i = 0; i < sizeof(ora_declared_otherwise) / sizeof(ora_declared_otherwise[0]);
         i++) {
        if (ora_declared_otherwise[i].type == type) {
            as = ora_declared_otherwise[i];
        }
    }
    ora_wr_u16(wr, type);
    ora_wr_u16(wr, as.as);
    ora_wr_u16(wr, as.form);
    ora_wr_u16(wr, 0);
}

static bool agree_on_types(struct octo_ora *session, struct octo_ora_error *error)
{
    struct ora_wr *wr = &session->request;

    ora_wr_clear(wr);
    ora_wr_u8(wr, ORA_MSG_DATA_TYPES);
    ora_wr_u16_le(wr, CHARSET_UTF8);
    ora_wr_u16_le(wr, CHARSET_UTF8);
    ora_wr_u8(wr, ENCODING);
    ora_wr_u8(wr, sizeof(compile_caps));
    ora_wr_raw(wr, compile_caps, sizeof(compile_caps));
    ora_wr_u8(wr, sizeof(runtime_caps));
    ora_wr_raw(wr, runtime_caps, sizeof(runtime_caps));
    for (size_t i = 0; i < sizeof(ora_declared_types) / sizeof(ora_declared_types[0]); i++) {
        declare_type(wr, ora_declared_types[i]);
    }
    ora_wr_u16(wr, 0);
    return ora_turn(session, ORA_CALL_DATA_TYPES, NULL, NULL, error);
}

/* --- the log-on --- */

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

static void put_hex(struct ora_wr *wr, const char *key, const uint8_t *bytes, size_t count,
                    uint32_t flags)
{
    char text[VALUE_MAX];

    ora_hex(bytes, count, text);
    put_pair(wr, key, text, 2 * count, flags);
    OPENSSL_cleanse(text, sizeof(text));
}

static void begin(const struct logon *logon, enum ora_function function, uint32_t mode,
                  uint32_t pairs)
{
    struct ora_wr *wr = &logon->session->request;
    const size_t length = strlen(logon->options->user);

    ora_request_begin(logon->session, function, false);
    ora_wr_u8(wr, 1);
    ora_wr_ub(wr, length);
    ora_wr_ub(wr, mode);
    ora_wr_u8(wr, 1);
    ora_wr_ub(wr, pairs);
    ora_wr_u8(wr, 1);
    ora_wr_u8(wr, 1);
    ora_wr_clr(wr, logon->options->user, length);
}

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
    }
}

static bool take_pairs(void *arg, const struct ora_message *message, struct octo_ora_error *error)
{
    struct logon *logon = arg;
    struct ora_rd rd = message->of.parameters.pairs;
    struct ora_pair pair;

    if (message->type != ORA_MSG_PARAMETER) {
        return true;
    }
    for (uint32_t i = 0; i < message->of.parameters.count; i++) {
        ora_pair_read(&rd, &pair);
        take_verifier(logon, &pair);
        take_welcome(logon, &pair);
    }
    return logon->fault == NULL ||
           ora_die(logon->session, error, "protocol error: %s", logon->fault);
}

static bool say_who(struct logon *logon, struct octo_ora_error *error)
{
    struct ora_wr *wr = &logon->session->request;
    char process[16];

    (void)snprintf(process, sizeof(process), "%ld", (long)getpid());
    begin(logon, ORA_FUNCTION_LOGON_ONE, MODE_LOGON, 5);
    put_text(wr, "AUTH_TERMINAL", "unknown");
    put_text(wr, "AUTH_PROGRAM_NM", logon->who->program);
    put_text(wr, "AUTH_MACHINE", logon->who->machine);
    put_text(wr, "AUTH_PID", process);
    put_text(wr, "AUTH_SID", logon->who->user);
    return ora_turn(logon->session, ORA_CALL_LOGON, take_pairs, logon, error);
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

/* The session's own time zone: what dates of the server's are converted to is this machine's. */
static void zone_statement(char ret[OFFSET_TEXT])
{
    const time_t now = time(NULL);
    struct tm local;
    long minutes;
    long size;

    (void)localtime_r(&now, &local);
    minutes = local.tm_gmtoff / 60;
    size = minutes < 0 ? -minutes : minutes;
    (void)snprintf(ret, OFFSET_TEXT, "ALTER SESSION SET TIME_ZONE='%c%02ld:%02ld'",
                   minutes < 0 ? '-' : '+', size / 60, size % 60);
}

/* What the password has become, ready to be sent. */
struct secrets {
    struct ora_password password;
    uint8_t server_half[ORA_SESSION_KEY_MAX];
    uint8_t half[ORA_SESSION_KEY_MAX];
    uint8_t sealed_half[ORA_SESSION_KEY_MAX];
    uint8_t random[ORA_BLOCK];
    uint8_t sealed[ORA_CIPHER_MAX];
    size_t sealed_length;
    uint8_t sealed_key[ORA_CIPHER_MAX];
    size_t sealed_key_length;
};

static bool make_secrets(struct logon *logon, struct secrets *s)
{
    const char *password = logon->options->password;
    const size_t half = logon->half_length;

    return ora_password_derive(&logon->verifier, password, strlen(password), &s->password) &&
           ora_aes_decrypt(s->password.hash, s->password.key_length, logon->server_half, half,
                           s->server_half) &&
           RAND_bytes(s->half, (int)half) == 1 && RAND_bytes(s->random, ORA_BLOCK) == 1 &&
           ora_aes_encrypt(s->password.hash, s->password.key_length, s->half, half,
                           s->sealed_half) &&
           ora_session_key(&logon->verifier, s->password.key_length, s->server_half, s->half, half,
                           logon->session_key) &&
           ora_seal(logon->session_key, s->password.key_length, s->random, password,
                    strlen(password), s->sealed, &s->sealed_length) &&
           RAND_bytes(s->random, ORA_BLOCK) == 1 &&
           ora_seal(logon->session_key, s->password.key_length, s->random, s->password.key,
                    sizeof(s->password.key), s->sealed_key, &s->sealed_key_length);
}

static void put_secrets(const struct logon *logon, const struct secrets *s)
{
    struct ora_wr *wr = &logon->session->request;
    const bool is_12c = logon->verifier.type == ORA_VERIFIER_12C;
    char zone[OFFSET_TEXT];

    zone_statement(zone);
    begin(logon, ORA_FUNCTION_LOGON_TWO, MODE_LOGON | MODE_WITH_PASSWORD, is_12c ? 7 : 6);
    put_hex(wr, "AUTH_SESSKEY", s->sealed_half, logon->half_length, 1);
    if (is_12c) { /* of its padding the server wants nothing */
        put_hex(wr, "AUTH_PBKDF2_SPEEDY_KEY", s->sealed_key, s->sealed_key_length - ORA_BLOCK, 0);
    }
    put_hex(wr, "AUTH_PASSWORD", s->sealed, s->sealed_length, 0);
    put_text(wr, "SESSION_CLIENT_CHARSET", "873");
    put_text(wr, "SESSION_CLIENT_DRIVER_NAME", driver);
    put_text(wr, "SESSION_CLIENT_VERSION", "1048576");
    put_pair(wr, "AUTH_ALTER_SESSION", zone, strlen(zone) + 1, 1);
}

/* Who knows the password could read the session's key, and seal this text with it. */
static bool check_proof(const struct logon *logon, struct octo_ora_error *error)
{
    static const char expected[] = "SERVER_TO_CLIENT";
    uint8_t plain[ORA_CIPHER_MAX];

    if (logon->proof_length < PROOF_AT + sizeof(expected) - 1 ||
        !ora_aes_decrypt(logon->session_key, logon->key_length, logon->proof, logon->proof_length,
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
    struct octo_ora *session = logon->session;
    struct secrets secrets = {.sealed_length = 0};
    const bool ok = make_secrets(logon, &secrets);

    logon->key_length = secrets.password.key_length;
    if (ok) {
        put_secrets(logon, &secrets);
    }
    OPENSSL_cleanse(&secrets, sizeof(secrets));
    if (!ok) {
        return ora_fault(error, OCTO_ORA_CONNECT, "OpenSSL cannot do what a log-on needs");
    }
    if (!ora_turn(session, ORA_CALL_LOGON, take_pairs, logon, error)) {
        return false;
    }
    return check_proof(logon, error);
}

bool ora_log_on(struct octo_ora *session, const struct octo_ora_options *options,
                const struct ora_who *who, struct octo_ora_error *error)
{
    struct logon logon = {.session = session, .options = options, .who = who};
    struct ora_phases *phases = &session->link.phases;
    const bool ok =
        ora_phase(phases, "dialect", session->address.host,
                  agree_on_protocol(session, error) && agree_on_types(session, error)) &&
        ora_phase(phases, "log-on", session->address.host,
                  say_who(&logon, error) && check_verifier(&logon, error) && prove(&logon, error));

    OPENSSL_cleanse(&logon, sizeof(logon));
    if (session->request.data != NULL) {
        OPENSSL_cleanse(session->request.data, session->request.capacity);
    }
    return ok;
}

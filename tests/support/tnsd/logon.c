#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ora/unicode.h"
#include "ora/verifier.h"
#include "tests/support/tnsd/tnsd.h"

enum {
    PAIRS_MAX = 64,
    REPRESENTATION_SHORT = 1, /* of single bytes, as old clients declare them */
    TYPE_SINGLE_BYTE = 27,
    TYPE_SQL_TYPE = 652,
    CONVERTS_LENGTH = 0x02,
    CLIENT_ZONE = 0x01,
    CAPS_END_OF_RESPONSE = 40,
    TAKES_END_OF_RESPONSE = 0x20,
    HALF_SHORT = 32,
    SALT_11G = 10,
    FUNCTION_LOGON_TWO = 115,
    MODE_SYSDBA = 0x20,
    MODE_SYSOPER = 0x40,
    MODE_TOKEN_WITH_KEY = 0x20000000,
};

static const char BAD_PASSWORD[] = "ORA-01017: invalid username/password; logon denied\n";
static const char LOCKED[] = "ORA-28000: the account is locked\n";
static const char NO_SESSION[] = "ORA-01045: user lacks CREATE SESSION privilege; logon denied\n";
static const char EXPIRED[] = "ORA-28001: the password has expired\n";
static const char WRONG_OLD[] = "ORA-28008: invalid old password\n";
static const char NO_PROXY[] = "ORA-28150: proxy not authorized to connect as client\n";
static const char NO_PRIVILEGE[] = "ORA-01031: insufficient privileges\n";
static const char WITHOUT_PRIVILEGE[] =
    "ORA-28009: connection as SYS should be as SYSDBA or SYSOPER\n";
static const char NO_EDITION[] = "ORA-38802: edition does not exist\n";
static const char NO_PURITY[] = "ORA-24459: a pooled server is wanted for no purity\n";

/* Nothing is enabled: neither encryption nor checksums. */
bool tnsd_native_services(struct tnsd *t)
{
    static const uint8_t body[] = {
        0xDE, 0xAD, 0xBE, 0xEF, 0,    117,  0x0B, 0x20, 0x02, 0, 0, 4, 0, /* four services */
        0,    4,    0,    3,    0,    0,    0,    0,                      /* supervisor */
        0,    4,    0,    5,    0x0B, 0x20, 0x02, 0,    0,    2, 0, 6, 0,
        0x1F, 0,    18,   0,    1,    0xDE, 0xAD, 0xBE, 0xEF, 0, 3, 0, 0,
        0,    4,    0,    4,    0,    1,    0,    2,    0,    3, /* which they are */
        0,    1,    0,    2,    0,    0,    0,    0,             /* authentication */
        0,    4,    0,    5,    0x0B, 0x20, 0x02, 0,    0,    2, 0, 6, 0xFB,
        0xFF, 0,    2,    0,    2,    0,    0,    0,    0, /* encryption */
        0,    4,    0,    5,    0x0B, 0x20, 0x02, 0,    0,    1, 0, 2, 0,
        0,    3,    0,    2,    0,    0,    0,    0, /* integrity */
        0,    4,    0,    5,    0x0B, 0x20, 0x02, 0,    0,    1, 0, 2, 0};

    ora_wr_raw(&t->answer, body, sizeof(body));
    if (t->answer.length > 5) {
        t->answer.data[5] = (uint8_t)sizeof(body);
    }
    return tnsd_send_answer(t);
}

/* --- the dialect --- */

bool tnsd_has_fast_logon(const struct tnsd *t)
{
    return t->pose->version >= ORA_VERSION_END_OF_RESPONSE && !t->options->no_fast_logon;
}

bool tnsd_has_end_of_response(const struct tnsd *t)
{
    return t->pose->version >= ORA_VERSION_END_OF_RESPONSE && !t->options->no_end_of_response;
}

static void write_protocol(struct tnsd *t)
{
    static const char banner[] = "x86_64/Linux 2.4.xx";
    static const uint8_t runtime[7] = {[0] = 2, [6] = 4};
    const uint8_t compile[53] = {[0] = 6,    [4] = 0xEA,  [7] = t->pose->field_version,
                                 [8] = 1,    [15] = 0x29, [16] = 0x91,
                                 [17] = 3,   [18] = 7,    [19] = 3,
                                 [21] = 1,   [23] = 0x4F, [26] = 4,
                                 [27] = 1,   [31] = 0x10, [34] = 0x0C,
                                 [37] = 0xB0};
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_PROTOCOL);
    ora_wr_u8(wr, 6);
    ora_wr_u8(wr, 0);
    ora_wr_raw(wr, banner, sizeof(banner));
    ora_wr_u16_le(wr, 873);
    ora_wr_u8(wr, 1);
    ora_wr_u16_le(wr, 0);
    ora_wr_u16(wr, 11);
    ora_wr_zeros(wr, 9);
    ora_wr_u16(wr, 2000);
    ora_wr_clr(wr, compile, sizeof(compile));
    ora_wr_clr(wr, runtime, sizeof(runtime));
}

bool tnsd_protocol(struct tnsd *t)
{
    write_protocol(t);
    return tnsd_send_answer(t);
}

/* The client's own list comes back; two of its entries decide what is written to it. */
static void read_types(struct tnsd *t, struct ora_rd *rd)
{
    uint16_t type;

    while ((type = ora_rd_u16(rd)) != 0 && ora_rd_is_fine(rd)) {
        uint16_t representation;

        if (ora_rd_u16(rd) == 0) {
            continue;
        }
        representation = ora_rd_u16(rd);
        (void)ora_rd_u16(rd);
        if (type == TYPE_SINGLE_BYTE) {
            t->dialect.has_long_bytes = representation == REPRESENTATION_SHORT;
        }
        t->dialect.has_sql_type = t->dialect.has_sql_type || type == TYPE_SQL_TYPE;
    }
}

/* Some name it before the list; no type has such a number. */
static void skip_national_charset(struct ora_rd *rd)
{
    enum { TYPE_MAX = 1000 };

    if (ora_rd_left(rd) >= 2 && (rd->at[0] << 8 | rd->at[1]) > TYPE_MAX) {
        (void)ora_rd_u16(rd);
    }
}

/* Reads what the client declares, and writes what it is answered. Without an answer where the
 * reader is not fine. */
static void take_data_types(struct tnsd *t, struct ora_rd *rd)
{
    const uint8_t *caps;
    const uint8_t *list;
    uint8_t count;
    uint8_t flags;
    bool takes_end = false;

    (void)ora_rd_u32(rd); /* character sets in and out */
    flags = ora_rd_u8(rd);
    count = ora_rd_u8(rd);
    caps = ora_rd_raw(rd, count);
    t->dialect.field_version = t->pose->field_version;
    if (caps != NULL && count > ORA_CAPS_FIELD_VERSION &&
        caps[ORA_CAPS_FIELD_VERSION] < t->pose->field_version) {
        t->dialect.field_version = caps[ORA_CAPS_FIELD_VERSION];
    }
    takes_end = caps != NULL && count > CAPS_END_OF_RESPONSE &&
                (caps[CAPS_END_OF_RESPONSE] & TAKES_END_OF_RESPONSE) != 0;
    t->dialect.has_bare_texts = (flags & CONVERTS_LENGTH) == 0;
    count = ora_rd_u8(rd);
    caps = ora_rd_raw(rd, count);
    if (caps != NULL && count > 1 && (caps[1] & CLIENT_ZONE) != 0) {
        (void)ora_rd_raw(rd, 11);
    }
    skip_national_charset(rd);
    list = rd->at;
    read_types(t, rd);
    if (ora_rd_is_fine(rd)) {
        t->wants_ends = takes_end && tnsd_has_end_of_response(t);
        ora_wr_u8(&t->answer, ORA_MSG_DATA_TYPES);
        ora_wr_raw(&t->answer, list, (size_t)(rd->at - list));
    }
}

static enum ora_step not_read(struct tnsd *t, const struct ora_rd *rd)
{
    ora_wr_clear(&t->answer);
    return rd->is_short ? ORA_STEP_MORE : ORA_STEP_BAD;
}

static enum ora_step send_off(struct tnsd *t)
{
    return tnsd_send_answer(t) ? ORA_STEP_DONE : ORA_STEP_BAD;
}

/* The first answers of the classic sequence have no end of their own; behind a fast one, whose
 * types were not liked, this one has. */
enum ora_step tnsd_data_types(struct tnsd *t, struct ora_rd *rd)
{
    enum ora_step step;

    take_data_types(t, rd);
    if (!ora_rd_is_fine(rd)) {
        return not_read(t, rd);
    }
    step = send_off(t);
    t->ends_responses = t->wants_ends;
    return step;
}

/* --- who it is --- */

struct logon {
    struct ora_bytes user;
    uint32_t mode;
    struct ora_bytes session_key;
    struct ora_bytes password;
    struct ora_bytes password_key; /* what the password is stretched to */
    struct ora_bytes new_password;
    struct ora_bytes client; /* whom the user acts for */
    struct ora_bytes token;
    struct ora_bytes header;
    struct ora_bytes signature;
    struct ora_bytes purity;
    struct ora_bytes edition;
    struct ora_bytes program; /* these three are told to whoever asks V$SESSION */
    struct ora_bytes machine;
    struct ora_bytes os_user;
};

static void take_pair(struct logon *logon, const struct ora_pair *pair)
{
    const struct {
        const char *key;
        struct ora_bytes *to;
    } known[] = {
        {"AUTH_SESSKEY", &logon->session_key},
        {"AUTH_PASSWORD", &logon->password},
        {"AUTH_PBKDF2_SPEEDY_KEY", &logon->password_key},
        {"AUTH_NEWPASSWORD", &logon->new_password},
        {"PROXY_CLIENT_NAME", &logon->client},
        {"AUTH_TOKEN", &logon->token},
        {"AUTH_HEADER", &logon->header},
        {"AUTH_SIGNATURE", &logon->signature},
        {"AUTH_KPPL_PURITY", &logon->purity},
        {"AUTH_ORA_EDITION", &logon->edition},
        {"AUTH_PROGRAM_NM", &logon->program},
        {"AUTH_MACHINE", &logon->machine},
        {"AUTH_SID", &logon->os_user},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (ora_bytes_are(&pair->key, known[i].key)) {
            *known[i].to = pair->value;
        }
    }
}

static void read_logon(const struct tnsd *t, struct ora_rd *rd, struct logon *ret)
{
    static const struct ora_bytes none = {.is_null = true};
    const bool has_user = ora_rd_u8(rd) != 0;
    const uint32_t length = ora_rd_ub4(rd);
    struct ora_pair pair;
    uint32_t pairs;

    *ret = (struct logon){.mode = ora_rd_ub4(rd),
                          .user = none,
                          .client = none,
                          .token = none,
                          .new_password = none,
                          .purity = none,
                          .edition = none,
                          .program = none,
                          .machine = none,
                          .os_user = none};
    (void)ora_rd_u8(rd);
    pairs = ora_rd_count(rd, PAIRS_MAX, "more pairs than this listener takes");
    (void)ora_rd_raw(rd, 2);
    if (has_user) {
        ret->user = tnsd_read_bare(t, rd, length);
    }
    for (uint32_t i = 0; i < pairs && ora_rd_is_fine(rd); i++) {
        ora_pair_read(rd, &pair);
        take_pair(ret, &pair);
    }
}

static void write_pair(struct tnsd *t, const char *key, const void *value, size_t length,
                       uint32_t flags)
{
    ora_wr_text(&t->answer, key, strlen(key));
    ora_wr_text(&t->answer, value, length);
    ora_wr_ub(&t->answer, flags);
}

static void write_hex(struct tnsd *t, const char *key, const uint8_t *bytes, size_t count,
                      uint32_t flags)
{
    char text[2 * ORA_CIPHER_MAX];

    ora_hex(bytes, count, text);
    write_pair(t, key, text, 2 * count, flags);
}

static void write_text(struct tnsd *t, const char *key, const char *text)
{
    write_pair(t, key, text, strlen(text), 0);
}

/* One process serves one connection. */
static struct ora_verifier verifier;
static struct ora_password derived;
static uint8_t key[ORA_KEY_MAX]; /* of the session */

static struct ora_verifier verifier_of(const char *name)
{
    const bool is_12c = strcmp(name, "12c") == 0;

    return (struct ora_verifier){.type = is_12c ? ORA_VERIFIER_12C : ORA_VERIFIER_11G,
                                 .salt_length = is_12c ? ORA_SALT_MAX : SALT_11G,
                                 .session_salt_length = ORA_SALT_MAX,
                                 .rounds = 4096,
                                 .session_rounds = 3};
}

static bool write_verifier(struct tnsd *t)
{
    const char *password = t->user.password;
    uint8_t sealed[ORA_SESSION_KEY_MAX];

    verifier = verifier_of(t->options->verifier);
    t->half_length =
        strcmp(t->options->verifier, "11g-long") == 0 ? ORA_SESSION_KEY_MAX : HALF_SHORT;
    if (RAND_bytes(verifier.salt, (int)verifier.salt_length) != 1 ||
        RAND_bytes(verifier.session_salt, ORA_SALT_MAX) != 1 ||
        RAND_bytes(t->session_half, (int)t->half_length) != 1 ||
        !ora_password_derive(&verifier, password, strlen(password), &derived) ||
        !ora_aes_encrypt(derived.hash, derived.key_length, t->session_half, t->half_length,
                         sealed)) {
        return false;
    }
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_ub(&t->answer, 5);
    write_hex(t, "AUTH_SESSKEY", sealed, t->half_length, 0);
    write_hex(t, "AUTH_VFR_DATA", verifier.salt, verifier.salt_length, verifier.type);
    write_hex(t, "AUTH_PBKDF2_CSK_SALT", verifier.session_salt, ORA_SALT_MAX, 0);
    write_text(t, "AUTH_PBKDF2_VGEN_COUNT", "4096");
    write_text(t, "AUTH_PBKDF2_SDER_COUNT", "3");
    tnsd_write_error(t, 0, NULL, 0, 0);
    return true;
}

static void note(const struct ora_bytes *from, char to[TNSD_TAG_MAX + 1])
{
    if (!from->is_null && !from->is_chunked && from->length <= TNSD_TAG_MAX &&
        ora_utf8_is_valid(from->at, from->length) && memchr(from->at, '\0', from->length) == NULL) {
        memcpy(to, from->at, from->length);
        to[from->length] = '\0';
    }
}

/* The first request says it; not all clients say it again. */
static void note_client(struct tnsd *t, const struct logon *logon)
{
    note(&logon->program, t->program);
    note(&logon->machine, t->machine);
    note(&logon->os_user, t->os_user);
}

/* As it was typed, or in quotes. */
static struct ora_bytes bare(const struct ora_bytes *user)
{
    struct ora_bytes bytes = *user;

    if (!bytes.is_null && bytes.length > 2 && bytes.at[0] == '"') {
        bytes.at++;
        bytes.length -= 2;
    }
    return bytes;
}

static void find_user(struct tnsd *t, const struct ora_bytes *user)
{
    const struct ora_bytes bytes = bare(user);
    char name[USERS_NAME_ROOM] = "";

    if (!bytes.is_null && !bytes.is_chunked && bytes.length < sizeof(name)) {
        memcpy(name, bytes.at, bytes.length);
        name[bytes.length] = '\0';
    }
    users_find(t, name);
}

enum ora_step tnsd_logon_one(struct tnsd *t, struct ora_rd *rd)
{
    struct logon logon;

    read_logon(t, rd, &logon);
    if (!ora_rd_is_fine(rd)) {
        return not_read(t, rd);
    }
    note_client(t, &logon);
    find_user(t, &logon.user);
    return write_verifier(t) ? send_off(t) : ORA_STEP_BAD;
}

/* --- the proof --- */

static bool is_text(const struct ora_bytes *bytes, const char *text)
{
    return text != NULL && !bytes->is_null && !bytes->is_chunked && bytes->length == strlen(text) &&
           strncasecmp((const char *)bytes->at, text, bytes->length) == 0;
}

/* What was sealed under the session's key. */
static bool unseal(const struct ora_bytes *sealed, char ret[ORA_PASSWORD_MAX + 1])
{
    uint8_t text[2 * ORA_CIPHER_MAX];
    uint8_t bytes[ORA_CIPHER_MAX];
    uint8_t plain[ORA_CIPHER_MAX];
    size_t count = 0;
    size_t length = 0;

    if (sealed->length > sizeof(text)) {
        return false;
    }
    ora_bytes_copy(sealed, text);
    if (!ora_unhex(text, sealed->length, bytes, sizeof(bytes), &count) ||
        !ora_unseal(key, derived.key_length, bytes, count, plain, &length) ||
        length > ORA_PASSWORD_MAX) {
        return false;
    }
    memcpy(ret, plain + ORA_BLOCK, length);
    ret[length] = '\0';
    return true;
}

/* With a verifier of 12c clients send it behind a block of noise, without any padding. */
static bool has_password_key(const struct logon *logon)
{
    enum { SEALED = ORA_BLOCK + ORA_PASSWORD_KEY_SIZE };
    uint8_t text[2 * SEALED];
    uint8_t sealed[SEALED];
    uint8_t plain[SEALED];
    size_t count = 0;

    if (verifier.type != ORA_VERIFIER_12C) {
        return logon->password_key.length == 0;
    }
    if (logon->password_key.length != sizeof(text)) {
        return false;
    }
    ora_bytes_copy(&logon->password_key, text);
    return ora_unhex(text, sizeof(text), sealed, sizeof(sealed), &count) &&
           ora_aes_decrypt(key, derived.key_length, sealed, count, plain) &&
           memcmp(plain + ORA_BLOCK, derived.key, sizeof(derived.key)) == 0;
}

/* Makes the session's key, which opens the password only where both halves are right. */
static bool knows_password(const struct tnsd *t, const struct logon *logon)
{
    uint8_t text[2 * ORA_SESSION_KEY_MAX];
    uint8_t half[ORA_SESSION_KEY_MAX];
    uint8_t sealed[ORA_SESSION_KEY_MAX];
    char password[ORA_PASSWORD_MAX + 1];
    size_t count = 0;

    if (logon->session_key.length != 2 * t->half_length) {
        return false;
    }
    ora_bytes_copy(&logon->session_key, text);
    return ora_unhex(text, logon->session_key.length, sealed, sizeof(sealed), &count) &&
           ora_aes_decrypt(derived.hash, derived.key_length, sealed, count, half) &&
           ora_session_key(&verifier, derived.key_length, t->session_half, half, count, key) &&
           unseal(&logon->password, password) && t->user.is_known &&
           strcmp(password, t->user.password) == 0 && has_password_key(logon);
}

/* Is the token's header signed by whom the token is for? */
static bool is_signed(const struct tnsd *t, const struct logon *logon)
{
    FILE *file = fopen(t->options->token_key, "r");
    EVP_PKEY *public_key = file != NULL ? PEM_read_PUBKEY(file, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t signature[1024];
    const int length =
        logon->signature.length < sizeof(signature)
            ? EVP_DecodeBlock(signature, logon->signature.at, (int)logon->signature.length)
            : -1;
    size_t padding = 0;
    bool ok = public_key != NULL && ctx != NULL && length > 0;

    while (ok && logon->signature.at[logon->signature.length - 1 - padding] == '=') {
        padding++;
    }
    ok = ok && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, public_key) == 1 &&
         EVP_DigestVerify(ctx, signature, (size_t)length - padding, logon->header.at,
                          logon->header.length) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public_key);
    if (file != NULL) {
        (void)fclose(file);
    }
    return ok;
}

static bool knows_token(const struct tnsd *t, const struct logon *logon)
{
    return t->tls != NULL && is_text(&logon->token, t->options->token) &&
           (t->options->token_key == NULL ||
            ((logon->mode & MODE_TOKEN_WITH_KEY) != 0 && is_signed(t, logon)));
}

/* NULL, or what is wrong with what was asked for besides. */
static const char *refusal_of_rights(const struct tnsd *t, const struct logon *logon)
{
    const char *privilege = t->options->privilege;
    const uint32_t asked = logon->mode & (MODE_SYSDBA | MODE_SYSOPER);
    const uint32_t wanted = privilege == NULL                  ? 0
                            : strcmp(privilege, "sysdba") == 0 ? MODE_SYSDBA
                                                               : MODE_SYSOPER;

    if (asked != wanted) {
        return asked == 0 ? WITHOUT_PRIVILEGE : NO_PRIVILEGE;
    }
    return logon->edition.is_null || is_text(&logon->edition, t->options->edition) ? NULL
                                                                                   : NO_EDITION;
}

/* NULL, or why the user may not come in. */
static const char *refusal(const struct tnsd *t, const struct logon *logon)
{
    static char on_purpose[64];
    const bool has_token = !logon->token.is_null;
    const struct ora_bytes user = bare(&logon->user);

    if (faults_logon(t) != 0) {
        (void)snprintf(on_purpose, sizeof(on_purpose), "ORA-%05u: this is on purpose\n",
                       (unsigned)faults_logon(t));
        return on_purpose;
    }

    if (t->options->failure != NULL) {
        return t->options->failure;
    }
    if (t->user.is_locked) {
        return LOCKED;
    }
    if (has_token ? !knows_token(t, logon)
                  : !is_text(&user, t->user.name) || !knows_password(t, logon)) {
        return BAD_PASSWORD;
    }
    if (!t->user.may_begin) {
        return NO_SESSION;
    }
    if (!logon->client.is_null && !is_text(&logon->client, t->options->proxy_client)) {
        return NO_PROXY;
    }
    if (t->options->is_pooled && logon->purity.is_null) {
        return NO_PURITY;
    }
    return t->user.is_expired && logon->new_password.is_null ? EXPIRED
                                                             : refusal_of_rights(t, logon);
}

static bool change_password(struct tnsd *t, const struct ora_bytes *sealed)
{
    char password[ORA_PASSWORD_MAX + 1];

    return unseal(sealed, password) && users_set_password(t, password);
}

static bool write_welcome(struct tnsd *t, bool has_key)
{
    static const char proof[] = "SERVER_TO_CLIENT";
    uint8_t random[ORA_BLOCK];
    uint8_t sealed[ORA_CIPHER_MAX];
    char version[16];
    char number[16];
    size_t length = 0;

    if (RAND_bytes(random, sizeof(random)) != 1 ||
        (has_key &&
         !ora_seal(key, derived.key_length, random, proof, strlen(proof), sealed, &length))) {
        return false;
    }
    (void)snprintf(version, sizeof(version), "%u", (unsigned)t->pose->server_version);
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_ub(&t->answer, has_key ? 9 : 8);
    if (has_key) {
        write_hex(t, "AUTH_SVR_RESPONSE", sealed, length, 0);
    }
    write_text(t, "AUTH_VERSION_NO", version);
    (void)snprintf(number, sizeof(number), "%u",
                   t->seen != NULL ? (unsigned)t->seen->facts.sid : 0u);
    write_text(t, "AUTH_SESSION_ID", number);
    (void)snprintf(number, sizeof(number), "%d", (int)TNSD_SERIAL);
    write_text(t, "AUTH_SERIAL_NUM", number);
    (void)snprintf(number, sizeof(number), "%d", (int)TNSD_CURSORS_MAX);
    write_text(t, "AUTH_MAX_OPEN_CURSORS", number);
    write_text(t, "AUTH_MAX_IDEN_LENGTH", "128");
    write_text(t, "AUTH_SC_SERVICE_NAME", t->options->service);
    write_text(t, "AUTH_INSTANCENAME", "tnsd");
    write_text(t, "AUTH_DBNAME", "TNSD");
    tnsd_write_error(t, 0, NULL, 0, 0);
    return true;
}

static bool write_outcome(struct tnsd *t, const struct logon *logon)
{
    const char *why;

    if (!logon->token.is_null) { /* it is the listener's own user's */
        users_find(t, t->options->user);
    }
    why = refusal(t, logon);
    if (why != NULL) {
        tnsd_write_error(t, (uint32_t)strtoul(why + 4, NULL, 10), why, 0, 0);
        return true;
    }
    if (!users_become(t) ||
        (!logon->new_password.is_null && !change_password(t, &logon->new_password))) {
        return false;
    }
    t->is_logged_on = true;
    return write_welcome(t, logon->token.is_null);
}

/* Of who is logged on: another password. */
static bool write_changed(struct tnsd *t, const struct logon *logon)
{
    char password[ORA_PASSWORD_MAX + 1];

    if (!unseal(&logon->password, password) || strcmp(password, t->user.password) != 0) {
        tnsd_write_error(t, 28008, WRONG_OLD, 0, 0);
        return true;
    }
    if (!change_password(t, &logon->new_password)) {
        return false;
    }
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_ub(&t->answer, 0);
    tnsd_write_error(t, 0, NULL, 0, 0);
    return true;
}

enum ora_step tnsd_logon_two(struct tnsd *t, struct ora_rd *rd)
{
    struct logon logon;

    read_logon(t, rd, &logon);
    if (!ora_rd_is_fine(rd)) {
        return not_read(t, rd);
    }
    return (t->is_logged_on ? write_changed(t, &logon) : write_outcome(t, &logon)) ? send_off(t)
                                                                                   : ORA_STEP_BAD;
}

/* --- all at once --- */

static void skip_text(struct ora_rd *rd)
{
    while (ora_rd_u8(rd) != 0 && ora_rd_is_fine(rd)) {
    }
}

enum ora_step tnsd_logon_fast(struct tnsd *t, struct ora_rd *rd)
{
    struct logon logon;
    uint8_t function;
    bool ok;

    (void)ora_rd_raw(rd, 3); /* version, flags */
    (void)ora_rd_raw(rd, 2); /* PROTOCOL and its version */
    skip_text(rd);           /* the end of its versions */
    skip_text(rd);           /* the driver */
    (void)ora_rd_raw(rd, 6); /* character sets, field version */
    (void)ora_rd_u8(rd);     /* DATA_TYPES */
    write_protocol(t);
    take_data_types(t, rd);
    (void)ora_rd_u8(rd); /* a function */
    function = ora_rd_u8(rd);
    (void)ora_rd_u8(rd);
    read_logon(t, rd, &logon);
    if (!ora_rd_is_fine(rd)) {
        return not_read(t, rd);
    }
    note_client(t, &logon);
    find_user(t, &logon.user);
    t->ends_responses = t->wants_ends;
    if (t->options->dislikes_types) {
        ora_wr_clear(&t->answer);
        write_protocol(t);
        ora_wr_u8(&t->answer, ORA_MSG_RENEGOTIATE);
        return send_off(t);
    }
    ok = function == FUNCTION_LOGON_TWO ? write_outcome(t, &logon) : write_verifier(t);
    return ok ? send_off(t) : ORA_STEP_BAD;
}

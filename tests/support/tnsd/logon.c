#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>
#include <strings.h>

#include "ora/verifier.h"
#include "tests/support/tnsd/tnsd.h"

enum {
    PAIRS_MAX = 64,
    REPRESENTATION_SHORT = 1, /* of single bytes, as old clients declare them */
    TYPE_SINGLE_BYTE = 27,
    TYPE_SQL_TYPE = 652,
    CONVERTS_LENGTH = 0x02,
    CLIENT_ZONE = 0x01,
    HALF = 32,
};

static const char BAD_PASSWORD[] = "ORA-01017: invalid username/password; logon denied\n";

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

bool tnsd_protocol(struct tnsd *t)
{
    static const char banner[] = "x86_64/Linux 2.4.xx";
    static const uint8_t compile[53] = {[0] = 6,    [4] = 0xEA,  [7] = TNSD_FIELD_VERSION,
                                        [8] = 1,    [15] = 0x29, [16] = 0x90,
                                        [17] = 3,   [18] = 7,    [19] = 3,
                                        [21] = 1,   [23] = 0x4F, [26] = 4,
                                        [27] = 1,   [31] = 0x10, [34] = 0x0C,
                                        [37] = 0xB0};
    static const uint8_t runtime[7] = {[0] = 2, [6] = 4};
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

enum ora_step tnsd_data_types(struct tnsd *t, struct ora_rd *rd)
{
    const uint8_t *caps;
    const uint8_t *list;
    uint8_t count;
    uint8_t flags;

    (void)ora_rd_u32(rd); /* character sets in and out */
    flags = ora_rd_u8(rd);
    count = ora_rd_u8(rd);
    caps = ora_rd_raw(rd, count);
    t->dialect.field_version = TNSD_FIELD_VERSION;
    if (caps != NULL && count > ORA_CAPS_FIELD_VERSION &&
        caps[ORA_CAPS_FIELD_VERSION] < TNSD_FIELD_VERSION) {
        t->dialect.field_version = caps[ORA_CAPS_FIELD_VERSION];
    }
    t->dialect.has_bare_texts = (flags & CONVERTS_LENGTH) == 0;
    count = ora_rd_u8(rd);
    caps = ora_rd_raw(rd, count);
    if (caps != NULL && count > 1 && (caps[1] & CLIENT_ZONE) != 0) {
        (void)ora_rd_raw(rd, 11);
    }
    list = rd->at;
    read_types(t, rd);
    if (!ora_rd_is_fine(rd)) {
        return rd->is_short ? ORA_STEP_MORE : ORA_STEP_BAD;
    }
    ora_wr_u8(&t->answer, ORA_MSG_DATA_TYPES);
    ora_wr_raw(&t->answer, list, (size_t)(rd->at - list));
    return tnsd_send_answer(t) ? ORA_STEP_DONE : ORA_STEP_BAD;
}

/* --- who it is --- */

struct logon {
    struct ora_bytes user;
    struct ora_bytes session_key;
    struct ora_bytes password;
};

static void read_logon(const struct tnsd *t, struct ora_rd *rd, struct logon *ret)
{
    const bool has_user = ora_rd_u8(rd) != 0;
    const uint32_t length = ora_rd_ub4(rd);
    struct ora_pair pair;
    uint32_t pairs;

    (void)ora_rd_ub4(rd); /* mode */
    (void)ora_rd_u8(rd);
    pairs = ora_rd_count(rd, PAIRS_MAX, "more pairs than this listener takes");
    (void)ora_rd_raw(rd, 2);
    *ret = (struct logon){.user = {.is_null = true}};
    if (has_user) {
        ret->user = tnsd_read_bare(t, rd, length);
    }
    for (uint32_t i = 0; i < pairs && ora_rd_is_fine(rd); i++) {
        ora_pair_read(rd, &pair);
        if (ora_bytes_are(&pair.key, "AUTH_SESSKEY")) {
            ret->session_key = pair.value;
        } else if (ora_bytes_are(&pair.key, "AUTH_PASSWORD")) {
            ret->password = pair.value;
        }
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

enum ora_step tnsd_logon_one(struct tnsd *t, struct ora_rd *rd)
{
    struct logon logon;
    uint8_t sealed[HALF];

    read_logon(t, rd, &logon);
    if (!ora_rd_is_fine(rd)) {
        return rd->is_short ? ORA_STEP_MORE : ORA_STEP_BAD;
    }
    verifier = (struct ora_verifier){.type = ORA_VERIFIER_12C,
                                     .salt_length = ORA_SALT_MAX,
                                     .session_salt_length = ORA_SALT_MAX,
                                     .rounds = 4096,
                                     .session_rounds = 3};
    if (RAND_bytes(verifier.salt, ORA_SALT_MAX) != 1 ||
        RAND_bytes(verifier.session_salt, ORA_SALT_MAX) != 1 ||
        RAND_bytes(t->session_half, HALF) != 1 ||
        !ora_password_derive(&verifier, t->options->password, strlen(t->options->password),
                             &derived) ||
        !ora_aes_encrypt(derived.hash, derived.key_length, t->session_half, HALF, sealed)) {
        return ORA_STEP_BAD;
    }
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_ub(&t->answer, 5);
    write_hex(t, "AUTH_SESSKEY", sealed, HALF, 0);
    write_hex(t, "AUTH_VFR_DATA", verifier.salt, ORA_SALT_MAX, ORA_VERIFIER_12C);
    write_hex(t, "AUTH_PBKDF2_CSK_SALT", verifier.session_salt, ORA_SALT_MAX, 0);
    write_text(t, "AUTH_PBKDF2_VGEN_COUNT", "4096");
    write_text(t, "AUTH_PBKDF2_SDER_COUNT", "3");
    tnsd_write_status(t);
    return tnsd_send_answer(t) ? ORA_STEP_DONE : ORA_STEP_BAD;
}

static bool is_user(const struct tnsd *t, const struct ora_bytes *user)
{
    return !user->is_chunked && user->length == strlen(t->options->user) &&
           strncasecmp((const char *)user->at, t->options->user, user->length) == 0;
}

/* The password as it was typed, or false. Gives the session's key too. */
static bool knows_password(const struct tnsd *t, const struct logon *logon,
                           uint8_t ret_key[ORA_KEY_MAX])
{
    uint8_t text[2 * ORA_CIPHER_MAX];
    uint8_t half[ORA_SESSION_KEY_MAX];
    uint8_t sealed[ORA_CIPHER_MAX];
    uint8_t plain[ORA_CIPHER_MAX];
    size_t count = 0;
    size_t length = 0;

    if (logon->session_key.length != (size_t)2 * HALF || logon->password.length > sizeof(text)) {
        return false;
    }
    ora_bytes_copy(&logon->session_key, text);
    if (!ora_unhex(text, logon->session_key.length, sealed, HALF, &count) ||
        !ora_aes_decrypt(derived.hash, derived.key_length, sealed, HALF, half) ||
        !ora_session_key(&verifier, derived.key_length, t->session_half, half, HALF, ret_key)) {
        return false;
    }
    ora_bytes_copy(&logon->password, text);
    return ora_unhex(text, logon->password.length, sealed, sizeof(sealed), &count) &&
           ora_unseal(ret_key, derived.key_length, sealed, count, plain, &length) &&
           length == strlen(t->options->password) &&
           CRYPTO_memcmp(plain + ORA_BLOCK, t->options->password, length) == 0;
}

static bool write_welcome(struct tnsd *t, const uint8_t *key)
{
    static const char proof[] = "SERVER_TO_CLIENT";
    uint8_t random[ORA_BLOCK];
    uint8_t sealed[ORA_CIPHER_MAX];
    char version[16];
    size_t length;

    if (RAND_bytes(random, sizeof(random)) != 1 ||
        !ora_seal(key, derived.key_length, random, proof, strlen(proof), sealed, &length)) {
        return false;
    }
    (void)snprintf(version, sizeof(version), "%d", TNSD_SERVER_VERSION);
    ora_wr_u8(&t->answer, ORA_MSG_PARAMETER);
    ora_wr_ub(&t->answer, 9);
    write_hex(t, "AUTH_SVR_RESPONSE", sealed, length, 0);
    write_text(t, "AUTH_VERSION_NO", version);
    write_text(t, "AUTH_SESSION_ID", "17");
    write_text(t, "AUTH_SERIAL_NUM", "4711");
    write_text(t, "AUTH_MAX_OPEN_CURSORS", "300");
    write_text(t, "AUTH_MAX_IDEN_LENGTH", "128");
    write_text(t, "AUTH_SC_SERVICE_NAME", t->options->service);
    write_text(t, "AUTH_INSTANCENAME", "tnsd");
    write_text(t, "AUTH_DBNAME", "TNSD");
    tnsd_write_status(t);
    return true;
}

enum ora_step tnsd_logon_two(struct tnsd *t, struct ora_rd *rd)
{
    struct logon logon;
    uint8_t key[ORA_KEY_MAX];

    read_logon(t, rd, &logon);
    if (!ora_rd_is_fine(rd)) {
        return rd->is_short ? ORA_STEP_MORE : ORA_STEP_BAD;
    }
    if (is_user(t, &logon.user) && knows_password(t, &logon, key)) {
        t->is_logged_on = true;
        if (!write_welcome(t, key)) {
            return ORA_STEP_BAD;
        }
    } else {
        tnsd_write_error(t, 1017, BAD_PASSWORD, 0, 0);
    }
    return tnsd_send_answer(t) ? ORA_STEP_DONE : ORA_STEP_BAD;
}

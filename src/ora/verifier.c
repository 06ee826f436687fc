#include "ora/verifier.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { SHA1_SIZE = 20, SHA512_SIZE = 64, MD5_SIZE = 16, LONG_KEY = 48 };

/* --- ciphers and digests --- */

static bool aes(bool encrypts, const uint8_t *key, size_t key_length, const uint8_t *from,
                size_t length, uint8_t *to)
{
    static const uint8_t zero[ORA_BLOCK];
    const EVP_CIPHER *cipher = key_length == ORA_KEY_MAX ? EVP_aes_256_cbc() : EVP_aes_192_cbc();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int written = 0;
    bool ok = ctx != NULL && length <= ORA_CIPHER_MAX && length % ORA_BLOCK == 0 &&
              EVP_CipherInit_ex(ctx, cipher, NULL, key, zero, encrypts ? 1 : 0) == 1 &&
              EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
              EVP_CipherUpdate(ctx, to, &written, from, (int)length) == 1;

    EVP_CIPHER_CTX_free(ctx);
    return ok && (size_t)written == length;
}

bool ora_aes_encrypt(const uint8_t *key, size_t key_length, const uint8_t *from, size_t length,
                     uint8_t *to)
{
    return aes(true, key, key_length, from, length, to);
}

bool ora_aes_decrypt(const uint8_t *key, size_t key_length, const uint8_t *from, size_t length,
                     uint8_t *to)
{
    return aes(false, key, key_length, from, length, to);
}

/* Of two pieces, one behind the other. */
static bool digest(const EVP_MD *md, const void *one, size_t one_length, const void *two,
                   size_t two_length, uint8_t *ret)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, md, NULL) == 1 &&
                    EVP_DigestUpdate(ctx, one, one_length) == 1 &&
                    EVP_DigestUpdate(ctx, two, two_length) == 1 &&
                    EVP_DigestFinal_ex(ctx, ret, NULL) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool pbkdf2(const char *secret, size_t secret_length, const uint8_t *salt,
                   size_t salt_length, uint32_t rounds, uint8_t *ret, size_t size)
{
    return rounds > 0 && rounds <= ORA_ROUNDS_MAX && secret_length <= ORA_PASSWORD_MAX &&
           PKCS5_PBKDF2_HMAC(secret, (int)secret_length, salt, (int)salt_length, (int)rounds,
                             EVP_sha512(), (int)size, ret) == 1;
}

/* --- the password --- */

static bool derive_12c(const struct ora_verifier *verifier, const char *password, size_t length,
                       struct ora_password *ret)
{
    static const char label[] = "AUTH_PBKDF2_SPEEDY_KEY";
    uint8_t salt[ORA_SALT_MAX + sizeof(label) - 1];
    uint8_t hash[SHA512_SIZE];
    bool ok;

    memcpy(salt, verifier->salt, verifier->salt_length);
    memcpy(salt + verifier->salt_length, label, sizeof(label) - 1);
    ok = pbkdf2(password, length, salt, verifier->salt_length + sizeof(label) - 1, verifier->rounds,
                ret->key, sizeof(ret->key)) &&
         digest(EVP_sha512(), ret->key, sizeof(ret->key), verifier->salt, verifier->salt_length,
                hash);
    memcpy(ret->hash, hash, sizeof(ret->hash));
    ret->key_length = ORA_KEY_MAX;
    OPENSSL_cleanse(hash, sizeof(hash));
    return ok;
}

static bool derive_11g(const struct ora_verifier *verifier, const char *password, size_t length,
                       struct ora_password *ret)
{
    ret->key_length = SHA1_SIZE + 4; /* with four zeros behind the digest */
    return digest(EVP_sha1(), password, length, verifier->salt, verifier->salt_length, ret->hash);
}

bool ora_password_derive(const struct ora_verifier *verifier, const char *password, size_t length,
                         struct ora_password *ret)
{
    *ret = (struct ora_password){.key_length = 0};
    if (length > ORA_PASSWORD_MAX || verifier->salt_length > ORA_SALT_MAX) {
        return false;
    }
    switch (verifier->type) {
    case ORA_VERIFIER_12C:
        return derive_12c(verifier, password, length, ret);
    case ORA_VERIFIER_11G:
    case ORA_VERIFIER_11G_OLD:
        return derive_11g(verifier, password, length, ret);
    default:
        return false;
    }
}

/* --- the session's key --- */

/* Of halves of 48 bytes, as servers of 11g make them. */
static bool long_session_key(size_t key_length, const uint8_t *server, const uint8_t *client,
                             uint8_t ret[ORA_KEY_MAX])
{
    uint8_t mixed[24];
    uint8_t digests[2 * MD5_SIZE];
    bool ok;

    for (size_t i = 0; i < sizeof(mixed); i++) {
        mixed[i] = server[16 + i] ^ client[16 + i];
    }
    ok = digest(EVP_md5(), mixed, 16, mixed, 0, digests) &&
         digest(EVP_md5(), mixed + 16, 8, mixed, 0, digests + MD5_SIZE);
    memcpy(ret, digests, key_length);
    OPENSSL_cleanse(mixed, sizeof(mixed));
    OPENSSL_cleanse(digests, sizeof(digests));
    return ok;
}

bool ora_session_key(const struct ora_verifier *verifier, size_t key_length, const uint8_t *server,
                     const uint8_t *client, size_t length, uint8_t ret[ORA_KEY_MAX])
{
    char both[4 * ORA_KEY_MAX]; /* as hexadecimal digits */
    bool ok;

    if (length == LONG_KEY) {
        return long_session_key(key_length, server, client, ret);
    }
    if (length < key_length || key_length > ORA_KEY_MAX ||
        verifier->session_salt_length > ORA_SALT_MAX) {
        return false;
    }
    ora_hex(client, key_length, both);
    ora_hex(server, key_length, both + 2 * key_length);
    ok = pbkdf2(both, 4 * key_length, verifier->session_salt, verifier->session_salt_length,
                verifier->session_rounds, ret, key_length);
    OPENSSL_cleanse(both, sizeof(both));
    return ok;
}

/* --- secrets under it --- */

bool ora_seal(const uint8_t *key, size_t key_length, const uint8_t random[ORA_BLOCK],
              const void *secret, size_t length, uint8_t ret[ORA_CIPHER_MAX], size_t *ret_length)
{
    const size_t padding = ORA_BLOCK - length % ORA_BLOCK;
    const size_t whole = ORA_BLOCK + length + padding;
    uint8_t plain[ORA_CIPHER_MAX];
    bool ok;

    if (length > ORA_PASSWORD_MAX) {
        return false;
    }
    memcpy(plain, random, ORA_BLOCK);
    memcpy(plain + ORA_BLOCK, secret, length);
    memset(plain + ORA_BLOCK + length, (int)padding, padding);
    ok = ora_aes_encrypt(key, key_length, plain, whole, ret);
    OPENSSL_cleanse(plain, sizeof(plain));
    *ret_length = whole;
    return ok;
}

bool ora_unseal(const uint8_t *key, size_t key_length, const uint8_t *from, size_t length,
                uint8_t ret[ORA_CIPHER_MAX], size_t *ret_length)
{
    uint8_t padding;

    if (length < (size_t)2 * ORA_BLOCK || length > ORA_CIPHER_MAX ||
        !ora_aes_decrypt(key, key_length, from, length, ret)) {
        return false;
    }
    padding = ret[length - 1];
    if (padding == 0 || padding > ORA_BLOCK) {
        return false;
    }
    *ret_length = length - ORA_BLOCK - padding;
    return true;
}

/* --- hexadecimal --- */

void ora_hex(const uint8_t *bytes, size_t count, char *ret)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < count; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
}

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ora_unhex(const uint8_t *text, size_t length, uint8_t *ret, size_t max, size_t *ret_count)
{
    if (length % 2 != 0 || length / 2 > max) {
        return false;
    }
    for (size_t i = 0; i < length / 2; i++) {
        const int high = digit(text[2 * i]);
        const int low = digit(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }
        ret[i] = (uint8_t)(high * 16 + low);
    }
    *ret_count = length / 2;
    return true;
}

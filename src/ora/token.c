#include "ora/token.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ora/fault.h"

enum { SIGNATURE_MAX = 1024, NAME_MAX_LENGTH = 255 };

void ora_token_header(int64_t now, struct ora_slice service, const char *address, const char *port,
                      char ret[ORA_TOKEN_HEADER_ROOM])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = (time_t)now;
    struct tm t;

    (void)gmtime_r(&seconds, &t);
    (void)snprintf(ret, ORA_TOKEN_HEADER_ROOM,
                   "date: %s, %02d %s %04d %02d:%02d:%02d GMT\n(request-target): %.*s\n"
                   "host: %.255s:%s",
                   days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour,
                   t.tm_min, t.tm_sec,
                   (int)(service.length > NAME_MAX_LENGTH ? NAME_MAX_LENGTH : service.length),
                   service.length > 0 ? service.at : "", address, port);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): pem_password_cb says how it is called. */
static int give_no_password(char *to, int room, int writes, void *arg)
{
    (void)to;
    (void)room;
    (void)writes;
    (void)arg;
    return 0;
}

static bool sign(EVP_PKEY *key, const char *header, uint8_t ret[SIGNATURE_MAX], size_t *ret_length)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool ok =
        ctx != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
        EVP_PKEY_get_size(key) <= SIGNATURE_MAX &&
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(ctx, ret, ret_length, (const uint8_t *)header, strlen(header)) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

bool ora_token_sign(const char *text, const char *header, char ret[ORA_TOKEN_SIGNATURE_ROOM],
                    struct octo_ora_error *error)
{
    BIO *from = BIO_new_mem_buf(text, -1);
    EVP_PKEY *key =
        from != NULL ? PEM_read_bio_PrivateKey(from, NULL, give_no_password, NULL) : NULL;
    uint8_t bytes[SIGNATURE_MAX];
    size_t length = sizeof(bytes);
    const bool ok = key != NULL && sign(key, header, bytes, &length);

    BIO_free(from);
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!ok) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "the token's private key is not what signs it: an RSA key as text (PEM), "
                         "without a password");
    }
    (void)EVP_EncodeBlock((unsigned char *)ret, bytes, (int)length);
    return true;
}

#include "net/tls_signature.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/* NULL: these numbers are no key. The caller frees it. */
static EVP_PKEY *key_of(const struct tls_rsa_key *numbers)
{
    BIGNUM *modulus = BN_bin2bn(numbers->modulus, (int)numbers->modulus_length, NULL);
    BIGNUM *exponent = BN_bin2bn(numbers->exponent, (int)numbers->exponent_length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params = NULL;
    EVP_PKEY *key = NULL;

    if (modulus != NULL && exponent != NULL && builder != NULL && maker != NULL &&
        BN_num_bits(modulus) >= TLS_RSA_BITS_LEAST &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1) {
        params = OSSL_PARAM_BLD_to_param(builder);
    }
    if (params != NULL && EVP_PKEY_fromdata_init(maker) == 1) {
        (void)EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, params);
    }
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(maker);
    OSSL_PARAM_BLD_free(builder);
    BN_free(exponent);
    BN_free(modulus);
    return key;
}

bool tls_rs256_is_right(const struct tls_rsa_key *key, const char *text, size_t length,
                        const uint8_t *signature, size_t signature_length)
{
    const size_t most = TLS_RSA_BITS_MOST / 8;
    EVP_PKEY *public_key;
    EVP_MD_CTX *digest;
    bool is_right;

    if (key->modulus_length > most || key->exponent_length > most) {
        return false;
    }
    public_key = key_of(key);
    digest = EVP_MD_CTX_new();
    is_right = public_key != NULL && digest != NULL &&
               EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, public_key) == 1 &&
               EVP_DigestVerify(digest, signature, signature_length, (const unsigned char *)text,
                                length) == 1;
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(public_key);
    ERR_clear_error();
    return is_right;
}

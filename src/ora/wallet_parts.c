#include "ora/wallet_parts.h"

#include <openssl/err.h>

#include "ora/fault.h"

bool ora_wallet_fault(const struct ora_wallet *wallet, struct octo_ora_error *error,
                      const char *words)
{
    return ora_fault(error, OCTO_ORA_USAGE, "wallet %.200s: %s", wallet->name, words);
}

bool ora_wallet_lacks_cipher(void)
{
    bool is_missing = false;
    unsigned long code;

    while ((code = ERR_get_error()) != 0) {
        is_missing = is_missing || (ERR_GET_LIB(code) == ERR_LIB_EVP &&
                                    (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
                                     ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM));
    }
    return is_missing;
}

bool ora_wallet_add(struct ora_wallet *wallet, X509 *certificate)
{
    if (sk_X509_push(wallet->certificates, certificate) > 0) {
        return true;
    }
    X509_free(certificate);
    return false;
}

void ora_wallet_fini(struct ora_wallet *wallet)
{
    EVP_PKEY_free(wallet->key);
    sk_X509_pop_free(wallet->certificates, X509_free);
    *wallet = (struct ora_wallet){.name = wallet->name};
}

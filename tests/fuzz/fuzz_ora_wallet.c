/*
 * Property: the bytes of a wallet are taken or refused with a sentence, whatever they are.
 */
#include <assert.h>
#include <stdint.h>

#include "ora/wallet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const words[] = {NULL, "w4llet"};

    for (size_t i = 0; size > 0 && i < sizeof(words) / sizeof(words[0]); i++) {
        const struct ora_wallet_from from = {.bytes = data, .size = size, .password = words[i]};
        SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
        struct octo_ora_error error = {.text = ""};
        bool has_authorities;

        assert(ctx != NULL);
        assert(ora_wallet_use(ctx, &from, &has_authorities, &error) == (error.text[0] == '\0'));
        SSL_CTX_free(ctx);
    }
    return 0;
}

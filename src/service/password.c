#include "service/password.h"

#include <argon2.h>
#include <stdint.h>
#include <string.h>

#include "core/rng.h"

enum {
    MEMORY_KIB = 19 * 1024,
    PASSES = 2,
    LANES = 1,
    SALT_BYTES = 16,
    HASH_BYTES = 32,
    GENERATED_LENGTH = 24,
};

/* Of a random text that nobody knows, with the parameters above. */
static const char DUMMY_HASH[] = "$argon2id$v=19$m=19456,t=2,p=1$"
                                 "b2N0by1kdW1teS1zYWx0IQ$"
                                 "3q2+78r+ur7erb7vyv66vt6tvu/K/rq+3q2+78r+ur4";

bool password_hash(const char *password, char out[PASSWORD_HASH_MAX], struct err *err)
{
    uint8_t salt[SALT_BYTES];
    int rc;

    rng_secret(salt, sizeof(salt));
    rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt,
                               sizeof(salt), HASH_BYTES, out, PASSWORD_HASH_MAX);
    if (rc != ARGON2_OK) {
        (void)err_set(err, ERR_INTERNAL, "cannot hash a password: %s", argon2_error_message(rc));
        err->native = rc;
        return false;
    }
    return true;
}

bool password_fits(const char *password, const char *hash)
{
    bool is_usable = strcmp(hash, PASSWORD_UNUSABLE) != 0;
    int rc = argon2id_verify(is_usable ? hash : DUMMY_HASH, password, strlen(password));

    return is_usable && rc == ARGON2_OK;
}

void password_generate(char out[PASSWORD_GENERATED_MAX])
{
    static const char ALPHABET[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    enum { LETTERS = sizeof(ALPHABET) - 1, FAIR = 256 - 256 % LETTERS };
    size_t length = 0;

    while (length < GENERATED_LENGTH) {
        uint8_t byte;

        rng_secret(&byte, 1);
        if (byte < FAIR) { /* the rest would make some letters likelier */
            out[length++] = ALPHABET[byte % LETTERS];
        }
    }
    out[length] = '\0';
}

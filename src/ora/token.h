/*
 * ora/token.h: proof that a token is in the hands of whom it was given to.
 */
#ifndef ORA_TOKEN_H
#define ORA_TOKEN_H

#include "ora/source.h"

enum { ORA_TOKEN_HEADER_ROOM = 768, ORA_TOKEN_SIGNATURE_ROOM = 2048 };

/* What is signed: when, for which service, and to which address. `now` in seconds of UTC. */
void ora_token_header(int64_t now, struct ora_slice service, const char *address, const char *port,
                      char ret[ORA_TOKEN_HEADER_ROOM]);
/* RSA with SHA-256 and PKCS#1 v1.5, in base64. `key` is a private key as text (PEM), without a
 * password. */
bool ora_token_sign(const char *key, const char *header, char ret[ORA_TOKEN_SIGNATURE_ROOM],
                    struct octo_ora_error *error);

#endif
